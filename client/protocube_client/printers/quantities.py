"""Quantities such as ``500m`` or ``1Gi`` as numbers, so that they sort by size."""

from __future__ import annotations

import re
from decimal import Decimal

_FORM = re.compile(
    r"(?P<number>[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))"
    r"(?:(?P<binary>[KMGTPE])i|(?P<decimal>[numkMGTPE])|[eE](?P<power>[+-]?[0-9]{1,3}))?"
)
_BINARY = {letter: Decimal(1024) ** power for power, letter in enumerate("KMGTPE", 1)}
_DECIMAL = {"n": -9, "u": -6, "m": -3, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}


def parse(text: str) -> Decimal | None:
    """Return the size of a quantity, ``None`` when ``text`` is none."""
    found = _FORM.fullmatch(text)
    if found is None:
        return None
    number = Decimal(found["number"])
    if found["binary"]:
        return number * _BINARY[found["binary"]]
    power = _DECIMAL[found["decimal"]] if found["decimal"] else int(found["power"] or 0)
    return number.scaleb(power)
