"""``scripts/setup``: what went wrong before does not stand in its way."""

from __future__ import annotations

import json
import re
import shutil
import sys
from typing import TYPE_CHECKING

import pytest

from tests.packaging import locks
from tests.packaging.installing import ROOT, run

if TYPE_CHECKING:
    from pathlib import Path

_LOCK = "locks/low/run.txt"
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


def _begin(folder: Path, code: int = 0) -> str:
    """Run scripts/setup there and return what it says."""
    return run("env", f"PYTHON={sys.executable}", "scripts/setup", "run", folder=folder, code=code)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a small project with our scripts/setup and our locks."""
    folder = tmp_path / "project"
    (folder / "scripts").mkdir(parents=True)
    for name in ("setup", "usage.sh"):
        shutil.copy(ROOT / "scripts" / name, folder / "scripts")
    shutil.copytree(ROOT / "locks", folder / "locks")
    (folder / "pyproject.toml").write_text(_PROJECT)
    (folder / "tiny.py").write_text("def main() -> None:\n    print('it runs')\n")
    return folder


@pytest.mark.timeout(400)
def test_an_environment_that_is_not_whole_is_made_again(project: Path) -> None:
    """One that Ctrl-C left without pip is completed; one that was moved begins afresh."""
    run(sys.executable, "-m", "venv", "--without-pip", ".venv", folder=project)
    (project / ".venv" / "bin" / "activate").unlink()
    assert "making .venv" in _begin(project)
    assert run(str(project / ".venv" / "bin" / "tiny")) == "it runs"
    assert _begin(project) == "", "what is whole is left alone"

    listed = run(str(project / ".venv" / "bin" / "python"), "-m", "pip", "list", "--format=json")
    installed: dict[str, str] = {
        re.sub("[-_.]+", "-", entry["name"].lower()): entry["version"]
        for entry in json.loads(listed)
    }
    # Python 3.11 puts it into every environment.
    installed.pop("setuptools", None)
    assert installed.pop("tiny") == "1"
    wanted = locks.read(project / _LOCK) + locks.read(project / "locks" / "pip.txt")
    assert installed == locks.versions(wanted)

    moved = project.rename(project.with_name("moved"))
    assert "making .venv" in _begin(moved)
    assert run(str(moved / ".venv" / "bin" / "tiny")) == "it runs"


@pytest.mark.timeout(400)
def test_a_file_that_is_not_the_locked_one_is_refused(project: Path) -> None:
    """A package whose hash is another one is not installed, and the next run says so again."""
    lock = project / _LOCK
    lock.write_text(re.sub(r"(?<=sha256:)[0-9a-f]{64}", "0" * 64, lock.read_text()))
    for _ in range(2):
        assert "DO NOT MATCH THE HASHES" in _begin(project, code=1)
    assert not (project / ".venv" / "bin" / "tiny").exists()
