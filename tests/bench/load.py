"""The load generator: built from ``tests/bench/go``, run beside a subject, and read.

Why one of our own, where ``scripts/load`` has ghz: ghz encodes every request anew from JSON,
which takes more of the cores that it shares with the server, and it can neither follow
continue tokens nor say when which event arrived. This one sends and takes bytes, measures
etcd itself by the same code, and gives exact percentiles of all samples.
"""

from __future__ import annotations

import fcntl
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests import etcd_process, toolchains

if TYPE_CHECKING:
    from tests.bench.objects import Kind
    from tests.bench.subjects import Subject

ROOT = Path(__file__).parents[2]
_SOURCE = Path(__file__).parent / "go"
_PROGRAM = ROOT / ".cache" / "bench" / "load"
_BUILD_SECONDS = 300.0
_PATIENCE = 60.0
"""Seconds that a run may take beyond its own: watchers wait for what is late."""
_SLOWEST = 200
"""Objects a second: making them slower than that is a failure."""


class CannotBuildError(Exception):
    """There is no Go, or it does not build the load generator."""


class CannotMeasureError(Exception):
    """A measurement failed; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """The program, and how many seconds a measurement takes: first ``warm``, then ``counted``."""

    warm: float
    counted: float

    def run(self, command: str, subject: Subject, kind: Kind, **flags: str | int) -> Any:
        """Return what ``load COMMAND`` printed. Raises :class:`CannotMeasureError`."""
        flags = {"warm": f"{self.warm}s", "for": f"{self.counted}s", **flags}
        words = [
            # A signal may reach us before we know the process that we start.
            *etcd_process.dying_with_us(),
            *(str(_PROGRAM), command, "-target", subject.target, "-address", subject.address),
            *("-service", kind.service, "-object", kind.object),
            *("-message", kind.message),
            *(f"-cpu={name}={pid}" for name, pid in subject.pids.items()),
            *(f"-{name.replace('_', '-')}={value}" for name, value in flags.items()),
        ]
        seconds = self.warm + self.counted + _PATIENCE + int(flags.get("count", 0)) / _SLOWEST
        with subprocess.Popen(
            words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            try:
                out, err = process.communicate(timeout=seconds)
            except subprocess.TimeoutExpired as error:
                raise CannotMeasureError(f"it did not end in {seconds:.0f} s") from error
            finally:
                # Whatever ended the wait: it must not load what is measured next.
                process.kill()
                process.wait()
        if process.returncode:
            raise CannotMeasureError(err.strip()[-500:])
        return json.loads(out)


def build() -> None:
    """Build the program; the second time takes a second. Raises :class:`CannotBuildError`."""
    fault = toolchains.fault("go")
    if fault:
        raise CannotBuildError(fault)
    _PROGRAM.parent.mkdir(parents=True, exist_ok=True)
    try:
        with _PROGRAM.with_suffix(".lock").open("w") as lock:
            # Two runs at once: the second finds it built, and does not write it again.
            fcntl.flock(lock, fcntl.LOCK_EX)
            done = subprocess.run(
                ["go", "build", "-mod=readonly", "-trimpath", "-o", str(_PROGRAM), "."],
                cwd=_SOURCE,
                capture_output=True,
                text=True,
                check=False,
                timeout=_BUILD_SECONDS,
            )
    except subprocess.TimeoutExpired as error:
        raise CannotBuildError(f"go did not build it in {_BUILD_SECONDS:.0f} s") from error
    if done.returncode:
        raise CannotBuildError(f"go does not build the load generator: {done.stderr[-500:]}")
