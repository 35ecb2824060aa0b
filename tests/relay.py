"""A TCP relay in front of a server, whose connections can be cut, stalled or half silenced."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType


class Relay:
    """Passes bytes on between clients and ``target`` (``HOST:PORT``)."""

    def __init__(self, target: str) -> None:
        self.aim(target)
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._is_mute = False
        self._mark: bytes | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self.connections = 0
        self.asked = asyncio.Event()
        """Set when a client has sent something while answers are held back."""

    async def __aenter__(self) -> Self:
        """Listen on a free port."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.address = f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop listening and cut what is left."""
        self._server.close()
        self.cut()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def aim(self, target: str) -> None:
        """Send the connections that are made from now on to ``target``."""
        self._host, _, port = target.rpartition(":")
        self._port = int(port)

    def stall(self) -> None:
        """Let nothing through, in either direction, as when a peer has vanished.

        What is sent meanwhile arrives after it, like packets that were sent again, unless
        the connection is cut.
        """
        self._flowing.clear()

    def go_on(self) -> None:
        """End a stall."""
        self._flowing.set()

    def hold_answers(self) -> None:
        """Let nothing of the server through any more; what it sends is lost."""
        self._is_mute = True
        self.asked.clear()

    def hold_answers_after(self, mark: bytes) -> None:
        """Hold answers back once a client has sent something with ``mark`` in it."""
        self._mark = mark

    def give_answers(self) -> None:
        """Let through again what the server sends from now on."""
        self._is_mute = False
        self._mark = None

    def cut(self) -> None:
        """Reset every connection; new ones are accepted."""
        for writer in tuple(self._writers):
            writer.transport.abort()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.add(writer)
        try:
            far_reader, far_writer = await asyncio.open_connection(self._host, self._port)
        except OSError:
            writer.transport.abort()
            return
        pair = {writer, far_writer}
        self._writers |= pair
        for passing in (
            self._pass(reader, far_writer, pair, answers=False),
            self._pass(far_reader, writer, pair, answers=True),
        ):
            task = asyncio.create_task(passing)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pass(
        self,
        source: asyncio.StreamReader,
        sink: asyncio.StreamWriter,
        pair: set[asyncio.StreamWriter],
        *,
        answers: bool,
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(65536):
                await self._flowing.wait()
                if self._mark is not None and self._mark in data and not answers:
                    self._is_mute = True
                if self._is_mute:
                    self.asked.set()
                    if answers:
                        continue
                sink.write(data)
                await sink.drain()
        for writer in pair:
            writer.close()
        self._writers -= pair
