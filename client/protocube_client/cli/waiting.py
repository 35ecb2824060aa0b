"""Waiting until objects have gone."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube_client.cli.failures import CommandError
from protocube_client.watching import EventType

if TYPE_CHECKING:
    from protocube.catalog import Resource
    from protocube_client.client import Client


async def until_gone(client: Client, resource: Resource, message: Any, limit: float) -> None:
    """Return when the object that a deletion gave as ``message`` is no more.

    Raises :class:`CommandError` after ``limit`` seconds; 0 waits for ever.
    """
    try:
        async with asyncio.timeout(limit if limit > 0 else None):
            await gone(client, resource, message)
    except TimeoutError:
        name = f"{resource.plural}/{message.metadata.name}"
        raise CommandError(f"timed out waiting for the condition on {name}") from None


async def gone(client: Client, resource: Resource, message: Any) -> None:
    """Return when the object that was read as ``message`` is no more, however long it takes.

    A new object of its name does not count.
    """
    metadata = message.metadata
    while await _is_there(client, resource, metadata):
        try:
            await _deletion(client, resource, metadata)
        except errors.Expired:
            # What happened since is forgotten: look again.
            continue
        return


async def _is_there(client: Client, resource: Resource, metadata: Any) -> bool:
    """Tell whether the object is there, and take over its present version."""
    try:
        found: Any = await client.get(
            resource.message_class, metadata.name, namespace=metadata.namespace
        )
    except errors.NotFound:
        return False
    is_same = bool(found.metadata.uid == metadata.uid)
    if is_same:
        metadata.resource_version = found.metadata.resource_version
    return is_same


async def _deletion(client: Client, resource: Resource, metadata: Any) -> None:
    events = client.watch(
        resource.message_class,
        namespace=metadata.namespace,
        field_selector=f"metadata.name={metadata.name}",
        resource_version=metadata.resource_version,
    )
    async with aclosing(events):
        async for event in events:
            if event.type is EventType.DELETED:
                return
