"""cubectl and kubectl, given the same, say the same: stdout, stderr and exit code."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.differential import wanted
from tests.differential.cases import CASES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.differential.both import Both
    from tests.differential.case import Case

WANTED = wanted.load()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_cubectl_says_what_kubectl_says(
    case: Case,
    both: Both,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, object], None],
) -> None:
    """Byte for byte, except where wanted.yaml says why not, and then what it says."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    namespace = f"case-{CASES.index(case)}"
    theirs, ours = both.run(case, namespace, folder)
    different = WANTED.get(case.name)
    if different is not None:
        record_property("wanted", different.reason)
        assert ours != theirs, f"no longer different: take {case.name} out of wanted.yaml"
        theirs = different.applied(theirs, namespace)
    assert (ours.out, ours.err, ours.code) == (theirs.out, theirs.err, theirs.code)


def test_every_case_has_a_name_of_its_own() -> None:
    """So that a wanted difference means one case."""
    names = Counter(case.name for case in CASES)
    assert [name for name, count in names.items() if count > 1] == []
    assert len(CASES) >= 1500


def test_every_wanted_difference_belongs_to_a_case() -> None:
    """A case that is renamed or removed takes its entry with it."""
    assert set(WANTED) <= {case.name for case in CASES}
