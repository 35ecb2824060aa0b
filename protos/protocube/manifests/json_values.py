"""One JSON value out of a text that may hold several, as Go's decoder gives it."""

from __future__ import annotations

import functools
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from protocube.manifests import numbers

if TYPE_CHECKING:
    from collections.abc import Iterable

# Python names the position where a value began; what came after cannot be further
# from the end of a text that was cut than a literal or an escape is long.
_LONGEST_CUT = 16
_LONGEST_INTEGER = 20
DEEPEST_NESTING = 256
"""Objects and lists inside each other; protobuf itself stops at 100 messages."""

_SURROGATES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """A value and where the text behind it begins."""

    value: Any
    end: int


class Refused(Exception):  # reads as the statement it is
    """It is JSON, and too much of it; ``str()`` is Go's sentence about it."""


class NotJson(Exception):  # reads as the statement it is
    """No value stands there. ``cut`` tells that more text could make it one."""

    def __init__(self, *, cut: bool) -> None:
        super().__init__("no JSON value")
        self.cut = cut


def parse(text: str, start: int) -> Parsed:
    """Return the value that begins at ``start``, where no whitespace stands.

    Raises :class:`NotJson`, and :class:`Refused` for nesting above
    :data:`DEEPEST_NESTING` and for numbers that no float holds.
    """
    try:
        value, end = _decoder().raw_decode(text, start)
    except json.JSONDecodeError as error:
        unterminated = error.msg.startswith("Unterminated string")
        raise NotJson(cut=unterminated or error.pos + _LONGEST_CUT >= len(text)) from None
    except RecursionError:
        raise _too_deep() from None
    opened = text.count("[", start, end) + text.count("{", start, end)
    if opened > DEEPEST_NESTING and _depth(value) > DEEPEST_NESTING:
        raise _too_deep()
    if any(text.find(half, start, end) >= 0 for half in ("\\ud", "\\uD")):
        value = _mended(value)
    return Parsed(value=value, end=end)


@functools.cache
def _decoder() -> json.JSONDecoder:
    return json.JSONDecoder(parse_int=_integer, parse_float=_float, parse_constant=_constant)


def _integer(text: str) -> int | float:
    # int() refuses thousands of digits; float() does not.
    return numbers.from_json(int(text)) if len(text) <= _LONGEST_INTEGER else _float(text)


def _float(text: str) -> int | float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        message = f'strconv.ParseFloat: parsing "{text}": value out of range'
        raise Refused(message)
    return numbers.from_json(value)


def _constant(_: str) -> float:
    # NaN and Infinity are Python's additions to JSON.
    raise NotJson(cut=False)


def _too_deep() -> Refused:
    return Refused(f"exceeded max depth of {DEEPEST_NESTING}")


def _depth(value: Any) -> int:
    depth = 0
    level = [value]
    while level:
        inner: list[Any] = []
        for item in level:
            if isinstance(item, (dict, list)):
                inner.extend(_children(item))
        depth += any(isinstance(item, (dict, list)) for item in level)
        level = inner
    return depth


def _children(item: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return item.values() if isinstance(item, dict) else item


def _mended(value: Any) -> Any:
    """Replace halves of surrogate pairs, which no UTF-8 can hold."""
    if isinstance(value, str):
        return _SURROGATES.sub("\ufffd", value)
    if isinstance(value, list):
        return [_mended(item) for item in value]
    if isinstance(value, dict):
        return {_mended(key): _mended(item) for key, item in value.items()}
    return value
