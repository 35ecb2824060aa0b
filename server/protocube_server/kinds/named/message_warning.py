"""What a warning of a message is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple


class Remark(NamedTuple):
    """What is told of a message that is accepted all the same."""

    text: str
    at: str | None = ""
    """The place: a path of JSON names below the message, empty for the message itself; ``None``
    for a text that says itself what it is about."""
    other: str = ""
    """Another such path, which the text ends with."""


MessageWarning = Callable[[Any], Iterator[Remark | None]]
"""Yields what is to be told of a message, and ``None`` where others may have their turn. Between
two remarks it costs no more than the message is large."""
