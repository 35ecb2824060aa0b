"""Which tests reach a line: recorded once for each folder of tests, with coverage.py.

A recording has a name that the content of the programs and of the folder decides. Only tests
that pass in it are chosen afterwards: what fails without a mistake notices none.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import coverage

from tests.mutants import contents, telling

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from tests.mutants.sampling import Mutant
    from tests.mutants.trees import Tree

FOLDERS: Final = (
    "client",
    "server",
    "conformance",
    "kinds",
    "storage",
    "simulation",
    "semantics",
    "garbage_collection",
    "cache",
    "calls",
    "patching",
    "definitions",
    "sealing",
    "authentication",
    "authorization",
    "admission",
    "audit",
    "upkeep",
    "tls",
    "wire",
)
"""The folders of tests that are recorded, those that take longest first."""
_MOST_SECONDS = 1200
_BEGINNING = 4
_SETTINGS = """\
[run]
source =
    {folder}/server/protocube_server
    {folder}/client/protocube_client
data_file = {data}
parallel = true
context = ${{{context}-}}
disable_warnings = no-data-collected, module-not-imported
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """What the tests of a folder reach, and the seconds that each takes that passes."""

    data: Path
    seconds: Mapping[str, float]

    def reaching(self, name: str) -> Mapping[int, set[str]]:
        """Return the tests that reach each line of a file when they run."""
        recorded = coverage.CoverageData(basename=str(self.data))
        recorded.read()
        reached: dict[int, set[str]] = {}
        for file in recorded.measured_files():
            if file.endswith(f"/{name}"):
                for line, contexts in recorded.contexts_by_lineno(file).items():
                    reached.setdefault(line, set()).update(self._tests(contexts))
        recorded.close()
        return reached

    def _tests(self, contexts: Iterable[str]) -> Iterator[str]:
        for context in contexts:
            if context in self.seconds:
                yield context
            elif context.endswith(".py"):
                yield from (test for test in self.seconds if test.startswith(f"{context}::"))


def record(tree: Tree, folder: str, into: Path) -> Recording:
    """Return what the tests of a folder reach, recorded in a tree if that is not known."""
    name = f"{folder}-{contents.digest(tree.folder, *contents.PROGRAMS, f'tests/{folder}')}"
    data, times = into / f"{name}.lines", into / f"{name}.json"
    if not times.exists():
        settings = into / f"{name}.settings"
        settings.write_text(
            _SETTINGS.format(folder=tree.folder, data=data, context=telling.CONTEXT)
        )
        # Recording makes tests slow, and one that is ended takes what was recorded with it.
        run = tree.run(
            (f"tests/{folder}",),
            f"--timeout={_MOST_SECONDS}",
            environment={"COVERAGE_PROCESS_START": str(settings)},
        )
        recorder = coverage.Coverage(config_file=str(settings))
        recorder.combine()
        recorder.save()
        passed = {each.test: each.seconds for each in run.outcomes if each.outcome == "passed"}
        times.write_text(json.dumps(passed))
        for old in into.glob(f"{folder}-*"):
            if not old.name.startswith(f"{name}."):
                old.unlink()
    return Recording(data=data, seconds=json.loads(times.read_text()))


class Reach:
    """Chooses the tests for a mistake."""

    def __init__(self, recordings: Sequence[Recording], seconds: float) -> None:
        self._recordings = recordings
        self._most = seconds
        self._seconds: dict[str, float] = {}
        for recording in recordings:
            self._seconds.update(recording.seconds)

    def tests(self, mutant: Mutant) -> dict[str, float]:
        """Return tests and what they take, which are so many seconds together.

        Those that reach its line; for one that runs when its file is imported, those that reach
        the file; else those that are written for its part. Those of its part come first, of them
        those whose file has a name like that of the mistake's file, and of each file the quickest.
        """
        near = mutant.near
        found = self._reaching(mutant) or {test for test in self._seconds if test.startswith(near)}
        taken: Counter[str] = Counter()
        turns: dict[str, tuple[bool, bool, int]] = {}
        for test in sorted(found, key=lambda test: (self._seconds[test], test)):
            file = _file(test)
            taken[file] += 1
            is_about = not _words(file).isdisjoint(_words(mutant.name))
            turns[test] = not test.startswith(near), not is_about, taken[file]
        chosen: dict[str, float] = {}
        left = self._most
        for test in sorted(turns, key=lambda test: (*turns[test], self._seconds[test])):
            if not chosen or self._seconds[test] <= left:
                chosen[test] = self._seconds[test]
                left -= chosen[test]
        return chosen

    def _reaching(self, mutant: Mutant) -> set[str]:
        first, last = mutant.mutation.statement
        line: set[str] = set()
        statement: set[str] = set()
        file: set[str] = set()
        for recording in self._recordings:
            for number, tests in recording.reaching(mutant.name).items():
                file |= tests
                if first <= number <= last:
                    statement |= tests
                if number == mutant.mutation.line:
                    line |= tests
        return file if mutant.mutation.imported else line or statement or file


def _file(test: str) -> str:
    return test.partition("::")[0]


def _words(file: str) -> set[str]:
    """Return how the words begin that a file is called by: ``patches`` as ``test_patch``."""
    *_, name = file.removesuffix(".py").rpartition("/")
    return {word[:_BEGINNING] for word in name.removeprefix("test_").split("_")}
