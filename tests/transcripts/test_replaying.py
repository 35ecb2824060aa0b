"""``scripts/replay-transcripts``: what it runs, and how it judges."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.transcripts import blocks, replaying, run
from tests.transcripts.replaying import Verdict

if TYPE_CHECKING:
    from pathlib import Path

_SCENARIO = """\
# A remark.
$ cat given
  out| one
  out|
  out| two
  rc=0
$ echo told >&2; exit 3
  err| told
  rc=3
$ echo other
  out| this
  rc=0
$ echo listed
  out| that
  rc=0
$ true
  rc=0
"""


@pytest.fixture
def results(tmp_path: Path) -> list[replaying.Result]:
    """Provide what a scenario of five blocks gives; the list has the last two."""
    (tmp_path / "made.txt").write_text(_SCENARIO)
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "given").write_text("one\n\ntwo")
    reasons = {"made 4": "it is meant", "made 5": "it was meant"}
    return list(replaying.replay("127.0.0.1:1", tmp_path, ["made"], reasons))


def test_each_block_is_judged(results: list[replaying.Result]) -> None:
    """By its output, its errors and its exit code, and by the list of differences."""
    assert [result.verdict for result in results] == [
        Verdict.AGREES,
        Verdict.AGREES,
        Verdict.DIFFERS,
        Verdict.LISTED,
        Verdict.STALE,
    ]


def test_a_difference_is_shown_with_its_reason(results: list[replaying.Result]) -> None:
    """Only what differs is shown."""
    assert list(results[3].lines()) == [
        "made 4: $ echo listed",
        "   because it is meant",
        "   out wanted 'that\\n'",
        "   out got    'listed\\n'",
    ]


def test_blocks_are_counted_by_command(results: list[replaying.Result]) -> None:
    """A row for each command, and one for all."""
    *_, last = run.table(results).splitlines()
    assert last.split() == ["all", "5", "2", "1", "1", "1"]


@pytest.mark.parametrize(
    ("command", "word"),
    [
        ("kubectl -n a get pods -o name", "get"),
        ("kubectl create -n a role r --verb=get", "create role"),
        ("kubectl rollout status deployment/web | head", "rollout status"),
        ("kubectl get pods -o yaml | kubectl -n b create -f - 2>&1", "create"),
        ("kubectl create -f all.yaml", "create"),
        ("KUBE_EDITOR=./x kubectl edit cm/a", "edit"),
        ("ls", "(none)"),
    ],
)
def test_a_line_of_shell_is_about_a_command(command: str, word: str) -> None:
    """Its name, with the second word where that belongs to it."""
    assert blocks.command_word(command) == word
