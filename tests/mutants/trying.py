"""One mistake: made in a tree, and judged by the tests that are chosen for it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from pathlib import Path

    from tests.mutants.sampling import Mutant
    from tests.mutants.trees import Tree

_SLOWER = 5
"""So many times as long as when it was recorded a test may take, before it counts as stuck."""
_AT_LEAST = 30.0
"""Seconds that any test may take besides: it may be the first, which starts what others share."""
SURVIVED: Final = "survived"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of a mistake."""

    key: str
    how: str
    """``killed``, ``stuck`` or ``survived``."""

    by: str
    """The test that noticed it, or how many did not."""

    tree: str
    """The digest of the tree that it was tried in."""


class Results:
    """The results of a file, which has one a line, so that an interrupted run can go on."""

    def __init__(self, file: Path, tree: str, *, of_any_tree: bool) -> None:
        self._file = file
        self._tree = tree
        self.known: dict[str, Result] = {}
        """The results so far, by the key of the mistake."""
        for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else ():
            result = Result(**json.loads(line))
            if of_any_tree or result.tree == tree:
                self.known[result.key] = result

    def add(self, mutant: Mutant, *, how: str, by: str) -> Result:
        """Keep what became of a mistake."""
        result = Result(key=mutant.key, how=how, by=by, tree=self._tree)
        self.known[mutant.key] = result
        with self._file.open("a", encoding="utf-8") as written:
            written.write(f"{json.dumps(asdict(result))}\n")
        return result


class Trial:
    """Tries mistakes with tests that are chosen for each, and the seconds that they take."""

    def __init__(
        self, choose: Callable[[Mutant], Mapping[str, float]], *, at_least: float = _AT_LEAST
    ) -> None:
        self._choose = choose
        self._at_least = at_least
        self._unfit: set[str] = set()

    def of(self, mutant: Mutant, tree: Tree) -> tuple[str, str]:
        """Return how a mistake was noticed in a tree, and by which test."""
        chosen = self._choose(mutant)
        tests = {test: each for test, each in chosen.items() if test not in self._unfit}
        if not tests:
            return SURVIVED, "no test"
        with tree.having(mutant):
            run = tree.run(
                list(tests),
                "-x",
                seconds=60 + _SLOWER * sum(tests.values()),
                limits={test: self._at_least + _SLOWER * each for test, each in tests.items()},
            )
        if run.code == 0:
            return SURVIVED, f"{len(tests)} tests"
        how = "stuck" if run.late or run.unended else "killed"
        if "::" not in run.failed:
            # Nothing ran, which is the mistake's work only if it works without it.
            if tree.run(list(tests), "--collect-only").code != 0:
                raise SystemExit(f"mutants: not all of these are there: {' '.join(tests)}")
            return how, run.failed or "their collection"
        return how, run.failed

    def unfit(self, tests: Collection[str], tree: Tree) -> set[str]:
        """Return those of the tests that fail without a mistake, and choose them no more."""
        named = sorted(test for test in tests if "::" in test)
        if not named:
            return set()
        run = tree.run(named)
        passed = {each.test for each in run.outcomes if each.outcome == "passed"}
        found = set(named) - passed
        self._unfit |= found
        return found
