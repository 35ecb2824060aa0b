"""The text of a cell, so that it stays one and does no harm."""

from __future__ import annotations

import re

_LINE_BREAK = re.compile(r"[\f\n\r]")


def one_line(text: str) -> str:
    """Return the first line of ``text``, with dots where more was."""
    found = _LINE_BREAK.search(text)
    if found:
        text = f"{text[: found.start()]}..."
    # A tab would begin another cell.
    return visible(text).replace("\t", "\\t")


def visible(text: str) -> str:
    """Return ``text`` with what could move a terminal's cursor made visible."""
    return text.replace("\x1b", "^[").replace("\r", "\\r")
