"""Errors of the operating system, in Go's words."""

from __future__ import annotations

import os


def describe(error: OSError, operation: str, *, path: str = "") -> str:
    """Return ``open x: no such file or directory`` for a failed ``operation`` on a path."""
    return f"{operation} {path or error.filename}: {reason(error)}"


def reason(error: OSError) -> str:
    """Return ``no such file or directory``."""
    text = os.strerror(error.errno) if error.errno else str(error)
    return f"{text[:1].lower()}{text[1:]}"
