"""Plugins: programs on PATH that are commands of cubectl."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.client.command_line import CommandLine

if TYPE_CHECKING:
    from pathlib import Path

_SCRIPT = '#!/bin/sh\necho "$(basename "$0")" "$@"\nexit 7\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Provide a folder with plugins."""
    found = tmp_path / "bin"
    found.mkdir()
    for name in ("foo", "foo-bar", "foo-bar_baz", "get", "create-thing", "create-job", "nap"):
        (found / f"cubectl-{name}").write_text(_SCRIPT)
        (found / f"cubectl-{name}").chmod(0o755)
    (found / "cubectl-unreadable").write_text("no program")
    (found / "cubectl-nap").write_text("#!/bin/sh\nkill -INT $$\nsleep 60\n")
    return found


def run(folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """Run cubectl as a process, which the plugin takes the place of."""
    environ = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "HOME": str(folder)}
    return subprocess.run(
        [sys.executable, "-m", "protocube_client", *args],
        capture_output=True, text=True, env=environ, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("args", "out"),
    [
        (["foo"], "cubectl-foo"),
        (["foo", "x", "--flag", "-n", "y"], "cubectl-foo x --flag -n y"),
        (["foo", "bar", "x"], "cubectl-foo-bar x"),
        (["foo", "--", "bar"], "cubectl-foo -- bar"),
        (["foo", "bar-baz"], "cubectl-foo-bar_baz"),
        (["create", "thing", "x"], "cubectl-create-thing x"),
    ],
)
def test_the_longest_name_is_run_with_the_other_words(
    folder: Path, args: list[str], out: str
) -> None:
    """Its exit code is that of the command."""
    done = run(folder, *args)
    assert (done.returncode, done.stdout, done.stderr) == (7, f"{out}\n", "")


def test_a_plugin_gets_signals_itself(folder: Path) -> None:
    """There is no process between the shell and the plugin."""
    assert run(folder, "nap").returncode == -2


def test_a_command_goes_before_a_plugin(folder: Path) -> None:
    """So that no program on PATH changes what a command means."""
    cubectl = CommandLine(environ={"HOME": str(folder), "PATH": str(folder)})
    assert cubectl("get", "--help").code == 0
    assert cubectl("create", "job", "--help").code == 0
    for word in ("unreadable", "nonsense"):
        assert cubectl(word).err == f'error: unknown command "{word}" for "cubectl"\n'
    assert cubectl("-n", "x", "foo").err == (
        "error: flags cannot be placed before plugin name: -n\n"
    )


def test_plugins_are_listed_with_what_is_wrong_with_them(folder: Path, tmp_path: Path) -> None:
    """In the order of PATH and of their names; a warning makes the command fail."""
    other = tmp_path / "other"
    other.mkdir()
    (other / "cubectl-foo").write_text(_SCRIPT)
    (other / "cubectl-foo").chmod(0o755)
    cubectl = CommandLine(environ={"PATH": f"{folder}:{tmp_path / 'gone'}::{folder}:{other}"})
    done = cubectl("plugin", "list", "--name-only")
    assert done.out == (
        "The following compatible plugins are available:\n\n"
        "cubectl-create-job\ncubectl-create-thing\ncubectl-foo\ncubectl-foo-bar\n"
        "cubectl-foo-bar_baz\ncubectl-get\ncubectl-nap\ncubectl-unreadable\ncubectl-foo\n"
    )
    assert done.err == (
        '  - warning: cubectl-create-job overwrites existing command: "cubectl create job"\n'
        '  - warning: cubectl-get overwrites existing command: "cubectl get"\n'
        f"  - warning: {folder}/cubectl-unreadable identified as a cubectl plugin, "
        "but it is not executable\n"
        f'Unable to read directory "{tmp_path}/gone" from your PATH: '
        f"open {tmp_path}/gone: no such file or directory. Skipping...\n"
        f"  - warning: {other}/cubectl-foo is overshadowed by a similarly named plugin: "
        f"{folder}/cubectl-foo\n"
        "error: 4 plugin warnings were found\n"
    )
    assert f"\n{other}/cubectl-foo\n" in cubectl("plugin", "list").out


def test_no_plugins_are_an_error(tmp_path: Path) -> None:
    """As kubectl has it."""
    done = CommandLine(environ={"PATH": str(tmp_path)})("plugin", "list")
    assert (done.code, done.out) == (1, "")
    assert done.err == "error: unable to find any cubectl plugins in your PATH\n"
