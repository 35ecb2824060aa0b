"""An expectation held against an answer: data in which ``$RV3`` or ``$TIME`` stand for values.

A numbered token is bound to the value that it first meets. From then on it stands for that
value, and the value belongs to no other token of its family: so two versions, uids or times of a
case are equal exactly where the recorded ones are.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any, Final

from protocube import errors

if TYPE_CHECKING:
    from collections.abc import Iterator

ANY: Final = "any"
"""Stands for whatever is answered."""
_NUMBERED = re.compile(r"(RV|UID|TIME)(\d+)")
_TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z"
_PATTERNS = {
    "RV": r"\d+",
    "UID": r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "TIME": _TIME,
    "SUFFIX": r"[a-z0-9]{5}",
    "CONTINUE": r".+",
    "CLUSTERIP": r"[0-9a-f.:]+",
    "N": r"\d+",
    "OBJECT": r".*",
    "PATCH": r".*",
}
_TOKEN = re.compile(rf"\$({_NUMBERED.pattern}|{'|'.join(_PATTERNS)})(?![A-Za-z0-9])")


class Bindings:
    """What the numbered tokens of one replay stand for."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}
        self._tokens: dict[tuple[str, str], str] = {}
        self._versions_are_free = False

    def free_versions(self) -> None:
        """Bind no more versions: one that was not met yet is any but those that were.

        For what happens when many objects are deleted at once, in an order that is free.
        """
        self._versions_are_free = True

    def differences(self, expected: Any, actual: Any, path: str = "") -> Iterator[str]:
        """Yield a line for everything in which ``actual`` is not as expected."""
        if expected == ANY:
            return
        if isinstance(expected, dict) and isinstance(actual, dict):
            yield from self._members(expected, actual, path)
        elif isinstance(expected, list) and isinstance(actual, list):
            yield from self._elements(expected, actual, path)
        elif isinstance(expected, str) and isinstance(actual, str):
            why = self._text(expected, actual)
            if why:
                yield f"{path}: {why}"
        elif expected != actual or isinstance(expected, bool) is not isinstance(actual, bool):
            yield f"{path}: {_shown(actual)} instead of {_shown(expected)}"

    def _members(
        self, expected: dict[str, Any], actual: dict[str, Any], path: str
    ) -> Iterator[str]:
        for key in sorted({*expected, *actual}):
            here = f"{path}.{key}" if path else key
            if key not in actual:
                yield f"{here}: missing; expected {_shown(expected[key])}"
            elif key not in expected:
                yield f"{here}: not expected; is {_shown(actual[key])}"
            else:
                yield from self.differences(expected[key], actual[key], here)

    def _elements(self, expected: list[Any], actual: list[Any], path: str) -> Iterator[str]:
        for index, (one, other) in enumerate(zip(expected, actual, strict=False)):
            yield from self.differences(one, other, f"{path}[{index}]")
        if len(expected) != len(actual):
            yield (
                f"{path}: {len(actual)} elements instead of {len(expected)}: "
                f"{_shown(actual)} instead of {_shown(expected)}"
            )

    def _text(self, expected: str, actual: str) -> str:
        """Return how a text differs; nothing where it does not."""
        if "$" not in expected:
            return "" if actual == expected else _instead(actual, expected)
        tokens = [found[1] for found in _TOKEN.finditer(expected)]
        found = _pattern(expected).fullmatch(actual)
        if found is None:
            return _instead(actual, self._told(expected))
        for token, value in zip(tokens, found.groups(), strict=True):
            why = self._bound(token, value)
            if why:
                return why
        return ""

    def _bound(self, token: str, value: str) -> str:
        numbered = _NUMBERED.fullmatch(token)
        if numbered is None:
            return ""
        if token in self._values:
            known = self._values[token]
            return "" if known == value else f"{value} instead of {known} (${token})"
        family_value = (numbered[1], value)
        other = self._tokens.get(family_value, token)
        if other != token:
            return f"{value}, which is ${other}, instead of another one (${token})"
        if numbered[1] == "RV" and self._versions_are_free:
            return ""
        self._tokens[family_value] = token
        self._values[token] = value
        return ""

    def _told(self, expected: str) -> str:
        """Return an expectation with the values of the tokens that are bound."""
        return _TOKEN.sub(lambda found: self._values.get(found[1], found[0]), expected)


@functools.lru_cache(maxsize=4096)
def _pattern(expected: str) -> re.Pattern[str]:
    parts: list[str] = []
    end = 0
    for found in _TOKEN.finditer(expected):
        family = found[1].rstrip("0123456789")
        parts += [re.escape(expected[end : found.start()]), f"({_PATTERNS[family]})"]
        end = found.end()
    return re.compile("".join(parts) + re.escape(expected[end:]), re.DOTALL)


def _instead(actual: str, expected: str) -> str:
    return f"{errors.quote(_cut(actual))} instead of {errors.quote(_cut(expected))}"


def _shown(value: Any) -> str:
    return _cut(repr(value))


def _cut(text: str) -> str:
    most = 400
    return text if len(text) <= most else f"{text[:most]}..."
