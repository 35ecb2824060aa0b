"""The commands in ``scripts/`` tell what they take, and begin nothing for who only asks."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAMES = sorted(path.name for path in (ROOT / "scripts").iterdir() if not path.suffix)

_WRONG = {
    "audit": ("--nonsense",),
    "breaking": ("--nonsense",),
    "check": ("--nonsense",),
    "corpus": ("--nonsense",),
    "cubectl-page": ("--nonsense",),
    "demo": ("--nonsense",),
    "generate": ("--nonsense",),
    "install-etcd": ("--nonsense",),
    "install-go-tools": ("ghz", "--nonsense"),
    "load": ("get", "--nonsense"),
    "lock": ("npm", "--nonsense"),
    "python-page": ("--nonsense",),
    "replay-objects": ("--nonsense",),
    "setup": ("--nonsense",),
    "with-server": ("--nonsense", "true"),
}
"""Words that a script does not know; the other scripts hand theirs to a program."""


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """Return a folder that holds the scripts alone: what one of them begins has to fail or show."""
    shutil.copytree(ROOT / "scripts", tmp_path / "tree" / "scripts")
    for folder in (ROOT / "locks" / "go").iterdir():
        (tmp_path / "tree" / "locks" / "go" / folder.name).mkdir(parents=True)
        shutil.copy(folder / "go.mod", tmp_path / "tree" / "locks" / "go" / folder.name)
    return tmp_path / "tree"


def _run(script: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [script, *words], cwd="/", check=False, capture_output=True, text=True, timeout=60
    )


def _held(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


@pytest.mark.parametrize("flag", ["--help", "-h"])
@pytest.mark.parametrize("name", NAMES)
def test_a_script_tells_its_usage(name: str, flag: str, copied: Path) -> None:
    """From any folder; it installs nothing, writes nothing and needs nothing for that."""
    before = _held(copied)
    told = _run(copied / "scripts" / name, flag)
    assert (told.returncode, told.stderr) == (0, ""), told
    assert f"scripts/{name}" in told.stdout, "the usage does not show how the script is called"
    assert "Usage" in told.stdout
    assert "set -euo" not in told.stdout, "the usage runs into the script"
    assert _held(copied) == before


@pytest.mark.parametrize("name", _WRONG)
def test_a_script_refuses_words_that_it_does_not_know(name: str, copied: Path) -> None:
    """Before it begins, with 2; it names the word, or says what it takes."""
    before = _held(copied)
    told = _run(copied / "scripts" / name, *_WRONG[name])
    assert (told.returncode, told.stdout) == (2, ""), told
    assert told.stderr.startswith(f"{name}: "), told.stderr
    assert told.stderr.endswith(f"(scripts/{name} --help tells what it takes)\n"), told.stderr
    assert _held(copied) == before
