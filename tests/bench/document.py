"""Brings docs/benchmarks.md up to date: what stands between its two marks, and its picture."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.bench import peers, plot, table
from tests.bench.figures import ETCD
from tests.bench.load import ROOT
from tests.bench.rows import ROWS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.bench.figures import Figure, Results, Row, Spread
    from tests.bench.report import Report

DOCUMENT = ROOT / "docs" / "benchmarks.md"
PICTURE = ROOT / "docs" / "benchmarks.svg"
_BEGIN = "<!-- scripts/bench --write-docs writes what follows -->"
_FOLDERS = re.compile(r"/(?:[\w.-]+/)+")
_END = "<!-- up to here -->"


def write(report: Report) -> tuple[Path, Path]:
    """Write the document and its picture, and give their paths.

    Raises ``ValueError`` when the document has lost its marks, and ``plot.CannotDrawError``.
    """
    text = replaced(DOCUMENT.read_text(), report)
    plot.draw(report.results, PICTURE)
    DOCUMENT.write_text(text)
    return DOCUMENT, PICTURE


def replaced(text: str, report: Report) -> str:
    """Return the document with the figures of a report between its marks."""
    before, begin, rest = text.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not begin or not end:
        raise ValueError(f"{DOCUMENT.name} has lost its marks: {_BEGIN!r} and {_END!r}")
    return "\n".join((f"{before}{_BEGIN}\n", *_figures(report), f"{end}{after}"))


def _figures(report: Report) -> Iterator[str]:
    results, settings = report.results, report.settings
    yield "| machine | |"
    yield "|---|---|"
    yield from (f"| {name} | {value} |" for name, value in report.machine.items() if value)
    yield (
        f"| turns | {settings['repeat']}, of {settings['seconds']:g} s a figure: the median, and "
        "in brackets the range |"
    )
    yield ""
    # Whatever failed may have named folders of this machine.
    yield from (f"- {_FOLDERS.sub('', note)}" for note in results.notes)
    yield "\n![Processor time of a create, creates a second, and a list](benchmarks.svg)\n"
    yield "### Aims\n"
    yield from _aims(results)
    yield "\n### Beside others\n"
    yield from _beside(results)
    for row in ROWS:
        if row.key in results.samples:
            yield from _row(row, results)
    yield ""


def _aims(results: Results) -> Iterator[str]:
    yield "| | aim | measured | |"
    yield "|---|--:|--:|---|"
    for row in ROWS:
        for figure in row.figures:
            spread = results.spread(row.key, figure.key, row.subjects[0])
            if figure.aim:
                cells = (
                    f"{row.title}: {figure.title}",
                    figure.aim.text(),
                    _cell(figure, spread),
                    figure.verdict(spread) or "not measured",
                )
                yield f"| {' | '.join(cells)} |"


def _row(row: Row, results: Results) -> Iterator[str]:
    yield f"\n### {row.title[0].upper()}{row.title[1:]}\n"
    aimed = any(figure.aim for figure in row.figures)
    heads = ("", *row.subjects, *(("aim",) if aimed else ()))
    yield f"| {' | '.join(heads)} |"
    yield f"|---|{'--:|' * (len(heads) - 1)}"
    for figure in row.figures:
        spreads = [results.spread(row.key, figure.key, subject) for subject in row.subjects]
        if not any(spreads):
            continue
        cells = [figure.title, *(_cell(figure, spread) for spread in spreads)]
        if aimed:
            verdict = figure.verdict(spreads[0])
            cells.append(f"{figure.aim.text()}: {verdict}" if figure.aim and verdict else "")
        yield f"| {' | '.join(cells)} |"


def _cell(figure: Figure, spread: Spread | None) -> str:
    if spread is None:
        return ""
    text = figure.text(spread.median)
    if spread.least == spread.most:
        return text
    return f"{text} ({table.span(spread, figure.digits)})"


def _beside(results: Results) -> Iterator[str]:
    yield f"| | Protocube on etcd, this run | {peers.KUBERNETES}, earlier | {peers.COSI}, earlier |"
    yield "|---|--:|--:|--:|"
    for one in peers.COMPARISONS:
        ours = results.spread(one.row, one.figure, ETCD)
        text = f"{ours.median:,.{one.digits}f}" if ours else ""
        theirs = (_range(one, one.kubernetes), _range(one, one.cosi))
        yield f"| {one.title} | {text} | {' | '.join(theirs)} |"


def _range(comparison: peers.Comparison, seen: peers.Range | None) -> str:
    if seen is None:
        return ""
    least, most = (f"{value:,.{comparison.digits}f}" for value in (seen.least, seen.most))
    return least if least == most else f"{least}-{most}"
