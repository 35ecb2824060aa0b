"""Semantic versions, as ``semver.org`` has them."""

from __future__ import annotations

import re
from typing import Any, Final

from protocube_server.cel.functions.declared import free, member
from protocube_server.cel.types import SEMVER, Made

_ONE: Final = (SEMVER,)
_TWO: Final = (SEMVER, SEMVER)
_NUMBER: Final = r"(0|[1-9][0-9]*)"
_WORD: Final = r"(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
_FORM: Final = re.compile(
    rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}(?:-({_WORD}(?:\.{_WORD})*))?"
    r"(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
)
_LONGEST: Final = 256
_PARTS: Final = 3


def _match(text: str) -> re.Match[str] | None:
    return _FORM.fullmatch(text) if len(text) <= _LONGEST else None


def _normalized(text: str) -> str:
    """Return a version without a ``v``, with three numbers that do not begin with zeros."""
    parts = text.removeprefix("v").split(".", 2)
    for at, part in enumerate(parts):
        if len(part) > 1:
            rest = part.lstrip("0")
            parts[at] = rest if rest[:1].isdigit() else f"0{rest}"
    if len(parts) < _PARTS:
        if any(mark in parts[-1] for mark in "+-"):
            return ""
        parts += ["0"] * (_PARTS - len(parts))
    return ".".join(parts)


def _given(text: str, normalize: bool) -> str:  # noqa: FBT001  # an argument in an expression
    return _normalized(text) if normalize else text


def _parse(text: str) -> Made:
    if _match(text) is None:
        raise ValueError(f"semver parse error during conversion from string: {text!r}")
    return Made(SEMVER, {"text": text})


def _numbers(version: Any) -> tuple[int, int, int]:
    found = _match(version.text or "0.0.0")
    if found is None:
        raise ValueError("no semantic version")
    return int(found[1]), int(found[2]), int(found[3])


def _key(version: Any) -> tuple[Any, ...]:
    """Return what versions are ordered by; build metadata does not count."""
    found = _match(version.text or "0.0.0")
    words = (found[4] or "").split(".") if found else [""]
    # Numbers come before words, and a version with either before one without.
    before = tuple((0, int(word), "") if word.isdigit() else (1, 0, word) for word in words)
    return (*_numbers(version), words == [""], () if words == [""] else before)


def _compare(one: Any, other: Any) -> int:
    a, b = _key(one), _key(other)
    return (a > b) - (a < b)


FUNCTIONS: Final = (
    free("semver", ("string",), SEMVER, _parse),
    free("semver", ("string", "bool"), SEMVER, lambda text, how: _parse(_given(text, how))),
    free(
        "isSemver",
        ("string", "bool"),
        "bool",
        lambda text, how: _match(_given(text, how)) is not None,
    ),
    free("isSemver", ("string",), "bool", lambda text: _match(text) is not None),
    member("major", _ONE, "int", lambda one: _numbers(one)[0]),
    member("minor", _ONE, "int", lambda one: _numbers(one)[1]),
    member("patch", _ONE, "int", lambda one: _numbers(one)[2]),
    member("isLessThan", _TWO, "bool", lambda a, b: _key(a) < _key(b)),
    member("isGreaterThan", _TWO, "bool", lambda a, b: _key(a) > _key(b)),
    member("compareTo", _TWO, "int", _compare),
)
