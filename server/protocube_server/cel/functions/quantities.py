"""Quantities such as ``500m`` and ``64Mi``, as numbers."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final

from protocube.manifests import quantities
from protocube_server.cel.functions.declared import free, member
from protocube_server.cel.types import QUANTITY, Made

_ONE: Final = (QUANTITY,)
_TWO: Final = (QUANTITY, QUANTITY)
_AND_INT: Final = (QUANTITY, "int")
_LEAST, _MOST = -(2**63), 2**63 - 1


def _parse(text: str) -> Made:
    number = quantities.parse(text)
    if number is None:
        raise ValueError(
            "quantities must match the regular expression "
            "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
        )
    return _made(Fraction(number))


def _made(number: Fraction) -> Made:
    return Made(QUANTITY, {"number": str(number)})


def _number(quantity: Any) -> Fraction:
    return Fraction(quantity.number or 0)


def _is_integer(quantity: Any) -> bool:
    number = _number(quantity)
    return number.denominator == 1 and _LEAST <= number <= _MOST


def _as_integer(quantity: Any) -> int:
    if not _is_integer(quantity):
        raise ValueError("cannot convert value to integer")
    return int(_number(quantity))


def _compare(one: Any, other: Any) -> int:
    a, b = _number(one), _number(other)
    return (a > b) - (a < b)


FUNCTIONS: Final = (
    free("quantity", ("string",), QUANTITY, _parse),
    free("isQuantity", ("string",), "bool", lambda text: quantities.parse(text) is not None),
    member("sign", _ONE, "int", lambda one: (_number(one) > 0) - (_number(one) < 0)),
    free("sign", _ONE, "int", lambda one: (_number(one) > 0) - (_number(one) < 0)),
    member("isInteger", _ONE, "bool", _is_integer),
    member("asInteger", _ONE, "int", _as_integer),
    member("asApproximateFloat", _ONE, "double", lambda one: float(_number(one))),
    member("add", _TWO, QUANTITY, lambda a, b: _made(_number(a) + _number(b))),
    member("add", _AND_INT, QUANTITY, lambda a, b: _made(_number(a) + b)),
    member("sub", _TWO, QUANTITY, lambda a, b: _made(_number(a) - _number(b))),
    member("sub", _AND_INT, QUANTITY, lambda a, b: _made(_number(a) - b)),
    member("isLessThan", _TWO, "bool", lambda a, b: _number(a) < _number(b)),
    member("isGreaterThan", _TWO, "bool", lambda a, b: _number(a) > _number(b)),
    member("compareTo", _TWO, "int", _compare),
)
