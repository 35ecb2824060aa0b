"""A line of a manifest with a mark below what is wrong in it, as compilers show it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube_client.cli import help_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube_client.cli.places.findings import Finding

_BEFORE = 8
"""Columns that stay visible before the mark when a line is cut."""


def lines(finding: Finding) -> Iterator[str]:
    """Yield the place, the line, the mark and the hint of ``finding``."""
    if not finding.source:
        yield f"  {finding.hint}"
        return
    position = finding.position
    where = ":".join(str(part) for part in (position.line, position.column) if part)
    number = str(position.line)
    margin = " " * len(number)
    yield f"{margin} --> {finding.source}{':' if where else ''}{where}"
    if not finding.line:
        if finding.hint:
            yield f"{margin}  = {finding.hint}"
        return
    text, column, length = _cut(finding, help_text.width() - len(number) - 3)
    yield f"{number} | {text}"
    hint = f" {finding.hint}" if finding.hint else ""
    yield f"{margin} | {' ' * (column - 1)}{'^' * length}{hint}"


def _cut(finding: Finding, room: int) -> tuple[str, int, int]:
    """Return the part of the line that fits, the column of the mark in it, and its length."""
    text = finding.line.replace("\t", " ").rstrip()
    column = finding.position.column or len(text) - len(text.lstrip()) + 1
    length = finding.length if finding.position.column else len(text.strip())
    if len(text) > room:
        start = max(0, column - 1 - _BEFORE)
        text, column = text[start : start + room], column - start
    return text, column, max(1, min(length, len(text) - column + 1))
