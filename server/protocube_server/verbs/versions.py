"""Resource versions in requests: text outside, revisions inside."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from protocube import errors
from protocube_server.kinds import violations

if TYPE_CHECKING:
    from protocube_server.storage.base import Store

_MOST_SECONDS = 3.0
_PAUSE_SECONDS = 0.25
_TOO_LARGE = "Too large resource version"

_MAX_DIGITS = 18
"""Anything longer cannot be a 63-bit revision, and must not reach an int64 field."""


def parse(text: str, *, field: str = "resourceVersion", kind: str = "") -> int:
    """Return the revision that ``text`` names; 0 for the empty text and for ``0``.

    Raises ``errors.Invalid`` for anything but a decimal number.
    """
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS):
        fault = violations.invalid(field, text, "must be the resourceVersion of an object or list")
        raise errors.invalid(kind, "", [fault])
    return int(text)


def asked(text: str) -> int:
    """Return the revision that the options of a read name, as :func:`parse` does.

    Raises ``errors.BadRequest``, as Kubernetes does for options.
    """
    try:
        return parse(text)
    except errors.Invalid as error:
        raise errors.BadRequest(f"invalid resource version: {error.violations[0]}") from None


async def wait_for(asked: int, store: Store) -> None:
    """Wait until ``asked`` does not lie in the future, for as long as Kubernetes waits.

    Raises ``errors.Timeout``.
    """
    end = asyncio.get_running_loop().time() + _MOST_SECONDS
    while (current := await store.revision()) < asked:
        if asyncio.get_running_loop().time() >= end:
            require_reached(asked, current)
        await asyncio.sleep(_PAUSE_SECONDS)


def require_reached(asked: int, current: int) -> None:
    """Raise ``errors.Timeout`` when ``asked`` lies in the future of ``current``."""
    if asked > current:
        cause = errors.Violation(field="", reason="ResourceVersionTooLarge", message=_TOO_LARGE)
        message = f"Timeout: {_TOO_LARGE}: {asked}, current: {current}"
        raise errors.Timeout(message, violations=[cause], retry_after=1)
