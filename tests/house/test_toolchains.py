"""A toolchain that is on PATH and does not run is as if it were not there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests import toolchains

if TYPE_CHECKING:
    import pytest

ROOT = Path(__file__).parents[2]
_RUSTUP = """\
#!/bin/sh
echo "error: rustup could not choose a version of ${0##*/} to run" >&2
echo "help: run 'rustup default stable'" >&2
exit 1
"""
_TESTS = """\
import pytest
from tests import toolchains

@pytest.mark.parametrize("number", range(3))
def test_something_in_rust(number):
    toolchains.need("rust")
"""


def _put(folder: Path, text: str, *names: str) -> None:
    for name in names:
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)


def _pytest(folder: Path, require: str = "") -> subprocess.CompletedProcess[str]:
    """Run three tests that need Rust, with ``folder`` as all of PATH."""
    (folder / "test_rust.py").write_text(_TESTS)
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rs", "-c", os.devnull, str(folder)],
        check=False,
        cwd=ROOT,
        env={"PATH": str(folder), "PYTHONPATH": str(ROOT), "PROTOCUBE_TEST_REQUIRE": require},
        capture_output=True,
        text=True,
    )


def test_one_that_answers_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All commands of a toolchain must answer; a JRE alone is no toolchain."""
    monkeypatch.setenv("PATH", str(tmp_path))
    _put(tmp_path, "#!/bin/sh\nexit 0\n", "java", "mvn", "go")
    assert toolchains.fault("go") == ""
    assert "no javac on PATH" in toolchains.fault("java")


def test_one_that_does_not_run_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it said is said on; a program that cannot be started at all is none either."""
    monkeypatch.setenv("PATH", str(tmp_path))
    _put(tmp_path, _RUSTUP, "cargo", "rustc")
    reason = toolchains.fault("rust")
    assert reason.startswith(f"{tmp_path}/cargo does not run (")
    assert "could not choose a version" in reason
    assert "\n" not in reason
    _put(tmp_path, "#!/nowhere/sh\n", "go")
    assert "go does not run" in toolchains.fault("go")


def test_its_tests_are_skipped_and_the_summary_says_so_once(tmp_path: Path) -> None:
    """Three tests, one line; no failure."""
    _put(tmp_path, _RUSTUP, "cargo", "rustc")
    done = _pytest(tmp_path)
    assert done.returncode == 0, done.stdout
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("SKIPPED")]
    assert line.startswith("SKIPPED [3]")
    assert "cargo does not run (error: rustup could not choose" in line


def test_where_it_is_required_its_tests_fail(tmp_path: Path) -> None:
    """PROTOCUBE_TEST_REQUIRE names toolchains that must be there."""
    _put(tmp_path, _RUSTUP, "cargo", "rustc")
    done = _pytest(tmp_path, require="etcd rust")
    assert done.returncode == 1, done.stdout
    assert "3 failed" in done.stdout
    assert "PROTOCUBE_TEST_REQUIRE names rust" in done.stdout


def test_nothing_else_decides_it() -> None:
    """No test looks for a toolchain by itself."""
    asking = [
        path.relative_to(ROOT).as_posix()
        for path in sorted((ROOT / "tests").rglob("*.py"))
        if path.name not in {"toolchains.py", "test_toolchains.py"}
        for name in ("go", "node", "npm", "java", "mvn", "cargo")
        if f'which("{name}")' in path.read_text()
    ]
    assert asking == []
