"""The steps of a path to a field, in the form that FieldsV1 has for them.

``f:name`` is a member of an object, ``k:{"name":"c"}`` an element of a list by its keys,
``v:"x"`` one by its value, ``i:0`` one by its place. Texts are canonical: equal steps are equal.
"""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any, Final

from protocube import errors
from protocube.manifests import json_text, json_values

if TYPE_CHECKING:
    from collections.abc import Mapping

ITSELF: Final = "."
"""Stands for the node itself beside what is below it."""

_RANKS: Final = {"f": 0, "k": 1, "v": 2, "i": 3}
_PREFIX: Final = 2


class Unreadable(ValueError):
    """It is not written as FieldsV1."""


def member(name: str) -> str:
    """Return the step to a member of an object."""
    return f"f:{name}"


def keyed(keys: Mapping[str, Any]) -> str:
    """Return the step to the element with these keys."""
    return f"k:{json_text.compact(keys)}"


def valued(value: Any) -> str:
    """Return the step to the element with this value."""
    return f"v:{json_text.compact(value)}"


def canonical(text: str) -> str | None:
    """Return a step that somebody wrote in its canonical form, ``None`` for an unknown kind.

    Raises :class:`Unreadable`.
    """
    if text[1:_PREFIX] != ":":
        raise Unreadable(f"no kind of a path element before a colon: {text[:80]!r}")
    kind, rest = text[0], text[_PREFIX:]
    if kind == "f":
        return text
    if kind not in _RANKS:
        return None
    if kind == "i":
        if not rest.isascii() or not rest.isdigit():
            raise Unreadable(f"no index: {rest[:80]!r}")
        return f"i:{rest.lstrip('0') or '0'}"
    value = _json(rest)
    if kind == "v":
        return valued(value)
    if not isinstance(value, dict):
        raise Unreadable(f"no keys: {rest[:80]!r}")
    return keyed(value)


Order = tuple[int, str, tuple[tuple[str, int, float, str], ...]]


@functools.lru_cache(maxsize=4096)
def order(step: str) -> Order:
    """Return what steps are sorted by: kinds first, then names, keys and values."""
    kind, rest = step[0], step[_PREFIX:]
    if kind == "f":
        return 0, rest, ()
    value = json.loads(rest)
    pairs = sorted(value.items()) if kind == "k" else [("", value)]
    return _RANKS[kind], "", tuple((name, *_weight(item)) for name, item in pairs)


def shown(step: str) -> str:
    """Return a step as a person reads it: ``.name``, ``[name="c"]``, ``[="x"]``, ``[0]``."""
    kind, rest = step[0], step[_PREFIX:]
    if kind == "f":
        return f".{rest}"
    if kind == "i":
        return f"[{rest}]"
    value = json.loads(rest)
    if kind == "v":
        return f"[={_shown(value)}]"
    pairs = (f"{name}={_shown(value[name])}" for name in sorted(value))
    return f"[{','.join(pairs)}]"


def _shown(value: Any) -> str:
    return errors.quote(value) if isinstance(value, str) else json_text.compact(value)


def _weight(value: Any) -> tuple[int, float, str]:
    """Return what values are compared by: numbers before texts before all else."""
    if isinstance(value, str):
        return 1, 0, value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return 0, value, ""
    return 2, 0, json_text.compact(value)


def _json(text: str) -> Any:
    try:
        return json_values.parse_alone(text)
    except (json_values.NotJson, json_values.Refused) as error:
        raise Unreadable(f"no one JSON value: {text[:80]!r}") from error
