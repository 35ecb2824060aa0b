"""The client of Protocube: a library for any kind, and the command line ``cubectl``.

    import asyncio

    from protocube.core.v1.pod_pb2 import Pod
    from protocube_client import Client

    async def main() -> None:
        async with Client("127.0.0.1:7443") as client:
            for pod in await client.list(Pod, namespace="default"):
                print(pod.metadata.name)

    asyncio.run(main())

Errors are exceptions of :mod:`protocube.errors`; :mod:`protocube_client.bulk` makes the writes of
a stream, and ``protocube_server.testing`` a server for tests. docs/clients/python.md is the guide,
docs/clients/python-reference.md the reference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__all__ = [
    "CannotConnect",
    "Client",
    "Connection",
    "ConnectionRefused",
    "EventType",
    "ExecPlugin",
    "Listing",
    "Page",
    "Plaintext",
    "Tls",
    "WatchEvent",
    "WatchRevision",
    "WatchedKind",
    "update_with_retry",
]

if TYPE_CHECKING:
    from protocube_client.client import Client
    from protocube_client.connection.connection import Connection
    from protocube_client.connection.exec_plugin import ExecPlugin
    from protocube_client.connection.transport import Plaintext, Tls
    from protocube_client.connection.unreachable import CannotConnect, ConnectionRefused
    from protocube_client.listing import Listing, Page
    from protocube_client.retry import update_with_retry
    from protocube_client.watching import EventType, WatchEvent
    from protocube_client.watching_all import WatchedKind, WatchRevision

_HOMES = {
    "CannotConnect": "connection.unreachable",
    "Client": "client",
    "Connection": "connection.connection",
    "ConnectionRefused": "connection.unreachable",
    "EventType": "watching",
    "ExecPlugin": "connection.exec_plugin",
    "Listing": "listing",
    "Page": "listing",
    "Plaintext": "connection.transport",
    "Tls": "connection.transport",
    "WatchEvent": "watching",
    "WatchRevision": "watching_all",
    "WatchedKind": "watching_all",
    "update_with_retry": "retry",
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first used: the command line starts without them."""
    import importlib

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return the public names, for ``dir`` and ``help``: they are not imported yet."""
    return sorted(set(globals()) | set(__all__))
