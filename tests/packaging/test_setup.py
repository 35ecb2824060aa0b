"""``scripts/setup``: what went wrong before does not stand in its way."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

import pytest

from tests.packaging.installing import ROOT, run

if TYPE_CHECKING:
    from pathlib import Path

_PROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "tiny"
version = "1"

[project.optional-dependencies]
server = []

[project.scripts]
tiny = "tiny:main"
"""


@pytest.mark.timeout(400)
def test_an_environment_that_is_not_whole_is_made_again(tmp_path: Path) -> None:
    """One that Ctrl-C left without pip is completed; one that was moved begins afresh."""
    project = tmp_path / "project"
    (project / "scripts").mkdir(parents=True)
    shutil.copy(ROOT / "scripts" / "setup", project / "scripts")
    (project / "pyproject.toml").write_text(_PROJECT)
    (project / "constraints.txt").touch()
    (project / "tiny.py").write_text("def main() -> None:\n    print('it runs')\n")

    def begin(folder: Path) -> str:
        return run("env", f"PYTHON={sys.executable}", "scripts/setup", "run", folder=folder)

    run(sys.executable, "-m", "venv", "--without-pip", ".venv", folder=project)
    (project / ".venv" / "bin" / "activate").unlink()
    assert "making .venv" in begin(project)
    assert run(str(project / ".venv" / "bin" / "tiny")) == "it runs"
    assert begin(project) == "", "what is whole is left alone"

    moved = project.rename(tmp_path / "moved")
    assert "making .venv" in begin(moved)
    assert run(str(moved / ".venv" / "bin" / "tiny")) == "it runs"
