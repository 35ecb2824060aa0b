"""Which strings would be read as something else when written plainly in YAML.

The rules are go-yaml's, as kubectl writes with it: what it reads as another type is
quoted, and for the sake of other readers also times and base-60 numbers.
"""

from __future__ import annotations

import calendar
import re

from protocube.manifests.yaml import scalars

_BASE_60 = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?", re.ASCII)
# go-yaml reads what follows 0b with a parser that takes a sign of its own.
_SIGNED_BINARY = re.compile(r"0b[-+][01]{1,63}", re.ASCII)
_TIMESTAMP = re.compile(
    r"(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})"
    r"(?:(?P<separator>[Tt ])(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{1,2}):(?P<second>[0-9]{1,2})"
    r"(?:[.,][0-9]+)?(?P<zone>Z|[-+][0-9]{2}:[0-9]{2})?)?",
    re.ASCII,
)
_MONTHS = range(1, 13)
_CLOCK = {"hour": range(24), "minute": range(60), "second": range(60)}
_NUMERIC_START = frozenset("+-0123456789")


def is_special(text: str) -> bool:
    """Tell whether plain ``text`` would not be read as this string."""
    if not isinstance(scalars.resolve(text), str):
        return True
    if text[0] not in _NUMERIC_START:
        return False
    return (
        _BASE_60.fullmatch(text) is not None
        or _SIGNED_BINARY.fullmatch(text.replace("_", "")) is not None
        or _is_timestamp(text)
    )


def _is_timestamp(text: str) -> bool:
    found = _TIMESTAMP.fullmatch(text)
    if found is None:
        return False
    if not _is_date(*(int(found[part]) for part in ("year", "month", "day"))):
        return False
    if found["separator"] is None:
        return True
    # With a space between there is no zone, with a T there must be one.
    if (found["zone"] is None) != (found["separator"] == " "):
        return False
    return all(int(found[part]) in _CLOCK[part] for part in _CLOCK)


def _is_date(year: int, month: int, day: int) -> bool:
    return month in _MONTHS and 1 <= day <= calendar.monthrange(year, month)[1]
