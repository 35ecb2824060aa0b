"""``scripts/load``: every load on both stores, in a line each, and an end that tells."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.server_process import started
from tests.tools.go_tools import ROOT, Done, tool

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

pytestmark = pytest.mark.timeout(600)

NAMES = ("create", "get", "list", "watch", "mixed", "ramp")
_MIXED = ("mixed-create", "mixed-get", "mixed-list", "mixed-watch")
# The time of a watch may be up in the middle of a message: see docs/load-testing.md.
_LINE = re.compile(r"^([\w-]+) .*(?:/s|at once) .*?((?: (?:OK|DeadlineExceeded|Internal)=\d+)+)$")


async def load(*names: str, **environ: str) -> Done:
    """Run it for a second a load."""
    for name in ("ghz", "grpcurl"):
        await tool(name)
    process = await asyncio.create_subprocess_exec(
        str(ROOT / "scripts" / "load"),
        *names,
        env={**os.environ, "PROTOCUBE_LOAD_SECONDS": "1", **environ},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await process.communicate()
    return Done(code=process.returncode or 0, text=printed.decode())


@pytest.fixture
async def small(tmp_path: Path) -> AsyncGenerator[str, None]:
    """Provide a server that has more calls at once refused."""
    flags = ("--listen", "127.0.0.1:0", "--store", f"sqlite:{tmp_path}/store.db")
    async with started(*flags, "--max-calls", "1") as process:
        yield await process.ready()


@pytest.mark.etcd
async def test_every_load_runs_on_both_stores() -> None:
    """A line for each says how its calls ended, and ghz's report is kept."""
    done = await load()
    assert done.code == 0, done.text
    kept = re.search(r"^load: reports are in (.+)$", done.text, re.MULTILINE)
    assert kept, done.text
    reports = Path(kept[1])
    try:
        expected = [*NAMES[:4], *_MIXED, *NAMES[5:]]
        lines = [found[1] for line in done.text.splitlines() if (found := _LINE.match(line))]
        assert lines == expected * 2, done.text
        for store in ("sqlite", "etcd"):
            for name in expected:
                report = json.loads((reports / store / f"{name}.json").read_text())
                assert report["count"] > 0, (store, name)
    finally:
        shutil.rmtree(reports)


async def test_calls_that_fail_make_it_fail(small: str, tmp_path: Path) -> None:
    """Where calls did not end as they should, its figures mean something else."""
    done = await load("get", PROTOCUBE_SERVER=small, PROTOCUBE_LOAD_REPORTS=str(tmp_path))
    assert "ResourceExhausted=" in done.text, done.text
    assert done.code == 1


async def test_an_unknown_load_is_refused_before_anything_is_built() -> None:
    """The names that there are follow."""
    done = await load("craete")
    names = " ".join(NAMES)
    asked = "(scripts/load --help tells what it takes)"
    assert done == Done(code=2, text=f"load: no load named craete, but {names} {asked}\n")
