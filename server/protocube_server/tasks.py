"""Running work beside other work, with an owner that ends it."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Iterable

T = TypeVar("T")
R = TypeVar("R")


@contextlib.asynccontextmanager
async def beside(
    work: Coroutine[Any, Any, None], *, name: str | None = None
) -> AsyncGenerator[asyncio.Task[None], None]:
    """Run ``work`` while the context is open; on the way out, cancel it and wait for its end.

    An error that ended ``work`` before is raised on the way out, unless the context
    raises one itself.
    """
    task = asyncio.create_task(work, name=name)
    try:
        yield task
    except BaseException:
        task.cancel()
        await asyncio.wait({task})
        if not task.cancelled():
            task.exception()  # Known about: the context's own error is the one to raise.
        raise
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def until_one_ends(works: Iterable[Coroutine[Any, Any, object]]) -> None:
    """Run ``works`` until the first of them ends; then cancel the others and wait for their end.

    Raises what the first one raised.
    """
    running = [asyncio.create_task(work) for work in works]
    try:
        ended, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        for task in ended:
            task.result()
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def now_and_then(act: Callable[[], object], *, every: float) -> None:
    """Do ``act`` every so many seconds. Cancel it."""
    while True:
        await asyncio.sleep(every)
        act()


async def some_at_a_time(
    act: Callable[[T], Awaitable[R]], items: Iterable[T], *, at_once: int
) -> list[R]:
    """Return what ``act`` gives for each item, in order; ``at_once`` of them go together.

    Raises the first error once those that go together have ended; no other item is begun then.
    """
    left, results = list(items), list[R]()
    for first in range(0, len(left), at_once):
        some = (act(item) for item in left[first : first + at_once])
        for ended in await asyncio.gather(*some, return_exceptions=True):
            if isinstance(ended, BaseException):
                raise ended
            results.append(ended)
    return results
