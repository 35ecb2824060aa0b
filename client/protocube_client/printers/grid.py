"""Cells in columns that line up, three spaces between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_PADDING = 3
_NARROWEST = 6


class Grid:
    """Gives rows as lines. It keeps its widths, so that later rows line up, too."""

    def __init__(self) -> None:
        self._widths: list[int] = []

    def fits(self, rows: Sequence[Sequence[str]]) -> bool:
        """Tell whether rows line up with those so far, without wider columns."""
        return all(
            len(cell) + _PADDING <= width
            for row in rows
            for cell, width in zip(row[:-1], self._widths, strict=False)
        )

    def lines(self, rows: Sequence[Sequence[str]]) -> Iterator[str]:
        """Yield each row as a line. The last cell of a row is not padded."""
        for row in rows:
            for position, cell in enumerate(row[:-1]):
                width = max(len(cell) + _PADDING, _NARROWEST)
                if position == len(self._widths):
                    self._widths.append(width)
                self._widths[position] = max(self._widths[position], width)
        for row in rows:
            padded = (
                cell.ljust(width) for cell, width in zip(row[:-1], self._widths, strict=False)
            )
            yield "".join(padded) + row[-1] + "\n"
