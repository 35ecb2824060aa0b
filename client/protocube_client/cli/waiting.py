"""Waiting until objects have gone."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from protocube_client.cli import object_changes
from protocube_client.cli.failures import CommandError

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
    # What a deletion answers may be of the version at which the object went.
    found = await object_changes.current(client, resource, message)
    if found is None:
        return
    async with aclosing(object_changes.until_deleted(client, resource, found)) as versions:
        async for _ in versions:
            pass
