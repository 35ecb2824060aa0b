"""Numbers on their way through JSON, as Go writes and reads them."""

from __future__ import annotations

import math
import struct
from typing import Self

LEAST, MOST = -(2**63), 2**63 - 1
# encoding/json: the exponents at which a float is written with one.
_SMALLEST_PLAIN, _LARGEST_PLAIN = 1e-6, 1e21
_SINGLE_DIGITS = 9
_LEAST_PLAIN_EXPONENT, _PRECISION = -4, 6


class Written(float):
    """A number with a point or an exponent, and how it is written: ``3.0``."""

    __slots__ = ("text",)

    def __new__(cls, text: str) -> Self:
        """Read the number."""
        found = super().__new__(cls, text)
        found.text = text
        return found

    text: str


def from_json(value: float) -> int | float:
    """Return a number as Kubernetes reads it: whole numbers within 64 bits are ``int``."""
    if isinstance(value, int):
        return value if LEAST <= value <= MOST else float(value)
    if value.is_integer() and LEAST <= value <= MOST and abs(value) < _LARGEST_PLAIN:
        return int(value)
    return value


def text(value: float) -> str:
    """Return a finite number as Go's JSON encoder writes it: ``1.5``, ``1e+21``, ``1e-7``."""
    if isinstance(value, int):
        return str(value)
    size = abs(value)
    mantissa, _, exponent = repr(value).partition("e")
    if size and (size < _SMALLEST_PLAIN or size >= _LARGEST_PLAIN):
        if not exponent:
            mantissa, _, exponent = f"{value:e}".partition("e")
        return f"{mantissa.removesuffix('.0')}e{int(exponent):+d}"
    if exponent:
        return _plain(mantissa, int(exponent))
    return mantissa.removesuffix(".0")


def key(value: float) -> str:
    """Return a number that stands as a YAML key as the text it becomes (``sigs.k8s.io/yaml``).

    Go writes it with the precision of 32 bits there.
    """
    if math.isnan(value):
        return ".nan"
    single = _single(value)
    if math.isinf(single):
        return ".inf" if single > 0 else "-.inf"
    short = _shortest_single(single)
    mantissa, _, exponent = short.partition("e")
    power = int(exponent)
    if power < _LEAST_PLAIN_EXPONENT or power >= _PRECISION:
        return f"{mantissa}e{power:+03d}"
    return _plain(mantissa, power)


def scientific(value: float) -> str:
    """Return a finite float as Go's ``strconv`` does in its shortest form: ``1.5e+06``."""
    from decimal import Decimal

    number = Decimal(repr(float(value)))
    power = number.adjusted()
    if _LEAST_PLAIN_EXPONENT <= power < _PRECISION:
        text = format(number, "f")
        return text.removesuffix(".0")
    digits = "".join(map(str, number.as_tuple().digits)).rstrip("0")
    mantissa = f"{digits[0]}.{digits[1:]}".rstrip(".")
    sign = "-" if value < 0 else ""
    return f"{sign}{mantissa}e{'-' if power < 0 else '+'}{abs(power):02d}"


def shortest_single(value: float) -> float:
    """Return the number with the fewest digits that 32 bits hold as they hold ``value``."""
    return float(_shortest_single(value))


def _shortest_single(single: float) -> str:
    for digits in range(1, _SINGLE_DIGITS):
        short = f"{single:.{digits - 1}e}"
        if _single(float(short)) == single:
            return short
    return f"{single:.{_SINGLE_DIGITS - 1}e}"


def _single(value: float) -> float:
    """Round to 32 bits; what they cannot hold is infinite."""
    try:
        rounded: float = struct.unpack("<f", struct.pack("<f", value))[0]
    except OverflowError:
        return math.copysign(math.inf, value)
    return rounded


def _plain(mantissa: str, exponent: int) -> str:
    """Write ``mantissa`` times ten to the ``exponent`` without an exponent."""
    sign = "-" if mantissa.startswith("-") else ""
    whole, _, fraction = mantissa.lstrip("-").partition(".")
    digits = whole + fraction
    point = len(whole) + exponent
    if point <= 0:
        return f"{sign}0.{'0' * -point}{digits}".rstrip("0").removesuffix(".")
    digits = digits.ljust(point, "0")
    rest = digits[point:].rstrip("0")
    return f"{sign}{digits[:point]}.{rest}" if rest else f"{sign}{digits[:point]}"
