"""Scenarios that were recorded with kubectl on a Kubernetes API server.

``NAME.txt`` has blocks: a command behind ``$ ``, its stdout (``  out| ``), its stderr
(``  err| ``) and its exit code (``  rc=``). ``NAME/`` is the folder that the commands run in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_BEGIN = re.compile(r"^(?=\$ )", re.MULTILINE)
_CALL = re.compile(r"(?<![\w./-])[kc]ubectl ([^|;&)]*)")
# Flags with and without their values, and redirections: none is part of a command's name.
_NO_WORD = re.compile(r"(?<!\S)-[nsfkloc] \S+|(?<!\S)-\S+|[\d&]*[<>]\S*")
_OF_TWO_WORDS = frozenset({"auth", "certificate", "create", "rollout", "set"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a command printed, and its exit code."""

    out: str
    err: str
    code: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A command and what it must give."""

    scenario: str
    number: int
    """Its place in the scenario; the first is 1."""
    command: str
    answer: Answer

    @property
    def name(self) -> str:
        """What the list of differences calls it."""
        return f"{self.scenario} {self.number}"


def read(path: Path) -> list[Block]:
    """Return the blocks of the scenario in a file, in order."""
    found = [part for part in _BEGIN.split(path.read_text()) if part.startswith("$ ")]
    return [_block(path.stem, number, text) for number, text in enumerate(found, 1)]


def _block(scenario: str, number: int, text: str) -> Block:
    command, *lines = text.split("\n")
    code = next(line for line in lines if line.startswith("  rc="))
    return Block(
        scenario=scenario,
        number=number,
        command=command.removeprefix("$ "),
        answer=Answer(
            out=_stream("out", lines),
            err=_stream("err", lines),
            code=int(code.removeprefix("  rc=")),
        ),
    )


def _stream(mark: str, lines: list[str]) -> str:
    # An editor may have taken the space from the end of an empty line.
    return "".join(f"{line[7:]}\n" for line in lines if line.startswith(f"  {mark}|"))


def command_word(command: str) -> str:
    """Return the command that a line of shell is about: ``apply``, ``create role``.

    It is the last one that the line calls, and ``(none)`` when it calls none.
    """
    calls = _CALL.findall(command)
    words = _NO_WORD.sub(" ", calls[-1]).split() if calls else []
    if not words:
        return "(none)"
    return " ".join(words[:2] if words[0] in _OF_TWO_WORDS else words[:1])
