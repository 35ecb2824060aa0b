"""``scripts/bench`` in its smallest form: every row is measured, and nothing is left behind."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests import etcd_process, toolchains
from tests.bench import rows, table
from tests.bench.figures import SERVED

if TYPE_CHECKING:
    from collections.abc import Iterator

_COMMAND = (sys.executable, "-m", "tests.bench.run")
_SMALLEST = ("--quick", "--seconds", "0.1", "--objects", "100", "--documents", "1")
_END_SECONDS = 10.0
_LEFT_OUT = {rows.MOST, rows.SELECTIVE[1], *(rows.documents(count) for count in rows.DOCUMENTS[1:])}
"""Rows that a quick run, or one of so few documents, does not have."""


@pytest.fixture
def _tools() -> None:
    """Skip without what the bench measures with, or fail where it is required."""
    etcd_process.binary()
    toolchains.need("go")


@pytest.mark.etcd
@pytest.mark.timeout(600)
@pytest.mark.usefixtures("_tools")
def test_a_run_has_every_row(tmp_path: Path) -> None:
    """Each row has a sample for each subject, and the table fits a terminal of 80 columns."""
    file = tmp_path / "report.json"
    done = subprocess.run(
        [*_COMMAND, *_SMALLEST, "--limit", "500", "--json", str(file)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(file.read_text())
    complaints = [note for note in report["notes"] if "busy" not in note and "kubectl" not in note]
    assert complaints == []
    assert set(report["samples"]) == {row.key for row in rows.ROWS} - _LEFT_OUT
    create = report["samples"][rows.create("configmap", 128)]
    assert set(create["rate"]) == set(SERVED)
    assert set(create["server"]) == set(SERVED) - {"etcd itself"}
    for row in rows.ROWS:
        for figure in row.figures if row.key not in _LEFT_OUT else ():
            assert report["samples"][row.key][figure.key], f"{row.key} has no {figure.key}"
    assert [line for line in done.stdout.splitlines() if len(line) > table.WIDTH] == []
    watched = report["samples"][rows.watch(100, rows.WRITERS)]
    assert {*watched["lost"]["on etcd"], *watched["lost"]["on SQLite"]} == {0}


@pytest.mark.etcd
@pytest.mark.timeout(600)
@pytest.mark.usefixtures("_tools")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_ends_what_it_started(number: signal.Signals, tmp_path: Path) -> None:
    """Ctrl-C ends server, store and load generator, and prints what was measured so far."""
    file = tmp_path / "report.json"
    with subprocess.Popen(
        [*_COMMAND, "--quick", "--seconds", "60", "--on", "etcd", "--json", str(file)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "create-" in line:
                break
        started = [os.pidfd_open(pid) for pid in _descendants(process.pid)]
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "note: interrupted" in out
    assert len(started) >= 2
    left = [handle for handle in started if not _ended(handle)]
    assert left == [], f"{len(left)} of {len(started)} processes are still there"
    assert json.loads(file.read_text())["notes"][-1].startswith("interrupted")


@pytest.mark.timeout(120)
def test_what_is_missing_is_said(tmp_path: Path) -> None:
    """Without Go, what needs no load is measured, and the rest is said to be left out."""
    file = tmp_path / "report.json"
    chosen = ("--on", "sqlite", "--only", "process", "--only", "create-")
    done = subprocess.run(
        [*_COMMAND, *_SMALLEST, *chosen, "--json", str(file)],
        env={**os.environ, "PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "note: no go on PATH" in done.stdout
    assert "ready after s" in done.stdout


def _descendants(pid: int) -> Iterator[int]:
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield int(child)
            yield from _descendants(int(child))


def _ended(handle: int) -> bool:
    """Wait for the end of a process: a killed one takes a moment."""
    ended, _, _ = select.select([handle], [], [], _END_SECONDS)
    os.close(handle)
    return bool(ended)
