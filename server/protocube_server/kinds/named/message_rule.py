"""What a rule on a whole message is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What such a rule says of a message, in the form in which protovalidate says it."""

    rule: str
    """The id of the rule, whose first word decides the reason: ``not_found.volume_mount``."""
    text: str
    """A text that begins with ``.child: `` is about that child; it may have a line for each."""
    at: str = ""
    """The place: a path of JSON names below the message, empty for the message itself."""


MessageRule = Callable[[Any], Iterator[Fault | None]]
"""Yields the faults of a message, and ``None`` where others may have their turn. It costs no more
than the message is large."""
