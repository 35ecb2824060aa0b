"""The table, the document and the file of a run, from samples that are known."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.bench import document, rows, table
from tests.bench.figures import ECHO, ETCD, Results
from tests.bench.report import Report

if TYPE_CHECKING:
    from pathlib import Path

_BUSY = rows.create("configmap", 128)


@pytest.fixture
def report() -> Report:
    """Provide a run of three turns of one row."""
    results = Results()
    for rate, server in ((3400.0, 300.0), (3600.0, 250.0), (12500.0, 400.0)):
        results.add(_BUSY, ETCD, {"rate": rate, "server": server})
    results.add(_BUSY, ECHO, {"rate": 8500.0})
    results.note("a note\n  of two lines, /a/b/y.yaml")
    settings = {"repeat": 3, "seconds": 2.0}
    return Report(machine={"date": "today"}, settings=settings, results=results)


def test_the_table_has_medians_ranges_and_verdicts(report: Report) -> None:
    """The median stands above its range, the aim above whether it is met."""
    assert list(table.lines(rows.ROWS, report.results)) == [
        "create, 128 in flight",
        "                        on etcd   on SQLite        echo etcd itself         aim",
        "  calls/s                 3,600           -       8,500           -    >= 3,500",
        "                     3400-12500                                             met",
        "  server CPU us             300           -           -           -      <= 260",
        "                        250-400                                         NOT met",
        "",
        "note: a note of two lines, /a/b/y.yaml",
    ]


@pytest.mark.parametrize(
    ("least", "most", "shown"),
    [(1.25, 2.5, "1.25-2.50"), (155.28, 230.2, "155.3-230.2"), (-0.4, -0.3, "-0.4..-0.3")],
)
def test_a_range_keeps_to_its_column(least: float, most: float, shown: str) -> None:
    """A range has as many digits as fit, and below zero its ends stay apart."""
    results = Results()
    for value in (least, most):
        results.add(_BUSY, ETCD, {"p50": value})
    ranges = [line for line in table.lines(rows.ROWS, results) if ".." in line or "-" in line][-1]
    assert ranges.split() == [shown]


def test_a_report_is_read_as_it_was_written(report: Report, tmp_path: Path) -> None:
    """The file of a run gives the same run again."""
    file = tmp_path / "below" / "report.json"
    report.write(file)
    assert Report.read(file) == report


def test_another_file_is_no_report(tmp_path: Path) -> None:
    """A file of something else is refused by its name, without a traceback."""
    file = tmp_path / "other.json"
    file.write_text("[]")
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.run", "--report", str(file)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == f"bench: {file} is not a report of scripts/bench\n"


def test_only_what_is_generated_changes(report: Report) -> None:
    """What people wrote stays; figures of before are gone, and new ones stand between the marks."""
    once = document.replaced(document.DOCUMENT.read_text(), report)
    assert document.replaced(once, report) == once
    assert "| calls/s | 3,600 (3,400-12,500) |  | 8,500 |  | >= 3,500: met |" in once
    assert "| create, 128 in flight: server CPU us | <= 260 | 300 (250-400) | NOT met |" in once
    assert "\n- a note of two lines, y.yaml\n" in once
    written, _, rest = document.DOCUMENT.read_text().partition("<!-- scripts/bench")
    assert once.startswith(written)
    assert once.endswith(rest.partition("<!-- up to here -->")[2])


def test_a_document_without_marks_is_left_alone(report: Report) -> None:
    """A document that has lost its marks is an error that names them."""
    with pytest.raises(ValueError, match="has lost its marks"):
        document.replaced("# Benchmarks\n", report)
