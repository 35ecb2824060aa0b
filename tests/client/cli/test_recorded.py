"""Replays recorded scenarios: cubectl answers as kubectl did, byte for byte."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests import server_process
from tests.client.cli import recorded
from tests.client.command_line import CommandLine
from tests.tls.authority import Authority
from tests.transcripts import blocks, differences

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

SCENARIOS = sorted(path.stem for path in differences.SCENARIOS.glob("*.txt"))
OF_USERS = frozenset({"auth"})
"""Scenarios that were recorded as the administrator of a server that knows its callers."""


@pytest.fixture
def environ(scenario: str, tmp_path: Path) -> Iterator[Mapping[str, str]]:
    """Provide the environment of a user of an empty server."""
    flags: tuple[str, ...] = ()
    user: dict[str, str] = {}
    if scenario in OF_USERS:
        tokens = tmp_path / "tokens.csv"
        tokens.write_text("secret,admin,,system:masters\n")
        key = Authority(tmp_path).issue("accounts").key
        flags = ("--token-file", str(tokens), "--service-account-key", str(key))
        user = {"PROTOCUBE_TOKEN": "secret"}
    with server_process.running(tmp_path / "store.db", *flags) as server:
        yield {
            "HOME": str(tmp_path),
            "PATH": os.environ["PATH"],
            "PROTOCUBE_SERVER": server.address,
            "TMPDIR": str(tmp_path),
            **user,
        }


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_scenario_is_answered_as_kubectl_does(
    scenario: str,
    environ: Mapping[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Output, errors and exit code, but for the differences that are listed with a reason."""
    monkeypatch.chdir(differences.SCENARIOS / scenario)
    cubectl = CommandLine(environ=environ)
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
