"""Several servers on one store, kept alive: one that is killed is started again."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests import etcd_process
from tests.server_process import ServerProcess

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a process holds."""

    memory: int
    """Resident bytes."""
    files: int


class Server:
    """One server on a port of its own."""

    def __init__(self, store: str, flags: Sequence[str]) -> None:
        port, _ = etcd_process.free_ports()
        self.address = f"127.0.0.1:{port}"
        self.starts = 0
        self.log: list[str] = []
        """What it wrote, over all its lives."""
        self.is_ready = False
        self._flags = ("--listen", self.address, "--store", store, *flags)
        self._process: ServerProcess | None = None
        self._reading: asyncio.Task[int] | None = None

    async def start(self) -> None:
        """Start it and wait until it is ready."""
        self._process = await ServerProcess.start(*self._flags)
        self._process.lines = self.log
        await self._process.ready()
        self.starts += 1
        self.is_ready = True
        # Its pipe must be read, or a full one would stop it.
        self._reading = asyncio.create_task(self._read(self._process))

    async def kill(self) -> None:
        """End it as a power cut would."""
        self.is_ready = False
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send(signal.SIGKILL)
        if self._reading is not None:
            await self._reading
        self._process = None

    def usage(self) -> Usage:
        """Return what it holds now."""
        assert self._process is not None
        folder = Path("/proc") / str(self._process._process.pid)
        return Usage(
            memory=int((folder / "statm").read_text().split()[1]) * _PAGE,
            files=len(list((folder / "fd").iterdir())),
        )

    async def _read(self, process: ServerProcess) -> int:
        while await process._line():
            pass
        return await process._process.wait()


@contextlib.asynccontextmanager
async def serving(servers: tuple[Server, ...]) -> AsyncGenerator[tuple[Server, ...], None]:
    """Start ``servers``, and end them afterwards."""
    try:
        for server in servers:
            await server.start()
        yield servers
    finally:
        for server in servers:
            await server.kill()
