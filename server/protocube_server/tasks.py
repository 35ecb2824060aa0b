"""Running work beside other work, with an owner that ends it."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Coroutine


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
