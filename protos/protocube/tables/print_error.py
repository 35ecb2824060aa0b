"""What keeps objects from being printed."""

from __future__ import annotations


class PrintError(Exception):
    """The form that was asked for is wrong, or does not fit an object."""
