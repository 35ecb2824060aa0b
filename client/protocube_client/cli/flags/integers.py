"""Whole numbers on the command line, in Go's notation: ``80``, ``-1``, ``0x10``, ``1_000``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from protocube.errors import quote

if TYPE_CHECKING:
    from typing import Any

_FORM = re.compile(
    r"(?P<sign>[+-]?)(?:(?P<octal>0(?:_?[0-7])+)"
    r"|0[xX](?:_?[0-9a-fA-F])+|0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0|[1-9](?:_?[0-9])*)"
)


_MOST_DIGITS = 4000
"""Python reads no longer ones, and nobody writes so many zeros."""


class Integer(click.types.IntParamType):
    """A number that so many bits hold, with a sign."""

    def __init__(self, bits: int) -> None:
        self._bits = bits

    def fault(self, text: str) -> str:
        """Say what is wrong with a number in Go's words; nothing when it is right."""
        found = _FORM.fullmatch(text)
        if found is None:
            return f"strconv.ParseInt: parsing {quote(text)}: invalid syntax"
        most = 2 ** (self._bits - 1)
        if len(text) > _MOST_DIGITS or not -most <= _value(found) < most:
            return f"strconv.ParseInt: parsing {quote(text)}: value out of range"
        return ""

    def convert(
        self,
        value: Any,
        param: click.Parameter | None,  # noqa: ARG002  # click's contract
        ctx: click.Context | None,  # noqa: ARG002  # click's contract
    ) -> int:
        """Return the number of a text that has no :meth:`fault`."""
        if isinstance(value, int):
            return value
        found = _FORM.fullmatch(value)
        if found is None:
            raise ValueError(f"{value} is no number")
        return _value(found)


def decimal(text: str) -> int:
    """Return a number of decimal digits; of a very long one the first digits, which are many."""
    return int(text[:_MOST_DIGITS])


INT = Integer(64)
INT32 = Integer(32)


def _value(found: re.Match[str]) -> int:
    if found["octal"]:
        size = int(found["octal"], 8)
        return -size if found["sign"] == "-" else size
    return int(found[0], 0)
