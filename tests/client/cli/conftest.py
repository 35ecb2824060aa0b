"""A config file of its own for each test, with what the module has as ``CONFIG``; an editor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.client.cli.editing import Editing
from tests.client.command_line import CommandLine

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def file(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """Provide a config file."""
    path = tmp_path / "config.yaml"
    path.write_text(request.module.CONFIG)
    return path


@pytest.fixture
def config(file: Path) -> CommandLine:
    """Provide the command line of a user of that file."""
    return CommandLine(environ={"HOME": str(file.parent), "PROTOCUBE_CONFIG": str(file)})


@pytest.fixture
def editing(server: str, cubectl: CommandLine, namespace: str, tmp_path: Path) -> Editing:
    """Provide a namespace with two ConfigMaps."""
    for name in ("conf", "more"):
        done = cubectl("-n", namespace, "create", "cm", name, "--from-literal=a=old")
        assert done.code == 0, done.err
    return Editing(server=server, folder=tmp_path, namespace=namespace)
