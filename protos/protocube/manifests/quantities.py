"""Kubernetes' quantities as numbers: ``500m``, ``64Mi``, ``1e3``.

Source: ``k8s.io/apimachinery/pkg/api/resource``.
"""

from __future__ import annotations

import math
import re
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from protocube.manifests import quantity_text

if TYPE_CHECKING:
    from collections.abc import Mapping

_SCALES = {
    **{suffix: Fraction(10) ** power for suffix, power in quantity_text.DECIMAL.items()},
    **{suffix: Fraction(2) ** power for suffix, power in quantity_text.BINARY.items()},
}
_MOST_EXPONENT: Final = 999
"""No quantity is so large or small or long, and to work with one that is would take long."""


def parse(text: str) -> Fraction | None:
    """Return the number that ``text`` stands for, ``None`` when it is no quantity."""
    parts = _read(text)
    if parts is None:
        return None
    if parts.exponent is not None:
        within = abs(parts.exponent) <= _MOST_EXPONENT
        return _number(parts) * Fraction(10) ** parts.exponent if within else None
    return _number(parts) * _SCALES[parts.suffix]


def _read(text: str) -> quantity_text.Parts | None:
    if len(text) > _MOST_EXPONENT:
        return None
    try:
        return quantity_text.read(text)
    except quantity_text.NoQuantity:
        return None


def _number(parts: quantity_text.Parts) -> Fraction | int:
    """Return the number in front of the suffix."""
    # Most are whole, and reading those is much cheaper.
    digits = f"{parts.sign}{parts.whole or 0}"
    return Fraction(f"{digits}.{parts.fraction}") if parts.fraction else int(digits)


def text(number: Fraction, *, binary: bool) -> str:
    """Return a number of thousandths or wholes as a quantity; ``binary`` counts in ``Ki``."""
    if number.denominator != 1:
        return f"{math.ceil(number * 1000)}m"
    if binary:
        for suffix, power in reversed(quantity_text.BINARY.items()):
            if number and number % 2**power == 0:
                return f"{number // 2**power}{suffix}"
    return str(number)


_SHORT: Final = re.compile(r"0|[1-9][0-9]{0,2}(?:[mkMGTPE]|[KMGTP]i)?")
"""The form of most, which is canonical."""
_SUFFIXES: Final = {power: suffix for suffix, power in quantity_text.DECIMAL.items()}
_THOUSAND: Final = 3
"""Decimal suffixes stand for powers of a thousand."""
LEAST: Final = -9
"""The smallest power of ten that is kept; what is below it is rounded up."""
THOUSANDTHS: Final = -3
"""That of amounts of resources."""
_MOST_DIGITS: Final = 18
_MOST_BINARY_DIGITS: Final = 14
"""So many digits can stay as they are; the digits that a binary suffix stands for count, too."""
_MOST_BINARY: Final = 2**63 - 1


def canonical(given: str, *, least: int = LEAST) -> str:
    """Return how Kubernetes stores a quantity: as it is, if it looks canonical, or else anew.

    What is smaller than ten to the power of ``least`` is rounded up to it, and what has a binary
    suffix is at most what 64 bits hold. Text that is no quantity stays as it is.
    """
    if _SHORT.fullmatch(given):
        return given
    parts = _read(given)
    if parts is None or abs(parts.exponent or 0) > _MOST_EXPONENT:
        return given
    if _looks_canonical(parts, least):
        return given
    unit = Fraction(10) ** least
    number = parse(given) or Fraction()
    size = math.ceil(abs(number) / unit) * unit
    sign = "-" if number < 0 else ""
    if parts.suffix not in quantity_text.BINARY:
        return sign + _decimal(size, has_exponent=parts.exponent is not None)
    size = min(size, Fraction(_MOST_BINARY))
    # Kubernetes writes small ones and fractions as decimals, which are exact.
    if size < 2**10 or size.denominator != 1:
        return sign + _decimal(size, has_exponent=False)
    return sign + text(size, binary=True)


def _looks_canonical(parts: quantity_text.Parts, least: int) -> bool:
    whole = parts.whole.lstrip("0") or "0"
    if parts.suffix in quantity_text.BINARY:
        most = _MOST_BINARY_DIGITS - quantity_text.BINARY[parts.suffix] * 3 // 10
        return not parts.fraction and len(whole) <= most and int(whole) % 8 != 0
    digits = whole + parts.fraction
    power = quantity_text.DECIMAL[parts.suffix] if parts.exponent is None else parts.exponent
    power -= len(parts.fraction)
    is_exact = power >= least and len(digits) <= _MOST_DIGITS
    return (
        is_exact
        and power % _THOUSAND == 0
        and not digits.startswith("0")
        and not digits.endswith("000")
    )


def _decimal(size: Fraction, *, has_exponent: bool) -> str:
    """Return a number that is no smaller than 0 with the largest suffix that leaves it whole."""
    if not size:
        return "0"
    digits, power = int(size * 10**-LEAST), LEAST
    while digits % 10**_THOUSAND == 0 and (has_exponent or power < max(_SUFFIXES)):
        digits, power = digits // 10**_THOUSAND, power + _THOUSAND
    if has_exponent:
        return f"{digits}e{power}" if power else str(digits)
    return f"{digits}{_SUFFIXES[power]}"


def add(total: dict[str, Fraction], more: Mapping[str, Fraction]) -> None:
    """Add amounts to those of the same names in ``total``."""
    for name, amount in more.items():
        total[name] = total.get(name, Fraction()) + amount
