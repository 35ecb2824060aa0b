"""The members by which a strategic merge patch says more than values."""

from __future__ import annotations

from typing import Any, Final

from protocube import errors
from protocube.manifests import json_text

PATCH: Final = "$patch"
RETAIN_KEYS: Final = "$retainKeys"
ELEMENT_ORDER: Final = "$setElementOrder"
DELETE_FROM_LIST: Final = "$deleteFromPrimitiveList"

REPLACE: Final = "replace"
DELETE: Final = "delete"
MERGE: Final = "merge"

BAD_ORDER: Final = "invalid patch format of setElementOrder list"
BAD_DELETION: Final = "invalid patch format of primitive list"
BAD_RETAIN_KEYS: Final = "invalid patch format of retainKeys"

_LONGEST: Final = 200
"""Characters of a part of the patch that a message quotes."""


def has_patch(value: Any) -> bool:
    """Tell whether a value is an object that carries ``$patch``."""
    return isinstance(value, dict) and PATCH in value


def target(member: str, directive: str, fault: str) -> str:
    """Return the list that ``member`` speaks of: ``args`` of ``$setElementOrder/args``.

    Raises ``BadRequest`` with the message ``fault`` when it names none.
    """
    head, slash, name = member.partition("/")
    if head != directive or not slash:
        raise errors.BadRequest(fault)
    return name


def unknown_patch(patch: dict[str, Any]) -> errors.BadRequest:
    """Return the refusal of an object whose ``$patch`` says what cannot be done there."""
    directive = patch[PATCH]
    name = directive if isinstance(directive, str) else json_text.compact(directive)
    return errors.BadRequest(f"unknown patch type: {name[:_LONGEST]} in map: {shown(patch)}")


def shown(value: Any) -> str:
    """Return a part of the patch as JSON for a message; what is long is cut."""
    text = json_text.compact(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
