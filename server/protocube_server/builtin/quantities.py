"""Kubernetes' quantities as numbers: ``500m``, ``64Mi``, ``1e3``.

Source: ``k8s.io/apimachinery/pkg/api/resource``.
"""

from __future__ import annotations

import math
import re
from fractions import Fraction

_QUANTITY = re.compile(
    r"(?P<number>[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+))"
    r"(?:(?P<suffix>[KMGTPE]i|[numkMGTPE])|[eE](?P<exponent>[+-]?[0-9]{1,3}))?"
)
_DECIMAL = {"n": -9, "u": -6, "m": -3, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}


def parse(text: str) -> Fraction | None:
    """Give the number that ``text`` stands for, ``None`` when it is no quantity."""
    found = _QUANTITY.fullmatch(text)
    if found is None:
        return None
    number: Fraction
    number, suffix = Fraction(found["number"]), found["suffix"] or ""
    if suffix in _BINARY:
        return number * Fraction(2 ** _BINARY[suffix])
    power = _DECIMAL.get(suffix, int(found["exponent"] or 0))
    scale: Fraction = Fraction(10) ** power
    return number * scale


def text(number: Fraction, *, binary: bool) -> str:
    """Give a number of thousandths or wholes as a quantity; ``binary`` counts in ``Ki``."""
    if number.denominator != 1:
        return f"{math.ceil(number * 1000)}m"
    if binary:
        for suffix, power in reversed(_BINARY.items()):
            if number and number % 2**power == 0:
                return f"{number // 2**power}{suffix}"
    return str(number)
