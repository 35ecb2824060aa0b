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
_SCALES = {
    "": Fraction(1),
    **{suffix: Fraction(10) ** power for suffix, power in _DECIMAL.items()},
    **{suffix: Fraction(2) ** power for suffix, power in _BINARY.items()},
}


def parse(text: str) -> Fraction | None:
    """Return the number that ``text`` stands for, ``None`` when it is no quantity."""
    found = _QUANTITY.fullmatch(text)
    if found is None:
        return None
    number, suffix, exponent = found.groups()
    # Most are whole, and reading those is much cheaper.
    exact = int(number) if "." not in number else Fraction(number)
    if exponent is not None:
        return exact * Fraction(10) ** int(exponent)
    return exact * _SCALES[suffix or ""]


def text(number: Fraction, *, binary: bool) -> str:
    """Return a number of thousandths or wholes as a quantity; ``binary`` counts in ``Ki``."""
    if number.denominator != 1:
        return f"{math.ceil(number * 1000)}m"
    if binary:
        for suffix, power in reversed(_BINARY.items()):
            if number and number % 2**power == 0:
                return f"{number // 2**power}{suffix}"
    return str(number)
