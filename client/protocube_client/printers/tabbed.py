"""Text whose cells end with tabs, in columns that line up.

A column is a block of lines, one below the other, that all have a cell there; so a line
without tabs ends all blocks, and each block is as wide as it must be. The rules are those of
Go's ``text/tabwriter``.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_PADDING = 2


def text(tabbed: str) -> str:
    """Return ``tabbed`` with spaces in place of tabs, at least two behind each cell."""
    rows = [line.split("\t") for line in tabbed.split("\n")]
    widths = [[0] * (len(row) - 1) for row in rows]
    # Only the rows that have a cell there are looked at: a row can have very many.
    places = [place for place, sizes in enumerate(widths) if sizes]
    for column in range(max(map(len, widths))):
        for block in _blocks(places):
            width = max(len(rows[place][column]) for place in block)
            for place in block:
                widths[place][column] = width + _PADDING
        places = [place for place in places if len(widths[place]) > column + 1]
    return "\n".join(
        "".join(cell.ljust(width) for cell, width in zip(row[:-1], sizes, strict=True)) + row[-1]
        for row, sizes in zip(rows, widths, strict=True)
    )


def _blocks(places: list[int]) -> Iterator[list[int]]:
    """Yield the runs of numbers that follow each other."""
    for _, run in itertools.groupby(enumerate(places), lambda each: each[1] - each[0]):
        yield [place for _, place in run]
