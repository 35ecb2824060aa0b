"""A real etcd for tests: started on free ports, killed, paused and restarted at will."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.toolchains import missing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_INSTALLED = Path(__file__).parents[1] / ".cache" / "etcd" / "usr" / "bin" / "etcd"
_BUILT = Path(__file__).parents[1] / ".cache"
_READY = "serving client traffic"
_START_SECONDS = 30.0
_ATTEMPTS = 5


def binary() -> str:
    """Return the path of etcd. Without one the test is skipped, or fails where etcd is required."""
    for candidate in (os.environ.get("PROTOCUBE_ETCD"), shutil.which("etcd"), str(_INSTALLED)):
        if candidate and os.access(candidate, os.X_OK):
            return candidate
    raise missing("etcd", "no etcd: scripts/install-etcd, or one on PATH or in PROTOCUBE_ETCD")


def newer() -> str:
    """Return the newest etcd that ``scripts/install-etcd VERSION`` has built.

    Without one the test is skipped, or fails where a newer etcd is required.
    """
    found = sorted(_BUILT.glob("etcd-[0-9]*/etcd"), key=_version)
    if not found:
        raise missing("newer-etcd", "no newer etcd: scripts/install-etcd 3.6.16 builds one")
    return str(found[-1])


def _version(path: Path) -> list[int]:
    return [int(part) for part in path.parent.name.removeprefix("etcd-").split(".")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """A member's place in a cluster of several, whose ports are chosen beforehand."""

    name: str
    client_port: int
    peer_port: int
    peers: str
    """All members, as ``--initial-cluster`` takes them."""


class Etcd:
    """One member with a data directory and ports of its own.

    ``program`` is the etcd to run, ``flags`` are further ones of its own. Without a
    ``membership`` it is a cluster of one.
    """

    def __init__(
        self,
        directory: Path,
        *,
        program: str = "",
        flags: Sequence[str] = (),
        scheme: str = "http",
        membership: Membership | None = None,
    ) -> None:
        self._binary = program or binary()
        self._directory = directory
        self._flags = flags
        self._scheme = scheme
        self.membership = membership
        """Its place among several; ``None`` in a cluster of one."""
        self.token = "etcd-cluster"
        """What its cluster's id is made of, beside its address, when it has no data yet."""
        self._process: subprocess.Popen[str] | None = None
        self._client_port = membership.client_port if membership else 0
        self._peer_port = membership.peer_port if membership else 0

    @property
    def endpoint(self) -> str:
        """Where clients connect, as ``host:port``."""
        return f"127.0.0.1:{self._client_port}"

    @property
    def pid(self) -> int:
        """Its process, while it runs."""
        assert self._process is not None
        return self._process.pid

    @property
    def directory(self) -> Path:
        """Where its data lies, in ``data``."""
        return self._directory

    @property
    def peer(self) -> str:
        """Where members would reach it."""
        return f"http://127.0.0.1:{self._peer_port}"

    @property
    def log(self) -> Path:
        """What it wrote."""
        return self._directory / "log"

    def start(self) -> None:
        """Start it and wait until it serves; after :meth:`kill`, on the same data and ports."""
        attempts = 1 if self._client_port else _ATTEMPTS
        for _ in range(attempts):
            if attempts > 1:
                # Another process may take a free port before etcd does: then two others.
                self._client_port, self._peer_port = free_ports()
            if self._serves():
                return
        pytest.fail(f"etcd does not start: {self.log.read_text()[-2000:]}")

    def kill(self) -> None:
        """End it as a power cut would, and wait until it is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def pause(self) -> None:
        """Stop it in its tracks, connections open."""
        self._signal(signal.SIGSTOP)
        assert self._process is not None
        # The signal takes a moment to reach each of its threads.
        os.waitpid(self._process.pid, os.WUNTRACED)

    def resume(self) -> None:
        """Let it go on after :meth:`pause`."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def _serves(self) -> bool:
        client = f"{self._scheme}://{self.endpoint}"
        peer = f"http://127.0.0.1:{self._peer_port}"
        member = self.membership
        name = member.name if member else "one"
        self._directory.mkdir(parents=True, exist_ok=True)
        process = self._process = subprocess.Popen(
            [
                *dying_with_us(),
                self._binary,
                *("--name", name, "--data-dir", str(self._directory / "data")),
                *("--listen-client-urls", client, "--advertise-client-urls", client),
                *("--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer),
                *("--initial-cluster", member.peers if member else f"one={peer}"),
                *("--initial-cluster-token", self.token),
                *("--logger", "zap", "--log-outputs", "stderr"),
                # A cluster of one has nobody to wait for.
                *(() if member else ("--heartbeat-interval", "10", "--election-timeout", "100")),
                *self._flags,
            ],
            env={"PATH": os.environ.get("PATH", "")},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        ready = threading.Event()
        ended = threading.Thread(target=self._follow, args=(process, ready), daemon=True)
        ended.start()
        if not ready.wait(_START_SECONDS) or process.poll() is not None:
            self.kill()
            return False
        return True

    def _follow(self, process: subprocess.Popen[str], ready: threading.Event) -> None:
        assert process.stderr is not None
        with process.stderr, self.log.open("a") as log:
            for line in process.stderr:
                log.write(line)
                log.flush()
                if _READY in line:
                    ready.set()
        process.wait()
        ready.set()  # It will not be ready any more; nobody should wait for it.


@contextlib.contextmanager
def running(
    directory: Path, *, program: str = "", flags: Sequence[str] = (), scheme: str = "http"
) -> Iterator[Etcd]:
    """Provide a started etcd whose data is in ``directory``, and end it afterwards."""
    etcd = Etcd(directory, program=program, flags=flags, scheme=scheme)
    etcd.start()
    try:
        yield etcd
    finally:
        etcd.kill()


def dying_with_us() -> tuple[str, ...]:
    """Return what ends a process with its starter, also when a test run is cut off."""
    setpriv = shutil.which("setpriv")
    return (setpriv, "--pdeathsig", "KILL") if setpriv else ()


def free_ports() -> tuple[int, int]:
    """Return two ports that nobody listens on now."""
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]
