"""Starts the machines of a fleet.

``python controller.py [HOST:PORT]`` learns the kind from the server, watches it, and
writes what it has done into the status.
"""

from __future__ import annotations

import asyncio
import sys

from protocube_client import Client, EventType, update_with_retry


async def main(server: str) -> None:
    """Follow the machines of all namespaces until it is interrupted."""
    async with Client(server, field_manager="fleet-controller") as client:
        machine = await client.kind("fleet.example.com/v1", "Machine")

        def start(found: object) -> None:
            found.status.phase = "Running"

        async for event in client.watch(machine):
            name, namespace = event.object.metadata.name, event.object.metadata.namespace
            if event.type is EventType.DELETED or event.object.status.phase == "Running":
                continue
            await update_with_retry(
                client, machine, name, start, namespace=namespace, subresource="status"
            )
            cores = event.object.spec.cores
            sys.stdout.write(f"{namespace}/{name} is running with {cores} cores\n")
            sys.stdout.flush()


if __name__ == "__main__":
    try:
        asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:7443"))
    except KeyboardInterrupt:
        sys.exit(130)
