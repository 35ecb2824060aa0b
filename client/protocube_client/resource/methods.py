"""What the methods of kinds do, by their paths (``/protocube.core.v1.Pods/Create``)."""

from __future__ import annotations

from typing import Final

_OBJECTS: Final = frozenset({"Apply", "Create", "Delete", "Patch", "Update", "UpdateStatus"})
_SCALES: Final = frozenset({"ApplyScale", "PatchScale", "UpdateScale"})


def writes_one(method: str) -> bool:
    """Tell whether a method writes one object."""
    name = method.rpartition("/")[2]
    return name in _OBJECTS or name in _SCALES


def answers_with_object(method: str) -> bool:
    """Tell whether a method writes one object and answers with it."""
    return method.rpartition("/")[2] in _OBJECTS
