"""Watches of commands that go on until they are interrupted."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from google.protobuf.message import Message

    from protocube_client.cli.session import Session
    from protocube_client.watching import WatchEvent


async def each(
    events: AsyncGenerator[WatchEvent[Message], None],
    session: Session,
    show: Callable[[WatchEvent[Message]], None],
) -> None:
    """Call ``show`` with each event, for as long as ``--request-timeout`` allows.

    In kubectl a watch is one request: the end of its time is the end, and no failure.
    """
    try:
        async with asyncio.timeout(session.settings.timeout) as limit, aclosing(events):
            async for event in events:
                show(event)
    except TimeoutError:
        if not limit.expired():
            raise
