"""Numbers as go-yaml and Go's ``fmt`` write them.

JSON's form is in :mod:`protocube.manifests.numbers`.
"""

from __future__ import annotations

from decimal import Decimal

_PLAIN = range(-4, 6)
"""The powers of ten at which Go's shortest form has no exponent."""
_LARGEST_WHOLE = 1e18


def shortest(value: float) -> str:
    """Return a finite number as go-yaml does: whole ones plainly, else as :func:`scientific`.

    Whole numbers are read as integers before they get there, so they stay plain.
    """
    if isinstance(value, int) or (value.is_integer() and abs(value) < _LARGEST_WHOLE):
        return str(int(value))
    return scientific(value)


def scientific(value: float) -> str:
    """Return a finite float as Go's ``strconv`` does in its shortest form: ``1.5e+06``."""
    number = Decimal(repr(value))
    power = number.adjusted()
    if power in _PLAIN:
        text = format(number, "f")
        return text.removesuffix(".0")
    digits = "".join(map(str, number.as_tuple().digits)).rstrip("0")
    mantissa = f"{digits[0]}.{digits[1:]}".rstrip(".")
    sign = "-" if value < 0 else ""
    return f"{sign}{mantissa}e{'-' if power < 0 else '+'}{abs(power):02d}"
