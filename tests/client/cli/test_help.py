"""Help texts: every command has one, with examples, and it fits a narrow terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from protocube_client.cli import main
from tests.client.command_line import CommandLine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from protocube_client.cli.command import Command, Root


def paths(command: Root | Command = main.ROOT, path: str = "") -> Iterator[str]:
    """Yield every command as it is typed."""
    for name in command.table:
        full = f"{path} {name}".strip()
        yield full
        yield from paths(command.below(name), full)


@pytest.fixture
def cubectl(tmp_path: Path) -> CommandLine:
    """Provide a command line without a server."""
    return CommandLine(environ={"HOME": str(tmp_path)})


def test_all_commands_are_known() -> None:
    """The ones below are found through those above them."""
    found = set(paths())
    assert {"create", "create secret tls", "config use-context", "completion"} <= found


@pytest.mark.parametrize("path", list(paths()))
def test_every_command_has_help_with_examples(cubectl: CommandLine, path: str) -> None:
    """On standard output; every example calls the command."""
    for flag in ("--help", "-h"):
        done = cubectl(*path.split(), flag)
        assert (done.code, done.err) == (0, "")
    examples = done.out.partition("Examples:\n")[2].partition("\nOptions:")[0]
    called = [line.strip() for line in examples.splitlines() if "cubectl" in line]
    assert called
    assert all(f"cubectl {path}" in line for line in called)
    assert f"Usage:\n  cubectl {path} " in done.out


@pytest.mark.parametrize("path", list(paths()))
def test_forty_columns_are_enough(
    cubectl: CommandLine, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All prose is wrapped; examples and names stand as they are typed."""
    monkeypatch.setenv("COLUMNS", "40")
    text = cubectl(*path.split(), "--help").out
    before, _, rest = text.partition("\nExamples:\n")
    options = rest.partition("\nOptions:\n")[2].partition("\nUsage:\n")[0]
    prose = [line for line in options.splitlines() if not line.lstrip().startswith("-")]
    assert all(len(line) <= 40 for line in [*before.splitlines(), *prose])


def test_wide_help_has_two_columns(cubectl: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a flag means stands beside it, or below a long one."""
    monkeypatch.setenv("COLUMNS", "80")
    lines = cubectl("get", "--help").out.splitlines()
    assert "  -w, --watch                  Go on and show what changes." in lines
    assert "      --allow-missing-template-keys" in lines
