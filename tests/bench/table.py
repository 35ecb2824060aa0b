"""The table as it is printed: 80 columns, a median and below it the range."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.bench.figures import Figure, Results, Row, Spread

WIDTH = 80
_TITLE, _CELL, _AIM = 19, 12, 12


def lines(rows: Iterable[Row], results: Results) -> Iterator[str]:
    """Yield the rows that have samples, and the notes."""
    for row in rows:
        if row.key not in results.samples:
            continue
        heads = "".join(f"{subject:>{_CELL}}" for subject in row.subjects)
        aimed = any(figure.aim for figure in row.figures)
        yield row.title
        yield f"{'':<{_TITLE}}{heads}{'aim' if aimed else '':>{_AIM}}".rstrip()
        for figure in row.figures:
            yield from _figure(row, figure, results)
        yield ""
    for note in results.notes:
        yield from textwrap.wrap(f"note: {note}", WIDTH, subsequent_indent="      ")


def _figure(row: Row, figure: Figure, results: Results) -> Iterator[str]:
    spreads = [results.spread(row.key, figure.key, subject) for subject in row.subjects]
    if not any(spreads):
        return
    medians = "".join(f"{figure.text(one.median) if one else '-':>{_CELL}}" for one in spreads)
    aim = figure.aim.text() if figure.aim else ""
    yield f"  {figure.title:<{_TITLE - 2}}{medians}{aim:>{_AIM}}".rstrip()
    ranges = [_range(figure, one) for one in spreads]
    verdict = figure.verdict(spreads[0])
    if any(ranges) or verdict:
        spread = "".join(f"{text:>{_CELL}}" for text in ranges)
        yield f"{'':<{_TITLE}}{spread}{verdict:>{_AIM}}".rstrip()


def _range(figure: Figure, spread: Spread | None) -> str:
    """Return least and most, in as few characters as they need; nothing when they are one."""
    if spread is None or spread.least == spread.most:
        return ""
    for digits in range(figure.digits, -1, -1):
        text = span(spread, digits)
        for candidate in (text, text.replace(",", "")):
            if len(candidate) < _CELL:
                return candidate
    return text


def span(spread: Spread, digits: int) -> str:
    """Return least and most as one text."""
    between = "-" if spread.least >= 0 else ".."
    return f"{spread.least:,.{digits}f}{between}{spread.most:,.{digits}f}"
