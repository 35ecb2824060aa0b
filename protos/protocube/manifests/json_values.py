"""One JSON value out of a text that may hold several, as Go's decoder gives it."""

from __future__ import annotations

import functools
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from protocube.manifests import numbers, repeated_names
from protocube.steps import finished

if TYPE_CHECKING:
    from protocube.steps import Steps

Number = TypeVar("Number", bound=float)

# Python names the position where a value began; what came after cannot be further
# from the end of a text that was cut than a literal or an escape is long.
_LONGEST_CUT = 16
_LONGEST_INTEGER = 20
DEEPEST_NESTING = 256
"""Objects and lists inside each other; protobuf itself stops at 100 messages."""

BLANKS: Final = " \t\r\n"
"""What JSON takes for white space, which is less than Python does."""

_TOGETHER: Final = 64
"""Values that are looked at between two steps."""
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


class NotAlone(NotJson):
    """More than white space stands behind the value."""

    def __init__(self) -> None:
        super().__init__(cut=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """What a text says that holds one value."""

    value: Any
    """With a ``repeated_names.Repeating`` for each object that has a name more than once."""
    repeated: tuple[str, ...]
    """The paths of members that an object has more than once; the last one is in ``value``."""

    @property
    def plain(self) -> Any:
        """The value with plain objects alone."""
        return repeated_names.plain(self.value) if self.repeated else self.value


def parse_whole(text: str, *, written: bool = False) -> Whole:
    """Return the one value of a text as :func:`parse_alone` does, and what is repeated in it.

    Numbers that are ``written`` with a point or an exponent are ``numbers.Written``: where the text
    itself goes on to Go's decoder, it takes none of them for an integer.
    """
    keeper = repeated_names.Keeper()
    value = _alone(text, _decoder(keeper, written=written))
    return Whole(value=value, repeated=repeated_names.paths(value) if keeper.has_found else ())


def parse_alone(text: str) -> Any:
    """Return the one value of a text, which may have white space around it.

    Raises as :func:`parse`, and :class:`NotAlone`.
    """
    return _alone(text, _plain_decoder())


def _alone(text: str, decoder: json.JSONDecoder) -> Any:
    begin = len(text) - len(text.lstrip(BLANKS))
    value, end = _parsed(text, begin, decoder)
    if text[end:].strip(BLANKS):
        raise NotAlone
    return value


def parse(text: str, start: int) -> Parsed:
    """Return the value that begins at ``start``, where no whitespace stands.

    Raises :class:`NotJson`, and :class:`Refused` for nesting above
    :data:`DEEPEST_NESTING` and for numbers that no float holds.
    """
    value, end = _parsed(text, start, _plain_decoder())
    return Parsed(value=value, end=end)


def _parsed(text: str, start: int, decoder: json.JSONDecoder) -> tuple[Any, int]:
    """Return the value that begins at ``start``, and where it ends."""
    try:
        value, end = decoder.raw_decode(text, start)
    except json.JSONDecodeError as error:
        unterminated = error.msg.startswith("Unterminated string")
        raise NotJson(cut=unterminated or error.pos + _LONGEST_CUT >= len(text)) from None
    except RecursionError:
        raise _too_deep() from None
    opened = text.count("[", start, end) + text.count("{", start, end)
    if opened > DEEPEST_NESTING and finished(nests_deeper(value, DEEPEST_NESTING)):
        raise _too_deep()
    if any(text.find(half, start, end) >= 0 for half in ("\\ud", "\\uD")):
        value = _mended(value)
    return value, end


def nests_deeper(value: Any, most: int) -> Steps[bool]:
    """Tell whether more than ``most`` lists and objects lie inside each other."""
    level = [value] if isinstance(value, dict | list) else []
    depth = 0
    while level:
        depth += 1
        if depth > most:
            return True
        inner: list[Any] = []
        for count, item in enumerate(level):
            held = item.values() if isinstance(item, dict) else item
            inner += [below for below in held if isinstance(below, dict | list)]
            if count % _TOGETHER == 0:
                yield
        level = inner
    return False


@functools.cache
def _plain_decoder() -> json.JSONDecoder:
    return _decoder(None)


def _decoder(keeper: repeated_names.Keeper | None, *, written: bool = False) -> json.JSONDecoder:
    return json.JSONDecoder(
        parse_int=_integer,
        parse_float=_written if written else _float,
        parse_constant=_constant,
        object_pairs_hook=keeper,
    )


def _integer(text: str) -> int | float:
    # int() refuses thousands of digits; float() does not.
    return numbers.from_json(int(text)) if len(text) <= _LONGEST_INTEGER else _float(text)


def _float(text: str) -> int | float:
    return numbers.from_json(_bounded(text, float(text)))


def _written(text: str) -> numbers.Written:
    return _bounded(text, numbers.Written(text))


def _bounded(text: str, value: Number) -> Number:
    if value in (float("inf"), float("-inf")):
        message = f'strconv.ParseFloat: parsing "{text}": value out of range'
        raise Refused(message)
    return value


def _constant(_: str) -> float:
    # NaN and Infinity are Python's additions to JSON.
    raise NotJson(cut=False)


def _too_deep() -> Refused:
    return Refused(f"exceeded max depth of {DEEPEST_NESTING}")


def _mended(value: Any) -> Any:
    """Replace halves of surrogate pairs, which no UTF-8 can hold."""
    if isinstance(value, str):
        return _SURROGATES.sub("\ufffd", value)
    if isinstance(value, list):
        return [_mended(item) for item in value]
    if isinstance(value, dict):
        mended = {_mended(key): _mended(item) for key, item in value.items()}
        if isinstance(value, repeated_names.Repeating):
            return repeated_names.repeating(mended, _mended(list(value.names)))
        return mended
    return value
