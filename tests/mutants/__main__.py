"""Puts mistakes into the code, one at a time, and tells which the tests do not notice.

    scripts/mutants [--count 200] [--seed 1] [--only server/protocube_server/cache] [--list]

A sample that a seed decides, over the parts that :data:`PARTS` names. Each mistake is made in a
copy of the tree, and the tests of its part run there until one fails. It is killed when one
does, or when they take much longer than without it; else it survived. It prints each, and a
table at the end. tests/mutants.md says of survivors that are known why they are none.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.mutants import mutations

if TYPE_CHECKING:
    from tests.mutants.mutations import Mutation

ROOT = Path(__file__).parents[2]
_COPIED = ("protos", "server", "client", "tests", "scripts", "docs", "examples", "locks")
_FILES = ("pyproject.toml", "README.md", "ARCHITECTURE.md", "CHANGELOG.md", "buf.yaml")
_SLOWER = 4
"""So many times as long as without a mistake tests may take, before they count as stuck."""
_SERVER, _CLIENT = "server/protocube_server", "client/protocube_client"
PARTS: dict[str, tuple[str, ...]] = {
    f"{_SERVER}/storage/sqlite": (
        "tests/storage/test_sqlite_file.py",
        "tests/storage/test_sqlite_incarnation.py",
        "tests/conformance",
        "tests/storage/test_sqlite_crash.py",
    ),
    f"{_SERVER}/storage/etcd": ("tests/storage", "tests/conformance"),
    f"{_SERVER}/storage": (
        "tests/storage",
        "tests/conformance",
        "tests/server/test_store_command.py",
    ),
    f"{_SERVER}/cache": ("tests/cache", "tests/simulation", "tests/server/test_watch.py"),
    f"{_SERVER}/calls": (
        "tests/calls",
        "tests/server/test_request_ids.py",
        "tests/server/test_fairness.py",
    ),
    f"{_SERVER}/verbs": (
        "tests/server",
        "tests/simulation",
        "tests/semantics",
        "tests/garbage_collection",
    ),
    f"{_SERVER}/kinds": (
        "tests/kinds",
        "tests/server/test_create.py",
        "tests/server/test_update.py",
    ),
    f"{_SERVER}/edge": ("tests/server", "tests/tls", "tests/authentication"),
    f"{_CLIENT}/resource": ("tests/client/resource", "tests/client/cli"),
    f"{_CLIENT}/watching.py": ("tests/client/test_watching.py", "tests/client/test_patience.py"),
}
"""The tests that should notice a mistake in each part, those first that tell soonest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A mistake and where it is."""

    file: Path
    mutation: Mutation

    @property
    def place(self) -> str:
        """File and line, from the root."""
        return f"{self.file.relative_to(ROOT)}:{self.mutation.line}"


def sample(count: int, seed: int, only: str) -> list[Mutant]:
    """Return so many mistakes, of all files alike by their length."""
    found = [
        Mutant(file=file, mutation=mutation)
        for part in PARTS
        for file in _files(part)
        if file.relative_to(ROOT).as_posix().startswith(only)
        for mutation in mutations.of(file.read_bytes())
    ]
    known = {(each.file, each.mutation.start, each.mutation.what): each for each in found}
    ordered = sorted(known.values(), key=lambda each: (each.place, each.mutation.start))
    return random.Random(seed).sample(ordered, min(count, len(ordered)))


def _files(part: str) -> list[Path]:
    path = ROOT / part
    return [path] if path.suffix else sorted(path.rglob("*.py"))


def _tests(mutant: Mutant) -> tuple[str, ...]:
    name = mutant.file.relative_to(ROOT).as_posix()
    return PARTS[max((part for part in PARTS if name.startswith(part)), key=len)]


class Tree:
    """A copy of the tree, in which mistakes are made."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
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
        self._known: dict[tuple[str, ...], float] = {}

    def takes(self, tests: tuple[str, ...]) -> float:
        """Return the seconds that tests take without a mistake. Raises when they fail."""
        if tests not in self._known:
            started = time.monotonic()
            if self._run(tests, None) != 0:
                raise SystemExit(f"mutants: {' '.join(tests)} fail without a mistake")
            self._known[tests] = time.monotonic() - started
        return self._known[tests]

    def notices(self, mutant: Mutant) -> str:
        """Return how a mistake was noticed; nothing when it was not."""
        tests = _tests(mutant)
        limit = self.takes(tests) * _SLOWER + 60
        file = self._folder / mutant.file.relative_to(ROOT)
        source = file.read_bytes()
        file.write_bytes(mutant.mutation.applied(source))
        try:
            code = self._run(tests, limit)
        except subprocess.TimeoutExpired:
            return "stuck"
        finally:
            file.write_bytes(source)
        return "killed" if code else ""

    def _run(self, tests: tuple[str, ...], limit: float | None) -> int:
        command = (sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-n", "0")
        roots = (self._folder / name for name in ("protos", "server", "client"))
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, roots))}
        process = subprocess.Popen(
            (*command, *tests),
            cwd=self._folder,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            return process.wait(limit)
        finally:
            # Also what the tests have started, and a mistake has kept them from ending.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def main() -> int:
    """Run the sample; the exit code is 0 when 85 of 100 were noticed."""
    parser = argparse.ArgumentParser(prog="scripts/mutants", description=__doc__)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="the beginning of the files' names")
    parser.add_argument("--list", action="store_true", help="say which mistakes, and make none")
    chosen = parser.parse_args()
    mutants = sample(chosen.count, chosen.seed, chosen.only)
    if chosen.list:
        for mutant in mutants:
            _say(f"{mutant.place}: {mutant.mutation.what}")
        return 0
    tree = Tree(ROOT / ".cache" / "mutants")
    table: dict[str, Counter[str]] = {}
    for number, mutant in enumerate(mutants, 1):
        how = tree.notices(mutant) or "survived"
        _say(f"{number}/{len(mutants)} {how:8} {mutant.place}: {mutant.mutation.what}")
        part = "/".join(mutant.file.relative_to(ROOT).parts[:3])
        table.setdefault(part, Counter())[how] += 1
    noticed = 0
    for part, counts in sorted(table.items()):
        killed = counts["killed"] + counts["stuck"]
        noticed += killed
        _say(f"{part:40} {killed:4} of {counts.total():4}")
    _say(f"{'noticed':40} {noticed:4} of {len(mutants):4}")
    return 0 if noticed >= 0.85 * len(mutants) else 1


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
