"""Waiting before a call is made again: how long, and until when at most."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from protocube.errors import ApiError

_SPREAD = 0.25
"""A delay is lengthened by up to this part of itself."""
_SHORTEST_SECONDS = 0.05
_LONGEST_SECONDS = 5.0
_stop: ContextVar[asyncio.Event | None] = ContextVar("stop", default=None)


def requested(error: ApiError) -> float | None:
    """Return the seconds to wait because the server asks for a delay, ``None`` when it does not.

    They are never fewer than the server's own, and up to a quarter more: callers that
    were refused together would otherwise return together, and be refused again.
    """
    if error.retry_after is None:
        return None
    # Imported here: a command whose calls are not refused starts sooner without it.
    import random

    return error.retry_after * (1.0 + _SPREAD * random.random())  # noqa: S311  # not for secrets


def doubling(failures: int) -> float:
    """Return the seconds to wait after so many failures in a row.

    They double from 0.05 to 5, and are spread so that callers do not return together.
    """
    import random

    longest: float = min(_SHORTEST_SECONDS * 2 ** min(failures, 16), _LONGEST_SECONDS)
    return longest * random.uniform(0.5, 1.0)  # noqa: S311  # not for secrets


@contextmanager
def stopped_by(event: asyncio.Event) -> Iterator[None]:
    """Let ``event`` end the waits of all tasks that are begun inside."""
    token = _stop.set(event)
    try:
        yield
    finally:
        _stop.reset(token)


def is_stopped() -> Callable[[], bool]:
    """Return what tells whether the event of :func:`stopped_by` that is in force now is set."""
    stop = _stop.get()
    return (lambda: False) if stop is None else stop.is_set


async def wait(seconds: float) -> None:
    """Sleep. Raises ``CancelledError`` once the event of :func:`stopped_by` is set."""
    stop = _stop.get()
    if stop is None:
        await asyncio.sleep(seconds)
        return
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
    raise asyncio.CancelledError
