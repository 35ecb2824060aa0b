"""Waiting until an object has the replicas that it was given."""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING

from protocube.errors import quote
from protocube_client import backoff
from protocube_client.cli.failures import CommandError

if TYPE_CHECKING:
    from protocube_client.cli.objects import Chosen
    from protocube_client.client import Client


async def until_scaled(client: Client, item: Chosen, replicas: int, *, seconds: float) -> None:
    """Return when the status has ``replicas``, or another number is wanted by then.

    Raises :class:`CommandError` after ``seconds``.
    """
    try:
        async with asyncio.timeout(seconds):
            for attempt in itertools.count():
                scale = await client.get_scale(
                    item.resource.message_class, item.name, namespace=item.namespace
                )
                if scale.spec.replicas != replicas or scale.status.replicas == replicas:
                    return
                await backoff.wait(backoff.doubling(attempt))
    except TimeoutError:
        raise CommandError(f"timed out waiting for {quote(item.name)} to be synced") from None
