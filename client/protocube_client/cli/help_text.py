"""Help as it fits the terminal, be it 40 columns wide."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_NARROWEST, _WIDEST = 40, 100
_MARGIN = "  "
_INDENT = 10
"""Where the text of a name begins that stands above it."""
_NAMES = 30
"""Columns that names may take; the text of a longer one stands below it."""
_FOR_TWO_COLUMNS = 60


def width() -> int:
    """Return the columns to write in."""
    import shutil

    return min(max(shutil.get_terminal_size().columns, _NARROWEST), _WIDEST)


def paragraphs(text: str) -> Iterator[str]:
    """Yield a text of several paragraphs as lines."""
    import textwrap

    for number, paragraph in enumerate(text.strip().split("\n\n")):
        if number:
            yield ""
        yield from textwrap.wrap(paragraph, width())


def usage(line: str) -> list[str]:
    """Return how a command is called; what does not fit stands deeper on the next line."""
    import textwrap

    return textwrap.wrap(
        line,
        width(),
        initial_indent=_MARGIN,
        subsequent_indent=_MARGIN * 3,
        break_on_hyphens=False,
        break_long_words=False,
    )


def definitions(rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield names with what they mean as lines: beside each other where there is room."""
    found = list(rows)
    columns = width()
    if columns < _FOR_TWO_COLUMNS:
        for name, text in found:
            yield _MARGIN + name
            yield from _below(text, _INDENT)
        return
    size = max((len(name) for name, _ in found if len(name) <= _NAMES), default=0)
    indent = len(_MARGIN) + size + 2
    for name, text in found:
        lines = list(_below(text, indent))
        if len(name) <= size and lines:
            yield f"{_MARGIN}{name.ljust(size)}{_MARGIN}{lines[0].lstrip()}"
            lines = lines[1:]
        else:
            yield _MARGIN + name
        yield from lines


def _below(text: str, indent: int) -> list[str]:
    margin = " " * indent
    import textwrap

    return textwrap.wrap(
        text,
        width(),
        initial_indent=margin,
        subsequent_indent=margin,
        # What one types stays in one piece.
        break_on_hyphens=False,
        break_long_words=False,
    )
