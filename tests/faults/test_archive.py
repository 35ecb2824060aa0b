"""Histories that are kept, and checked again."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.faults import archive, checking
from tests.faults.history import Call, Change, Fate, Fault, History, Listing, Seen, Stretch, Verb

if TYPE_CHECKING:
    from pathlib import Path


def _history() -> History:
    """Return a small history with one of everything."""
    seen = Seen(revision=2, key="k", token="t1")
    gone = Seen(revision=3, key="k", token=None)
    other = Seen(revision=4, key="o", token="t2")
    calls = [
        Call(verb=Verb.CREATE, key="k", begun=0, ended=1, fate=Fate.DONE, token="t1", revision=2),
        Call(verb=Verb.DELETE, key="k", begun=2, ended=3, fate=Fate.UNKNOWN, expected=2),
        Call(verb=Verb.CREATE, key="o", begun=4, ended=5, fate=Fate.DONE, token="t2", revision=4),
        Call(verb=Verb.GET, key="k", begun=5, ended=6, fate=Fate.DONE),
    ]
    return History(
        calls=calls,
        changes=[
            Change(seen=seen, version=1, previous=0),
            Change(seen=gone, version=0, previous=2),
            Change(seen=other, version=1, previous=0),
        ],
        stretches=[Stretch(watcher="one", after=1, through=4, events=[seen, gone, other])],
        lists=[Listing(begun=5, ended=6, revision=4, items={"o": ("t2", 4)})],
        faults=[Fault(name="leader killed", begun=2, ended=2.5)],
        final={"o": ("t2", 4)},
    )


def _check(file: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.faults.check", str(file)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_what_is_kept_is_everything(tmp_path: Path) -> None:
    """A history that is read is the one that was written, and gets the same report."""
    file = tmp_path / "history.jsonl"
    archive.save(_history(), file)
    assert archive.load(file) == _history()
    assert checking.check(archive.load(file)).is_right
    done = _check(file)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "right"), done.stderr


def test_what_was_wrong_is_wrong_again(tmp_path: Path) -> None:
    """A history in which a watcher missed an event fails with that event's revision."""
    history = _history()
    del history.stretches[0].events[1]
    file = tmp_path / "history.jsonl"
    archive.save(history, file)
    done = _check(file)
    assert done.returncode == 1
    assert "lost: one did not see Seen(revision=3" in done.stdout
    assert done.stdout.splitlines()[-1] == "WRONG"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "was cut off"),
        ('{"fault": {"name": "a", "begun": 1, "ended": 2}}\n', "was cut off"),
        ('{"fault": {"name": "a"}}\n', "line 1: "),
        ('{"final": {}}\n{"what": {}}\n', "line 2: there is nothing called 'what'"),
        ("not JSON\n", "line 1: "),
        ("[]\n", "line 1: "),
    ],
)
def test_a_file_that_is_no_history(tmp_path: Path, text: str, said: str) -> None:
    """A file that holds none, or half of one, is refused, and the place is named."""
    file = tmp_path / "history.jsonl"
    file.write_text(text)
    with pytest.raises(archive.NotAHistory, match=said):
        archive.load(file)
    done = _check(file)
    assert (done.returncode, done.stdout) == (2, "")
    assert said.partition("'")[0] in done.stderr


def test_no_file(tmp_path: Path) -> None:
    """A file that is not there is a sentence, not a traceback."""
    done = _check(tmp_path / "no-such.jsonl")
    assert done.returncode == 2
    assert "No such file" in done.stderr
    assert "Traceback" not in done.stderr
