"""File name patterns as Go's ``filepath.Glob`` takes them.

Python's differ: ``*`` passes over dot files there, and ``[^a]`` does not negate.
"""

from __future__ import annotations

import os
import re

_MAGIC = frozenset("*?[\\")


class BadPatternError(ValueError):
    """The pattern is malformed."""

    def __init__(self) -> None:
        super().__init__("syntax error in pattern")


def expand(pattern: str) -> list[str]:
    """Return the paths that match, in lexical order of each directory.

    Raises :class:`BadPatternError`; directories that cannot be read match nothing.
    """
    _translate(pattern)
    if not _MAGIC.intersection(pattern):
        return [pattern] if os.path.lexists(pattern) else []
    directory, _, name = pattern.rpartition("/")
    rooted = pattern.startswith("/") and not directory
    parents = ["/"] if rooted else expand(directory) if directory else ["."]
    matcher = re.compile(_translate(name), re.DOTALL)
    found: list[str] = []
    for parent in parents:
        try:
            with os.scandir(parent) as entries:
                names = sorted((entry.name for entry in entries), key=os.fsencode)
        except OSError:
            continue
        prefix = f"{parent.rstrip('/')}/" if directory or rooted else ""
        found += [f"{prefix}{item}" for item in names if matcher.fullmatch(item)]
    return found


def _translate(pattern: str) -> str:
    parts: list[str] = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        at += 1
        if char == "*":
            parts.append("[^/]*")
        elif char == "?":
            parts.append("[^/]")
        elif char == "[":
            text, at = _class(pattern, at)
            parts.append(text)
        else:
            if char == "\\":
                if at == len(pattern):
                    raise BadPatternError
                char = pattern[at]
                at += 1
            parts.append(re.escape(char))
    return "".join(parts)


def _class(pattern: str, at: int) -> tuple[str, int]:
    negated = pattern[at : at + 1] == "^"
    at += negated
    ranges: list[str] = []
    while True:
        if pattern[at : at + 1] == "]" and ranges:
            return f"[{'^' if negated else ''}{''.join(ranges)}]", at + 1
        low, at = _member(pattern, at)
        high = low
        if pattern[at : at + 1] == "-":
            high, at = _member(pattern, at + 1)
        if low <= high:
            ranges.append(f"{re.escape(low)}-{re.escape(high)}")
        else:
            # Go accepts an empty range; nothing is in it.
            ranges.append("")


def _member(pattern: str, at: int) -> tuple[str, int]:
    char = pattern[at : at + 1]
    if char in {"", "-", "]"}:
        raise BadPatternError
    if char == "\\":
        at += 1
        char = pattern[at : at + 1]
    if not char or at + 1 >= len(pattern):
        raise BadPatternError
    return char, at + 1
