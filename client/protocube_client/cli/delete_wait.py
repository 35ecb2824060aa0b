"""Waiting for objects that finalizers keep."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from protocube_client.cli.failures import CommandError
from protocube_client.watching import EventType

if TYPE_CHECKING:
    from protocube.catalog import Resource

    from protocube_client.client import Client


async def until_gone(client: Client, resource: Resource, message: Any, limit: float) -> None:
    """Return when the object that a deletion gave as ``message`` is no more.

    Raises :class:`CommandError` after ``limit`` seconds; 0 waits for ever.
    """
    metadata = message.metadata
    events = client.watch(
        resource.message_class,
        namespace=metadata.namespace,
        field_selector=f"metadata.name={metadata.name}",
        resource_version=metadata.resource_version,
    )
    try:
        async with asyncio.timeout(limit or None), aclosing(events):
            async for event in events:
                if event.type is EventType.DELETED:
                    return
    except TimeoutError:
        name = f"{resource.qualified}/{metadata.name}"
        raise CommandError(f"timed out waiting for the condition on {name}") from None
