"""Where a computed default is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A field without a value, and what it stands in."""

    root: Any
    """The whole object."""
    message: Any
    """The message that declares the field."""
    field: str
    """The field's name."""


Computed = Callable[[Place], None]


def is_pod(root: Any) -> bool:
    """Tell a pod from an object that holds a pod's template, which keeps what it was given."""
    spec = root.DESCRIPTOR.fields_by_name.get("spec")
    return spec is not None and "containers" in spec.message_type.fields_by_name
