"""Replays what kubectl answered, byte for byte."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.client.command_line import CommandLine

if TYPE_CHECKING:
    import pytest

FOLDER = Path(__file__).parent.parent / "transcripts"
TRANSCRIPT = FOLDER / "kubectl-create.txt"

_NO_DEFINITION = 'no matches for kind "Widget" in version "v1"'
"""kubectl goes on with ``ensure CRDs are installed first``, and the core group takes none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A command and what it must give."""

    command: str
    expected: tuple[str, ...]


def steps() -> list[Step]:
    """Read the transcript."""
    blocks: list[list[str]] = []
    for line in TRANSCRIPT.read_text(encoding="utf-8").splitlines():
        if line.startswith("$ kubectl"):
            blocks.append([line.removeprefix("$ kubectl").strip()])
        elif blocks:
            blocks[-1].append(line.strip() if line.startswith("  rc=") else line.strip("\n"))
    return [Step(command=block[0], expected=_as_ours(block[1:])) for block in blocks]


def _as_ours(lines: list[str]) -> tuple[str, ...]:
    """Leave out the advice to install definitions where none could make the kind."""
    kept = list(lines)
    for index, line in enumerate(lines):
        if line.endswith(_NO_DEFINITION):
            kept.remove(lines[index + 1])
    return tuple(kept)


def given(cubectl: CommandLine, command: str) -> tuple[str, ...]:
    """Run one command and give its result in the transcript's form."""
    done = cubectl(*shlex.split(command))
    out = [f"  out| {line}" for line in done.out.splitlines()]
    err = [f"  err| {line}" for line in done.err.splitlines()]
    return (*out, *err, f"rc={done.code}")


def test_every_command_answers_as_kubectl_does(
    fresh_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Standard output, standard error and exit code are kubectl's, command after command."""
    monkeypatch.chdir(FOLDER)
    cubectl = CommandLine(environ={"HOME": str(tmp_path), "PROTOCUBE_SERVER": fresh_server})
    wanted = steps()
    assert len(wanted) > 50
    differences = []
    for step in wanted:
        answer = given(cubectl, step.command)
        if answer != step.expected:
            differences += [f"$ cubectl {step.command}", *answer, "instead of", *step.expected]
    assert not differences, "\n".join(differences)
