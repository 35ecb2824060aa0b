"""JSON as kubectl writes it: four spaces, and what Go escapes escaped."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from json.encoder import JSONEncoder
from json.encoder import encode_basestring as _quoted
from typing import Any

from protocube.manifests import numbers

Order = Callable[[Iterable[str]], list[str]]
"""Puts the keys of an object in order: ``sorted``, or ``list`` to leave them as they are."""

_INDENT = "    "
# Go escapes what could end a script element or a line of JavaScript.
_ESCAPES = str.maketrans(
    {
        "<": "\\u003c",
        ">": "\\u003e",
        "&": "\\u0026",
        "\u2028": "\\u2028",
        "\u2029": "\\u2029",
    }
)


# What json writes of floats is not what Go does. All else is the same but for _ESCAPES, which only
# strings can hold.
_ENCODERS = tuple(
    JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=keys_are_sorted).encode
    for keys_are_sorted in (False, True)
)
_PLAIN = frozenset({str, int, bool, type(None)})


def text(value: object, *, order: Order = sorted) -> str:
    """Return ``value`` as indented JSON, the keys of each object in ``order``."""
    pieces: list[str] = []
    _write(value, "\n", pieces, order)
    return "".join(pieces)


def compact(value: object, *, order: Order = sorted) -> str:
    """Return ``value`` as JSON on one line, without spaces, keys in ``order``."""
    if isinstance(value, dict | list) and _is_plain(value):
        return _ENCODERS[order is sorted](value).translate(_ESCAPES)
    return _compact(value, order)


def _compact(value: object, order: Order) -> str:
    if isinstance(value, dict):
        members = (f"{_string(key)}:{_compact(value[key], order)}" for key in order(value))
        return "{" + ",".join(members) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(_compact(item, order) for item in value) + "]"
    return _scalar(value)


def _is_plain(value: object) -> bool:
    """Tell whether a value has no floats, and nothing that only looks like JSON."""
    kind = type(value)
    if kind is dict:
        return all(map(_is_plain, value.values()))  # type: ignore[attr-defined]  # it is a dict
    if kind is list:
        return all(map(_is_plain, value))  # type: ignore[call-overload]  # it is a list
    return kind in _PLAIN


def _write(value: object, line: str, pieces: list[str], order: Order) -> None:
    """Append ``value``; ``line`` is a line break with the indent of its first line."""
    inner = line + _INDENT
    if isinstance(value, dict) and value:
        opening = "{"
        for key in order(value):
            pieces += (opening, inner, _string(key), ": ")
            _write(value[key], inner, pieces, order)
            opening = ","
        pieces += (line, "}")
    elif isinstance(value, list | tuple) and value:
        opening = "["
        for item in value:
            pieces += (opening, inner)
            _write(item, inner, pieces, order)
            opening = ","
        pieces += (line, "]")
    else:
        pieces.append(compact(value))


def _scalar(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return numbers.text(value)
    return _string(str(value))


def _string(text: str) -> str:
    return _quoted(text).translate(_ESCAPES)
