"""Columns of text that ends its cells with tabs."""

from __future__ import annotations

import pytest

from protocube_client.printers import tabbed


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("a\n", "a\n"),
        ("a\tb\n", "a  b\n"),
        ("a\tb\nccc\td\n", "a    b\nccc  d\n"),
        ("a\t\nccc\td\n", "a    \nccc  d\n"),
        # A line without cells ends a column.
        ("a\tb\nno cells\nccc\td\n", "a  b\nno cells\nccc  d\n"),
        # A second column is as wide as its own lines need.
        ("a\tb\tc\nddd\te\nf\tgggg\th\n", "a    b  c\nddd  e\nf    gggg  h\n"),
        ("a\tb\tc\nf\tgggg\th\n", "a  b     c\nf  gggg  h\n"),
        ("é\tb\nab\tc\n", "é   b\nab  c\n"),
    ],
)
def test_cells_line_up_below_each_other(text: str, expected: str) -> None:
    """Those of neighbouring lines, with at least two spaces behind each."""
    assert tabbed.text(text) == expected


def test_very_many_cells_and_lines_are_laid_out() -> None:
    """Each cell is looked at once: a stored text can have thousands of either."""
    text = tabbed.text("a\t" * 20_000 + "\n" + "b\tc\n" * 20_000)
    first, second, *_ = text.split("\n")
    assert first == "a  " * 20_000
    assert second == "b  c"
