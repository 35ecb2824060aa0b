"""A mistake is judged by tests that reach its line, and by none that fails without it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.mutants import reach, sampling
from tests.mutants.reach import Reach, Recording
from tests.mutants.trees import Tree
from tests.mutants.trying import SURVIVED, Results, Trial

if TYPE_CHECKING:
    from pathlib import Path

    from tests.mutants.sampling import Mutant

NAME = "server/protocube_server/calls/shares.py"
LINE = "return small(call) if len(call.raw) < most else large(call)"
BLIND = "tests/calls/test_shares.py::test_a_watch_takes_no_seat"
NOTICING = "tests/calls/test_shares.py::test_a_class_without_a_free_seat_keeps_no_other_one_waiting"


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    """Provide a copy of the tree."""
    return Tree(tmp_path_factory.mktemp("mutants") / "tree")


@pytest.fixture
def mutant(tree: Tree) -> Mutant:
    """Provide a mistake that tests of ``tests/calls`` notice."""
    source = (tree.folder / NAME).read_bytes()
    line = 1 + source[: source.index(LINE.encode())].count(b"\n")
    found = [each for each in sampling.of(NAME, source) if each.mutation.line == line]
    [wanted] = (each for each in found if each.mutation.what == "< becomes <=")
    return wanted


def test_a_mistake_is_noticed_by_a_test_that_reaches_its_line(
    tree: Tree, mutant: Mutant, tmp_path: Path
) -> None:
    """Tests are recorded once, and those that run past it are left out."""
    recording = reach.record(tree, "calls", tmp_path)
    assert reach.record(tree, "calls", tmp_path) == recording
    tests = Reach([recording], 90).tests(mutant)
    assert f"{NOTICING}[Create-100]" in tests
    assert len(tests) < len(recording.seconds), "all tests of the folder were chosen"
    how, by = Trial(lambda _: tests).of(mutant, tree)
    assert (how, by.partition("[")[0]) == ("killed", NOTICING)


def test_a_mistake_that_no_test_notices_survives(tree: Tree, mutant: Mutant) -> None:
    """The tree is whole again afterwards, or the next mistake would be one of two."""
    before = (tree.folder / NAME).read_bytes()
    how, _ = Trial(lambda _: {BLIND: 1.0}).of(mutant, tree)
    assert how == SURVIVED
    assert (tree.folder / NAME).read_bytes() == before


def test_a_test_that_fails_by_itself_notices_nothing(tree: Tree, mutant: Mutant) -> None:
    """It is found out afterwards, and the mistake is tried again without it."""
    failing = tree.folder / "tests" / "calls" / "test_failing.py"
    failing.write_text("def test_it() -> None:\n    assert False\n")
    name = "tests/calls/test_failing.py::test_it"
    trial = Trial(lambda _: {name: 1.0, BLIND: 1.0})
    assert trial.of(mutant, tree) == ("killed", name)
    assert trial.unfit({name, BLIND, "1 tests"}, tree) == {name}
    assert trial.of(mutant, tree) == (SURVIVED, "1 tests")


def test_a_test_that_does_not_end_has_noticed_it(tree: Tree, mutant: Mutant) -> None:
    """Each has a limit of its own, which is the time that it takes, several times."""
    waiting = tree.folder / "tests" / "calls" / "test_waiting.py"
    waiting.write_text(
        "import threading\n"
        "from pathlib import Path\n"
        "from protocube_server.calls import shares\n"
        "def test_it() -> None:\n"
        "    if '<= most' in Path(shares.__file__).read_text():\n"
        "        threading.Event().wait()\n"
    )
    name = "tests/calls/test_waiting.py::test_it"
    trial = Trial(lambda _: {name: 0.1}, at_least=2)
    assert trial.of(mutant, tree) == ("stuck", name)


def test_tests_of_the_part_are_chosen_before_others_and_the_quickest_of_each_file_first(
    mutant: Mutant, tmp_path: Path
) -> None:
    """As many as there is time for."""
    seconds = {
        "tests/calls/test_a.py::test_slow": 4.0,
        "tests/calls/test_a.py::test_quick": 1.0,
        "tests/calls/test_a.py::test_too_slow": 20.0,
        "tests/server/test_b.py::test_slow": 2.0,
        "tests/server/test_b.py::test_quick": 0.5,
    }
    recording = Recording(data=tmp_path / "none", seconds=seconds)
    assert list(Reach([recording], 10).tests(mutant)) == [
        "tests/server/test_b.py::test_quick",
        "tests/calls/test_a.py::test_quick",
        "tests/server/test_b.py::test_slow",
        "tests/calls/test_a.py::test_slow",
    ]


def test_results_stand_as_long_as_the_tree_does(mutant: Mutant, tmp_path: Path) -> None:
    """A run that was interrupted goes on; after a change it does if it is told to."""
    file = tmp_path / "results.jsonl"
    result = Results(file, "one", of_any_tree=False).add(mutant, how=SURVIVED, by="3 tests")
    assert Results(file, "one", of_any_tree=False).known == {mutant.key: result}
    assert not Results(file, "another", of_any_tree=False).known
    assert Results(file, "another", of_any_tree=True).known == {mutant.key: result}
