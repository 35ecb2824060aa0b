"""What is put under load: a server on a store, an echo, or etcd itself; each a fresh one."""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from tests import etcd_process
from tests.bench import figures

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextlib import AbstractContextManager

_READY = re.compile(r"ready on (\S+:\d+) \(.*pid (\d+)\b")
_END_SECONDS = 15.0

# What the tests give their etcd so that it starts at once makes it tick more often than
# one in service does: this is etcd's own pace.
_ETCD_FLAGS = ("--heartbeat-interval", "100", "--election-timeout", "500")


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Something that takes calls."""

    name: str
    """Its column in the table."""
    target: Literal["protocube", "echo", "etcd"]
    """What the load generator calls it."""
    address: str
    pids: Mapping[str, int] = field(default_factory=dict)
    """Its processes: ``server``, ``etcd``."""
    ready: float = 0.0
    """Seconds from its start until it was ready."""

    def resident(self) -> float:
        """Return the megabytes of memory that its server holds now."""
        for line in Path(f"/proc/{self.pids['server']}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024 / 1e6
        return 0.0


class CannotStartError(Exception):
    """A subject ended before it was ready; the text has its last lines."""


def opened(name: str, folder: Path) -> AbstractContextManager[Subject]:
    """Start a subject whose data is in ``folder``; it has ended when the context closes.

    Raises :class:`CannotStartError`, and what pytest raises to skip when there is no etcd.
    """
    makers = {
        figures.ETCD: _on_etcd,
        figures.SQLITE: _on_sqlite,
        figures.ECHO: _echo,
        figures.STORE: _etcd_itself,
    }
    return makers[name](folder)


@contextlib.contextmanager
def _on_etcd(folder: Path) -> Iterator[Subject]:
    with etcd_process.running(folder / "etcd", flags=_ETCD_FLAGS) as etcd:
        flags = ("--listen", "127.0.0.1:0", "--store", f"etcd://{etcd.endpoint}")
        with _process("protocube_server", *flags) as served:
            yield Subject(
                name=figures.ETCD,
                target="protocube",
                address=served.address,
                pids={"server": served.pid, "etcd": etcd.pid},
                ready=served.ready,
            )


def _on_sqlite(folder: Path) -> AbstractContextManager[Subject]:
    return on_sqlite(folder)


@contextlib.contextmanager
def on_sqlite(folder: Path, *more: str) -> Iterator[Subject]:
    """Start a server with more flags on a file in ``folder``; it has ended at the end."""
    flags = ("--listen", "127.0.0.1:0", "--store", f"sqlite:{folder / 'store.db'}", *more)
    with _process("protocube_server", *flags) as served:
        yield Subject(
            name=figures.SQLITE,
            target="protocube",
            address=served.address,
            pids={"server": served.pid},
            ready=served.ready,
        )


@contextlib.contextmanager
def _echo(folder: Path) -> Iterator[Subject]:  # noqa: ARG001  # it keeps nothing
    with _process("tests.bench.echo_server") as served:
        yield Subject(
            name=figures.ECHO,
            target="echo",
            address=served.address,
            pids={"server": served.pid},
            ready=served.ready,
        )


@contextlib.contextmanager
def _etcd_itself(folder: Path) -> Iterator[Subject]:
    with etcd_process.running(folder / "etcd", flags=_ETCD_FLAGS) as etcd:
        yield Subject(
            name=figures.STORE,
            target="etcd",
            address=etcd.endpoint,
            pids={"etcd": etcd.pid},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Served:
    address: str
    pid: int
    ready: float


@contextlib.contextmanager
def _process(module: str, *flags: str) -> Iterator[_Served]:
    """Run a module that says on standard error where it is ready."""
    started = time.monotonic()
    process = subprocess.Popen(
        [*etcd_process.dying_with_us(), sys.executable, "-m", module, *flags],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    lines: list[str] = []
    try:
        found = None
        for line in process.stderr:
            lines.append(line)
            found = _READY.search(line)
            if found:
                break
        ready = time.monotonic() - started
        if found is None:
            raise CannotStartError(f"{module}: {''.join(lines[-5:])}")
        # Its pipe has to be emptied, or it would stop at a write.
        reader = threading.Thread(target=lines.extend, args=(process.stderr,), daemon=True)
        reader.start()
        yield _Served(address=found[1], pid=int(found[2]), ready=ready)
    finally:
        process.terminate()
        try:
            process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
