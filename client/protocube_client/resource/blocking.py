"""Calls that block, run so that a command can end without waiting for them."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


async def run(call: Callable[[], T]) -> T:
    """Return what ``call`` gives, or raise what it raises.

    It has a thread of its own. When this is cancelled the thread is left to itself, and
    the process may end before it does: an interrupted command must not wait for a server
    that does not answer, as it would with ``asyncio.to_thread``.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if done.done():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(result)  # type: ignore[arg-type]  # without an error there is one

    def work() -> None:
        result, error = None, None
        try:
            result = call()
        except BaseException as raised:  # noqa: BLE001  # raised again where it is awaited
            error = raised
        # The loop may have been closed meanwhile.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=work, daemon=True).start()
    return await done


async def readable(descriptor: int) -> None:
    """Wait until a read of ``descriptor`` gives something; at once where that is not known."""
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    try:
        loop.add_reader(descriptor, ready.set)
    except (OSError, NotImplementedError):
        # Files on a disk are always ready, and not every event loop can tell.
        return
    try:
        await ready.wait()
    finally:
        loop.remove_reader(descriptor)
