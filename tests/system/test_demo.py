"""``scripts/demo``: what a newcomer runs first."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

ROOT = Path(__file__).parents[2]


@contextlib.asynccontextmanager
async def demo(folder: Path) -> AsyncGenerator[asyncio.subprocess.Process, None]:
    """Start the demo as a newcomer's terminal does; ``folder`` is its home and takes its files."""
    process = await asyncio.create_subprocess_exec(
        "scripts/demo",
        cwd=ROOT,
        env={"HOME": str(folder), "TMPDIR": str(folder), "PATH": os.environ["PATH"]},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(100):
            yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


def check_nothing_is_left(said: str, folder: Path) -> None:
    """The server that ``said`` tells of has ended, and its files are gone."""
    ready = re.search(r"ready on \S+ \(.*pid (\d+)", said)
    assert ready is not None, said
    with pytest.raises(ProcessLookupError):
        os.kill(int(ready[1]), 0)
    assert list(folder.iterdir()) == []


async def test_the_demo_runs_and_runs_again(tmp_path: Path) -> None:
    """It creates, reads back, is refused, shows the bytes, says how to go on, and cleans up."""
    for _ in range(2):
        async with demo(tmp_path) as process:
            out, err = (text.decode() for text in await process.communicate())
        assert process.returncode == 0, err
        shown = [
            "$ cubectl create -f examples/pod-with-node-affinity.yaml --trace",
            "pod/with-node-affinity-2 created",
            "with-node-affinity-2   0/1     Pending   0",
            "  name: with-node-affinity-2\n  namespace: default\n",
            "exit code 1",
            "definition.definitions.protocube.dev/machines.fleet.example.com created",
            "heavy   64      <none>",
            "How many processor cores it has.",
            "exit code 1",
            "/registry/pods/default/with-node-affinity-2  revision ",
            "  protocube.core.v1.Pod\n",
            "cube-apiserver\n",
            "cubectl delete pod with-node-affinity-2\n",
        ]
        end = 0
        for text in shown:
            found = out.find(text, end)
            assert found >= 0, f"{text} does not follow in {out}"
            end = found + len(text)
        assert "<- Helper.create revision " in err
        assert (
            'Error from server (AlreadyExists): error when creating "examples/'
            'pod-with-node-affinity.yaml": pods "with-node-affinity-2" already exists\n'
        ) in err
        check_nothing_is_left(err, tmp_path)


async def test_the_demo_can_be_interrupted(tmp_path: Path) -> None:
    """Ctrl-C in the middle ends the server, too, and leaves no file."""
    async with demo(tmp_path) as process:
        assert process.stderr is not None
        said = ""
        while "ready on" not in said:
            line = await process.stderr.readline()
            assert line, said
            said += line.decode()
        os.killpg(process.pid, signal.SIGINT)
        await process.communicate()
    assert process.returncode == 130
    check_nothing_is_left(said, tmp_path)
