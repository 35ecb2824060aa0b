"""What the decoder found wrong with a manifest, kept until it is to be sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from protocube.errors import Violation


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A value of the wrong type, in the words of Go's ``encoding/json``."""

    field: str
    """Its path: ``spec.containers[0].image``."""
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything in a manifest that its message could not take, in the order of the keys.

    Nothing is lost silently: what is not in the message is here.
    """

    unknown: tuple[str, ...] = ()
    """Paths of fields that the kind does not have."""
    repeated: tuple[str, ...] = ()
    """Paths of members that their object has more than once, as far as its reader kept them
    (``repeated_names.Repeating``)."""
    faults: tuple[Fault, ...] = ()
    """Values of the wrong type."""
    violations: tuple[Violation, ...] = ()
    """Members of a oneof beside another one that is set."""


CLEAN = Report()
"""The report of a manifest that fits."""
