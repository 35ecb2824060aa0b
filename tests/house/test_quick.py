"""``scripts/test --quick``: an answer about every layer, which says what it does not know."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests import quick

ROOT = Path(__file__).parents[2]
_LAYERS = (
    "cache",
    "calls",
    "client",
    "conformance",
    "contract",
    "kinds",
    "manifests",
    "server",
    "storage",
    "tables",
    "tls",
    "upkeep",
    "wire",
)


def _collect(*words: str) -> str:
    """Return what pytest says that it would run below ``words``."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.quick", "--collect-only", "-q", *words],
        check=False,
        cwd=ROOT,
        env={**os.environ, "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_what_is_left_out_is_there() -> None:
    """A file that was renamed is not run unseen."""
    assert [name for name in quick.LEFT_OUT if not (ROOT / "tests" / name).exists()] == []


def test_every_layer_is_left_some_tests() -> None:
    """At least half of a layer's files are run."""
    for layer in _LAYERS:
        files = list((ROOT / "tests" / layer).rglob("test_*.py"))
        left_out = [path for path in files if quick.left_out(path)]
        assert len(left_out) <= len(files) / 2, layer
        assert not quick.left_out(ROOT / "tests" / layer)


def test_the_end_says_what_was_left_out() -> None:
    """What is left out of a folder is not collected, and is named in the last lines."""
    said = _collect("tests/tls")
    assert "tests/tls/test_pem.py::" in said
    assert "tests/tls/test_sessions.py::" not in said
    assert quick.pytest_ignore_collect(ROOT / "tests" / "tools")
    for name, what in quick.LEFT_OUT.items():
        assert f"tests/{name}: {what}\n" in said
