"""A real etcd for tests: started on free ports, killed, paused and restarted at will."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

_INSTALLED = Path(__file__).parents[1] / ".cache" / "etcd" / "usr" / "bin" / "etcd"
_READY = "serving client traffic"
_START_SECONDS = 30.0
_ATTEMPTS = 5


def binary() -> str:
    """Give the path of etcd. Without one the test is skipped, or fails where etcd is required."""
    for candidate in (os.environ.get("PROTOCUBE_ETCD"), shutil.which("etcd"), str(_INSTALLED)):
        if candidate and os.access(candidate, os.X_OK):
            return candidate
    reason = "no etcd: run scripts/install-etcd, put one on PATH, or name it in PROTOCUBE_ETCD"
    if "etcd" in os.environ.get("PROTOCUBE_TEST_REQUIRE", "").split():
        pytest.fail(reason)
    pytest.skip(reason)


class Etcd:
    """One member with a data directory and ports of its own."""

    def __init__(self, directory: Path) -> None:
        self._binary = binary()
        self._directory = directory
        self._process: subprocess.Popen[str] | None = None
        self._client_port = self._peer_port = 0

    @property
    def endpoint(self) -> str:
        """Where clients connect, as ``host:port``."""
        return f"127.0.0.1:{self._client_port}"

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
                self._client_port, self._peer_port = _free_ports()
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
        client, peer = f"http://{self.endpoint}", f"http://127.0.0.1:{self._peer_port}"
        self._directory.mkdir(parents=True, exist_ok=True)
        process = self._process = subprocess.Popen(
            [
                *_dying_with_us(),
                self._binary,
                *("--name", "one", "--data-dir", str(self._directory / "data")),
                *("--listen-client-urls", client, "--advertise-client-urls", client),
                *("--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer),
                *("--initial-cluster", f"one={peer}"),
                *("--logger", "zap", "--log-outputs", "stderr"),
                # A cluster of one has nobody to wait for.
                *("--heartbeat-interval", "10", "--election-timeout", "100"),
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
def running(directory: Path) -> Iterator[Etcd]:
    """Give a started etcd whose data is in ``directory``, and end it afterwards."""
    etcd = Etcd(directory)
    etcd.start()
    try:
        yield etcd
    finally:
        etcd.kill()


def _dying_with_us() -> tuple[str, ...]:
    """Give what ends a process with its starter, also when a test run is cut off."""
    setpriv = shutil.which("setpriv")
    return (setpriv, "--pdeathsig", "KILL") if setpriv else ()


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]
