"""How a quantity is written: a number and a suffix, ``500m``, ``64Mi``, ``1e3``.

Source: ``ParseQuantity`` of ``k8s.io/apimachinery/pkg/api/resource``, which takes more than the
expression in its text says: digits may be missing altogether, and then the number is 0.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

DECIMAL: Final = {
    "n": -9,
    "u": -6,
    "m": -3,
    "": 0,
    "k": 3,
    "M": 6,
    "G": 9,
    "T": 12,
    "P": 15,
    "E": 18,
}
"""The suffixes that stand for powers of ten."""
BINARY: Final = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
"""The suffixes that stand for powers of two."""

_QUANTITY = re.compile(
    r"(?P<sign>[+-]?)(?P<whole>[0-9]*)(?:\.(?P<fraction>[0-9]*))?"
    r"(?P<suffix>[eEinumkKMGTP]*[-+]?[0-9]*)"
)
_EXPONENT = re.compile("[eE]([+-]?[0-9]+)")
_BAD_FORM = (
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
)
_BAD_SUFFIX = "unable to parse quantity's suffix"
_BAD_NUMBER = "unable to parse numeric part of quantity"
_LEAST_WITHOUT_DIGITS = -9
_LONGEST_EXPONENT = 19
"""No longer ones are within 64 bits."""
_LONG = ("Pi", "Ei")
"""With these Kubernetes reads the digits in another way, which needs some."""


class NoQuantity(Exception):  # reads as the statement it is
    """A text is no quantity; ``str()`` says why in Kubernetes' words."""


class Parts(NamedTuple):
    """The parts of a quantity."""

    sign: str
    whole: str
    """Its digits before the point, which may be none."""
    fraction: str
    """Its digits behind the point."""
    suffix: str
    """One of :data:`DECIMAL` and :data:`BINARY`; ``""`` where there is an exponent, too."""
    exponent: int | None
    """The power of ten of ``1e3``."""


def read(text: str) -> Parts:
    """Return the parts of a quantity. Raises :class:`NoQuantity`."""
    found = _QUANTITY.fullmatch(text) if text else None
    if found is None:
        raise NoQuantity(_BAD_FORM)
    sign, whole, fraction, suffix = found.groups()
    has_digits = bool(whole or fraction)
    if suffix in DECIMAL or suffix in BINARY:
        if suffix in _LONG and not has_digits:
            raise NoQuantity(_BAD_NUMBER)
        return Parts(sign, whole, fraction or "", suffix, None)
    exponent = _EXPONENT.fullmatch(suffix)
    if exponent is None or len(exponent[1]) > _LONGEST_EXPONENT:
        raise NoQuantity(_BAD_SUFFIX)
    power = int(exponent[1])
    if power < _LEAST_WITHOUT_DIGITS and not has_digits:
        raise NoQuantity(_BAD_NUMBER)
    return Parts(sign, whole, fraction or "", "", power)
