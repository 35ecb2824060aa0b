"""What tests of the client share: a real server, and a command line that talks to it."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from tests import server_process
from tests.client.command_line import CommandLine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Provide the address of a server that the tests of this process share."""
    with server_process.running(tmp_path_factory.mktemp("server") / "store.db") as started:
        yield started.address


@pytest.fixture
def fresh_server(tmp_path: Path) -> Iterator[str]:
    """Provide the address of an empty server."""
    with server_process.running(tmp_path / "store.db") as started:
        yield started.address


@pytest.fixture
def cubectl(server: str, tmp_path: Path) -> CommandLine:
    """Provide the command line of a user whose environment names the shared server."""
    return CommandLine(environ={"HOME": str(tmp_path), "PROTOCUBE_SERVER": server})


@pytest.fixture
def namespace(cubectl: CommandLine) -> str:
    """Provide a namespace that is this test's alone."""
    name = f"test-{next(_numbers)}"
    manifest = f"apiVersion: v1\nkind: Namespace\nmetadata:\n  name: {name}\n"
    done = cubectl("create", "-f", "-", stdin=manifest.encode())
    assert done.code == 0, done.err
    return name
