"""Copies of the tree, in which mistakes are made and tests run."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.mutants import contents, telling
from tests.mutants.contents import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tests.mutants.sampling import Mutant

_COPIED = ("protos", "server", "client", "tests", "scripts", "docs", "examples", "locks")
_FILES = ("pyproject.toml", "README.md", "ARCHITECTURE.md", "CHANGELOG.md", "buf.yaml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one test."""

    test: str
    seconds: float
    outcome: str
    """``passed``, ``failed`` or ``skipped``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What became of the tests of one run."""

    code: int
    """pytest's exit code; less than nothing when it was killed."""

    late: bool
    """Tells whether it was killed because it took too long."""

    outcomes: tuple[Outcome, ...]
    unended: str
    """The test that had begun and not ended, if there was one."""

    @property
    def failed(self) -> str:
        """The test that did not pass, if one did not."""
        first = (each.test for each in self.outcomes if each.outcome == "failed")
        return next(first, self.unended)


class Tree:
    """A copy of the tree. It is made anew each time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name in _COPIED:
            shutil.copytree(
                ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__")
            )
        for name in _FILES:
            shutil.copy(ROOT / name, folder / name)
        (folder / ".cache").symlink_to(ROOT / ".cache")
        (folder / ".venv").symlink_to(ROOT / ".venv")

    @contextlib.contextmanager
    def having(self, mutant: Mutant) -> Iterator[None]:
        """Let the tree have a mistake meanwhile."""
        file = self.folder / mutant.name
        source = file.read_bytes()
        _write(file, mutant.mutation.applied(source))
        try:
            yield
        finally:
            _write(file, source)

    def run(
        self,
        tests: Sequence[str],
        *flags: str,
        seconds: float | None = None,
        limits: Mapping[str, float] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> Run:
        """Run tests or folders in this order, for at most so many seconds."""
        beside = self.folder.with_suffix(".tests"), self.folder.with_suffix(".limits")
        told = self.folder.with_suffix(".outcomes")
        told.write_text("")
        beside[0].write_text("".join(f"{test}\n" for test in tests))
        beside[1].write_text(json.dumps(dict(limits or {})))
        command = (sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider")
        variables = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(
                str(self.folder / name) for name in (".", *contents.PROGRAMS)
            ),
            telling.OUTCOMES: str(told),
            telling.LIMITS: str(beside[1]),
            **(environment or {}),
        }
        with self.folder.with_suffix(".log").open("wb") as log:
            process = subprocess.Popen(
                (*command, "-p", "tests.mutants.telling", *flags, f"@{beside[0]}"),
                cwd=self.folder,
                env=variables,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        late = False
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            late = True
        finally:
            # Also what the tests have started, and a mistake has kept them from ending.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        return _read(told, process.returncode, late=late)


def _write(file: Path, source: bytes) -> None:
    file.write_bytes(source)
    # It tells by time and size alone that a file has changed, and times are of whole seconds.
    Path(importlib.util.cache_from_source(str(file))).unlink(missing_ok=True)


def _read(told: Path, code: int, *, late: bool) -> Run:
    outcomes, unended = [], ""
    for line in told.read_text(encoding="utf-8").splitlines():
        words = json.loads(line)
        unended = words.get("begun", "")
        if not unended:
            outcomes.append(Outcome(**words))
    return Run(code=code, late=late, outcomes=tuple(outcomes), unended=unended)
