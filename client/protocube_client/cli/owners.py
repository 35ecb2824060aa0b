"""What controls an object, as its metadata says it."""

from __future__ import annotations

from typing import Any


def controller(metadata: Any) -> Any:
    """Return the reference to what controls an object, ``None`` when nothing does."""
    return next((owner for owner in metadata.owner_references if owner.controller), None)


def is_controlled_by(metadata: Any, uid: str) -> bool:
    """Tell whether an object is controlled by the one with this uid."""
    owner = controller(metadata)
    return owner is not None and bool(owner.uid == uid)
