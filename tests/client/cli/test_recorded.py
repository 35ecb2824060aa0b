"""Replays recorded scenarios: cubectl answers as kubectl did, byte for byte."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.client.cli import recorded
from tests.client.command_line import CommandLine
from tests.transcripts import blocks, differences

if TYPE_CHECKING:
    from pathlib import Path

SCENARIOS = sorted(path.stem for path in differences.SCENARIOS.glob("*.txt"))


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_scenario_is_answered_as_kubectl_does(
    scenario: str,
    fresh_server: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Output, errors and exit code, but for the differences that are listed with a reason."""
    monkeypatch.chdir(differences.SCENARIOS / scenario)
    cubectl = CommandLine(
        environ={
            "HOME": str(tmp_path),
            "PATH": os.environ["PATH"],
            "PROTOCUBE_SERVER": fresh_server,
            "TMPDIR": str(tmp_path),
        }
    )
    listed = differences.wanted()
    told: list[str] = []
    for block in blocks.read(differences.SCENARIOS / f"{scenario}.txt"):
        if not recorded.is_replayed(block):
            continue
        found = recorded.differences(block, cubectl, capfd)
        if found and block.name not in listed:
            told += found
        if not found and block.name in listed:
            told.append(f"{block.name} agrees: take it off the list")
    assert not told, "\n".join(told)


def test_the_list_names_blocks_that_there_are() -> None:
    """A name that no block has is a mistake, unless its scenario is not here."""
    paths = differences.SCENARIOS.glob("*.txt")
    names = {block.name for path in paths for block in blocks.read(path)}
    here = {name for name in differences.wanted() if name.split()[0] in SCENARIOS}
    assert here <= names
