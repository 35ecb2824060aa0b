"""Recorded scenarios in this process: commands, pipes, and editors that are scripts."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from protocube_client.cli import main
from tests.client.command_line import CommandLine, Done
from tests.transcripts import replaying
from tests.transcripts.blocks import Answer
from tests.transcripts.replaying import Result

if TYPE_CHECKING:
    import pytest

    from tests.transcripts.blocks import Block

_OURS = "kubectl"
_ASSIGNMENT = re.compile(r"([A-Z_]+)=(.*)", re.DOTALL)
_SHELL = frozenset(";&<>`")
"""What a shell must read, outside of quotes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A command of a pipe."""

    text: str
    words: tuple[str, ...] = ()
    """Those behind ``kubectl``; none for another program."""
    environ: dict[str, str] = field(default_factory=dict)


def is_replayed(block: Block) -> bool:
    """Tell whether all commands of a block are here, or programs that commands are piped to."""
    return bool(_steps(block.command))


def differences(block: Block, cubectl: CommandLine, capfd: pytest.CaptureFixture[str]) -> list[str]:
    """Run a block's commands and return how its answer differs; nothing when it agrees."""
    capfd.readouterr()
    told = ""
    done = Done(code=0, out="", err="")
    for step in _steps(block.command):
        done = _run(step, cubectl, done.out)
        told += done.err
    # What an editor shows comes before what is told of its work.
    got = Answer(out=capfd.readouterr().out + done.out, err=told, code=done.code)
    if replaying.same(block.answer, got):
        return []
    return list(Result(block=block, got=got, reason="").lines())


def _run(step: Step, cubectl: CommandLine, stdin: str) -> Done:
    if step.words:
        ours = CommandLine(environ={**cubectl.environ, **step.environ})
        return ours(*step.words, stdin=stdin.encode())
    environ = {**os.environ, "LC_ALL": "C"}
    found = subprocess.run(
        ["bash", "-c", step.text],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        env=environ,
    )
    return Done(code=found.returncode, out=found.stdout, err=found.stderr)


def _steps(command: str) -> list[Step]:
    """Return the commands of a pipe; none when a shell is needed or one is not here."""
    parts = _piped(command)
    found = [_step(part) for part in parts]
    if not any(step and step.words for step in found):
        return []
    return [step for step in found if step] if all(found) else []


def _piped(command: str) -> list[str]:
    """Split a command at its pipes; return nothing for more of a shell's language."""
    parts = [""]
    quoted = ""
    for letter in command:
        if quoted:
            quoted = "" if letter == quoted else quoted
        elif letter in "\"'":
            quoted = letter
        elif letter in _SHELL:
            return []
        elif letter == "|":
            parts.append("")
            continue
        parts[-1] += letter
    return [] if "$(" in command else parts


def _step(text: str) -> Step | None:
    words = shlex.split(text)
    environ: dict[str, str] = {}
    while words and (assignment := _ASSIGNMENT.fullmatch(words[0])):
        environ[assignment[1]] = assignment[2]
        del words[0]
    if not words or words[0] != _OURS:
        return Step(text=text)
    rest = words[1:]
    verb = rest[2] if rest[0] == "-n" else rest[0]
    return Step(text=text, words=tuple(rest), environ=environ) if verb in main.ROOT.table else None
