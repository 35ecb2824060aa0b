"""``cubectl kustomize``: a tool on PATH builds, and cubectl shows what it says."""

from __future__ import annotations

import asyncio
import os
import stat
import sys
from typing import TYPE_CHECKING

import pytest

from protocube_client.resource.visitors import kustomize
from tests.client.command_line import CommandLine

if TYPE_CHECKING:
    from pathlib import Path

_SCRIPT = f"""#!{sys.executable}
import os, sys
print("args:", *sys.argv[1:])
print("# Warning: old", file=sys.stderr)
"""
_ENDLESS = f"""#!{sys.executable}
import os, threading
with open("{{fifo}}", "w") as begun:
    begun.write(str(os.getpid()))
threading.Event().wait(60)
"""


@pytest.fixture
def cubectl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """Provide a command line in a folder that is all of PATH and has a kubectl."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    tool = tmp_path / "kubectl"
    tool.write_text(_SCRIPT)
    tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
    return CommandLine(environ={"HOME": str(tmp_path)})


def test_what_is_built_is_printed(cubectl: CommandLine, tmp_path: Path) -> None:
    """With the tool's warnings, or into a file; the flags are the tool's."""
    done = cubectl("kustomize")
    assert (done.code, done.out, done.err) == (0, "args: kustomize .\n", "# Warning: old\n")
    flags = ("--enable-helm", "--load-restrictor=LoadRestrictionsNone")
    assert cubectl("kustomize", "dir", *flags).out == f"args: kustomize dir {' '.join(flags)}\n"
    assert cubectl("kustomize", "dir", "-o", "built.yaml").out == ""
    assert (tmp_path / "built.yaml").read_text() == "args: kustomize dir\n"


def test_cubectl_does_not_call_itself(
    cubectl: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the kubectl on PATH is a cubectl."""
    monkeypatch.setenv("PROTOCUBE_KUSTOMIZING", "1")
    done = cubectl("kustomize")
    told = (
        "error: a kustomization is built by an installed kustomize or kubectl, and neither is on "
        "PATH: install one of them"
    )
    assert (done.code, done.out, done.err) == (1, "", f"{told}\n")
    # What can be done instead is for those who have -f.
    done = cubectl("create", "-k", "dir", "--dry-run=client")
    assert (done.code, done.err) == (
        1,
        f"{told}, or build dir elsewhere and pass the result with -f\n",
    )


def test_warnings_are_shown_where_objects_are_created(cubectl: CommandLine, tmp_path: Path) -> None:
    """Behind ``-k`` the tool speaks to the same people."""
    manifest = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}"
    (tmp_path / "kubectl").write_text(_SCRIPT.replace('"args:", *sys.argv[1:]', repr(manifest)))
    done = cubectl("create", "-k", ".", "--dry-run=client")
    assert (done.code, done.out, done.err) == (
        0,
        "configmap/a created (dry run)\n",
        "# Warning: old\n",
    )


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["a", "b"], "specify one path to kustomization.yaml"),
        (["-o", "gone/x"], "open gone/x: no such file or directory"),
        (["--mount=x"], "--mount is not supported: run kustomize build with it"),
    ],
)
def test_what_cannot_be_done_is_told(cubectl: CommandLine, args: list[str], message: str) -> None:
    """In kubectl's words, or by the name of the flag."""
    done = cubectl("kustomize", *args)
    assert (done.code, done.out) == (1, "")
    assert done.err.endswith(f"error: {message}\n")


async def test_a_tool_is_ended_when_cubectl_is_interrupted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would go on to write where nobody reads, and cubectl would wait for it."""
    os.mkfifo(tmp_path / "begun")
    tool = tmp_path / "kubectl"
    tool.write_text(_ENDLESS.format(fifo=tmp_path / "begun"))
    tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path))
    building = asyncio.create_task(kustomize.build("."))
    process = int(await asyncio.to_thread((tmp_path / "begun").read_text))
    building.cancel()
    async with asyncio.timeout(30):
        with pytest.raises(asyncio.CancelledError):
            await building
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
