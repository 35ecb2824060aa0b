"""``scripts/bench``: measures the server, and its limits beside each figure."""

from __future__ import annotations

import contextlib
import signal
import sys
from typing import TYPE_CHECKING, Any

from tests.bench import (
    asked,
    bulks,
    calls,
    commands,
    definitions,
    document,
    holdings,
    load,
    machine,
    making,
    options,
    plot,
    policies,
    ratios,
    rights,
    selective,
    table,
    watches,
    writing_down,
)
from tests.bench.figures import Results
from tests.bench.report import Report
from tests.bench.rows import ROWS
from tests.bench.step import Setting
from tests.bench.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bench.options import Options

_WARM = 0.5
"""Seconds before a measurement counts: classes are made and checks compiled at first use."""
_FEWER = "some figures have fewer samples, or none"


class _TimeIsUp(Exception):
    """The run has taken as long as it may."""


def main() -> int:
    """Measure, print the table, keep the report. Returns the exit code."""
    chosen = options.parse(sys.argv[1:])
    try:
        if chosen.report:
            report, code = Report.read(chosen.report), 0
        else:
            report, code = _measured(chosen)
            report.write(chosen.json)
            sys.stderr.write(f"bench: the samples are in {chosen.json}\n")
        _print(report)
        if chosen.write_docs and code == 0:
            for path in document.write(report):
                sys.stderr.write(f"bench: wrote {path}\n")
    except (OSError, ValueError, plot.CannotDrawError) as error:
        sys.stderr.write(f"bench: {error}\n")
        return 1
    return code


def _measured(chosen: Options) -> tuple[Report, int]:
    """Return the report of a run, also of one that was cut off, and the exit code."""
    report = Report(machine=machine.described(), settings=chosen.shown(), results=Results())
    if warning := machine.busy():
        report.results.note(warning)
    try:
        with _limited(chosen.limit):
            _run(chosen, report.results)
    except _TimeIsUp:
        report.results.note(f"cut off after {chosen.limit:g} s (--limit): {_FEWER}")
    except KeyboardInterrupt:
        report.results.note(f"interrupted: {_FEWER}")
        return report, 130
    bulks.add_shares(report.results)
    ratios.add(report.results)
    return report, 0 if report.results.samples else 1


def _run(chosen: Options, results: Results) -> None:
    steps = [
        [*calls.steps(), *bulks.steps(), *watches.steps()],
        [
            *holdings.steps(),
            *asked.steps(),
            *rights.steps(),
            *making.steps(),
            *policies.steps(),
            *writing_down.steps(),
            *definitions.steps(),
            *selective.steps(),
        ],
        # The documents of each have the same names.
        *([step] for step in commands.steps(chosen.documents)),
    ]
    stages = [[step for step in stage if chosen.includes(step.row)] for stage in steps]
    try:
        load.build()
    except load.CannotBuildError as error:
        results.note(str(error))
        stages = [[step for step in stage if not step.loads] for stage in stages]
    setting = Setting(
        load=load.Load(warm=min(_WARM, chosen.seconds), counted=chosen.seconds),
        results=results,
        objects=chosen.objects,
        most=chosen.most,
    )
    Turns(stages=stages, on=chosen.on, repeat=chosen.repeat).run(setting)


@contextlib.contextmanager
def _limited(seconds: float) -> Iterator[None]:
    """Raise in the middle of whatever is measured, so that contexts end what they started."""

    def up(_number: int, _frame: Any) -> None:
        raise _TimeIsUp

    signal.signal(signal.SIGALRM, up)
    # Whoever ends us ends our children, too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _print(report: Report) -> None:
    for name, value in report.machine.items():
        sys.stdout.write(f"{name + ':':<15}{value}\n")
    sys.stdout.write("\n")
    for line in table.lines(ROWS, report.results):
        sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
