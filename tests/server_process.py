"""A real ``cube-apiserver`` process for tests: started on a free port, stopped or killed.

``started`` is for tests that are coroutines; ``running`` for those that are not, and for
fixtures that outlive an event loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import subprocess
import sys
import threading
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Self

if TYPE_CHECKING:
    import signal
    from collections.abc import AsyncGenerator, Iterator, Mapping
    from pathlib import Path

_READY = re.compile(r"ready on (\S+:\d+)")
_SECONDS = 90.0


class ServerProcess:
    """One process. Its standard error is read line by line."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.address = ""
        self.lines: list[str] = []

    @classmethod
    async def start(cls, *flags: str, environment: Mapping[str, str] | None = None) -> Self:
        """Start it; without a ``--listen`` of their own, tests take a free port."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "protocube_server", *flags),
            stdin=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, **(environment or {})},
        )
        return cls(process)

    async def ready(self) -> str:
        """Return the address, once the server says that it listens there."""
        async with asyncio.timeout(_SECONDS):
            while line := await self._line():
                if found := _READY.search(line):
                    self.address = found[1]
                    return self.address
        raise AssertionError(f"the server ended without being ready: {self.lines}")

    @property
    def ready_line(self) -> str:
        """The line that says that it is ready, once :meth:`ready` has returned."""
        # On a slow machine another one says before it that the server listens.
        return next(line for line in self.lines if _READY.search(line))

    async def told(self) -> str:
        """Return the next line that the server writes."""
        async with asyncio.timeout(_SECONDS):
            return await self._line()

    async def ended(self) -> int:
        """Return the exit code, once the process has ended."""
        async with asyncio.timeout(_SECONDS):
            while await self._line():
                pass
            return await self._process.wait()

    @property
    def pid(self) -> int:
        """The id of the process."""
        return self._process.pid

    def send(self, number: signal.Signals) -> None:
        """Send a signal."""
        self._process.send_signal(number)

    async def kill(self) -> None:
        """End it as a power cut would; harmless when it has ended."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self.ended()

    async def _line(self) -> str:
        assert self._process.stderr is not None
        line = (await self._process.stderr.readline()).decode().rstrip("\n")
        if line:
            self.lines.append(line)
        return line


@contextlib.asynccontextmanager
async def started(
    *flags: str, environment: Mapping[str, str] | None = None
) -> AsyncGenerator[ServerProcess, None]:
    """Start a process and make sure that it has ended when the context closes."""
    process = await ServerProcess.start(*flags, environment=environment)
    try:
        yield process
    finally:
        await process.kill()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningServer:
    """A server that is ready."""

    address: str
    process: subprocess.Popen[str]


@contextlib.contextmanager
def running(store: Path, *flags: str) -> Iterator[RunningServer]:
    """Start a server on the SQLite file ``store``; it is stopped at the end."""
    command = [sys.executable, "-m", "protocube_server", "--listen", "127.0.0.1:0", *flags]
    process = subprocess.Popen(
        [*command, "--store", f"sqlite:{store}"], stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    seen: list[str] = []
    address = ""
    for line in process.stderr:
        seen.append(line)
        if found := _READY.search(line):
            address = found[1]
            break
    reader = threading.Thread(target=_drain, args=(process.stderr, seen))
    reader.start()
    try:
        assert address, f"the server did not start: {''.join(seen)}"
        yield RunningServer(address=address, process=process)
    finally:
        process.terminate()
        process.wait(timeout=20)
        reader.join()
        process.stderr.close()


def _drain(stream: IO[str], seen: list[str]) -> None:
    """Keep the pipe empty, or the server would stop at a write."""
    seen.extend(stream)
