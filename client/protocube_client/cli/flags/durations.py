"""Spans of time on the command line, in Go's notation: ``1m30s``, ``-1s``, ``0``."""

from __future__ import annotations

import re

from protocube.errors import quote

_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_PART = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)([^0-9.]*)")


def fault(text: str) -> str:
    """Say what is wrong with a span in the words of Go's ``time``; nothing when it is right."""
    rest = text[1:] if text[:1] in ("-", "+") else text
    if rest == "0":
        return ""
    at = 0
    while part := _PART.match(rest, at):
        if not part[2]:
            return f"time: missing unit in duration {quote(text)}"
        if part[2] not in _UNITS:
            return f"time: unknown unit {quote(part[2])} in duration {quote(text)}"
        at = part.end()
    return "" if rest and at == len(rest) else f"time: invalid duration {quote(text)}"


def seconds(text: str) -> float:
    """Return a span that has no :func:`fault` in seconds."""
    found = sum(float(amount) * _UNITS[unit] for amount, unit in _PART.findall(text) if unit)
    return -found if text.startswith("-") else found


def text(seconds: float) -> str:
    """Return a span as Go writes it: ``1m30s``, ``1.5s``, ``200ms``."""
    if 0 < abs(seconds) < 1:
        return f"{seconds * 1000:g}ms"
    minutes, rest = divmod(abs(seconds), 60)
    hours, minutes = divmod(int(minutes), 60)
    told = f"{hours}h{minutes}m" if hours else f"{minutes}m" if minutes else ""
    return f"{'-' if seconds < 0 else ''}{told}{rest:g}s"
