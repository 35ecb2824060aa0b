"""Resource versions in requests: text outside, revisions inside."""

from __future__ import annotations

from protocube import errors
from protocube_server.kinds import violations

_MAX_DIGITS = 18
"""Anything longer cannot be a 63-bit revision, and must not reach an int64 field."""


def parse(text: str, *, field: str = "resourceVersion", kind: str = "ListOptions") -> int:
    """Return the revision that ``text`` names; 0 for the empty text and for ``0``.

    Raises ``errors.Invalid`` for anything but a decimal number.
    """
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS):
        fault = violations.invalid(field, text, "must be the resourceVersion of an object or list")
        raise errors.invalid(kind, "", [fault])
    return int(text)


def require_reached(asked: int, current: int) -> None:
    """Raise ``errors.Timeout`` when ``asked`` lies in the future of ``current``."""
    if asked > current:
        message = f"Too large resource version: {asked}, current: {current}"
        raise errors.Timeout(message, retry_after=1)
