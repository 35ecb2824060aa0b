"""What patches make of content: each form as its definition says, on plain data."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from tests.model.objects import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.model.objects import Content

FINALIZERS = "finalizers"
_REMOVED = "$deleteFromPrimitiveList/finalizers"


def merge(target: Any, patch: Any) -> Any:
    """Return ``target`` after a JSON merge patch (RFC 7386)."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge(merged.get(name), value)
    return merged


def strategic(target: Content, patch: Content) -> Content:
    """Return ``target`` after a strategic merge patch: finalizers are a list that merges."""
    metadata = dict(patch.get("metadata") or {})
    removed = metadata.pop(_REMOVED, ())
    added = metadata.pop(FINALIZERS, None)
    merged: Content = merge(target, {**patch, "metadata": metadata} if metadata else patch)
    if not removed and added is None:
        return merged
    merged = merge(target, {**patch, "metadata": metadata})
    stored = [
        name for name in target.get("metadata", {}).get(FINALIZERS, ()) if name not in removed
    ]
    merged["metadata"] = {**merged.get("metadata", {}), FINALIZERS: _joined(stored, added or ())}
    return merged


def _joined(stored: list[str], named: Sequence[str]) -> list[str]:
    """Interleave the elements that a patch names with the others."""
    ours = list(named)
    others = [name for name in stored if name not in ours]
    found = []
    while ours and others:
        is_stored = ours[0] in stored
        goes_first = is_stored and stored.index(others[0]) < stored.index(ours[0])
        found.append((others if goes_first else ours).pop(0))
    return found + ours + others


def json_patch(target: Content, operations: Sequence[dict[str, Any]]) -> Content:
    """Return ``target`` after a JSON patch (RFC 6902) of members of objects.

    Raises ``Refused`` when one of the operations does not apply.
    """
    found = copy.deepcopy(target)
    for operation in operations:
        *steps, last = operation["path"].strip("/").split("/")
        parent = found
        for step in steps:
            if not isinstance(parent.get(step), dict):
                raise Refused("Invalid")
            parent = parent[step]
        # As Kubernetes' library has it, a member that is not there can be replaced.
        needs_member = operation["op"] in ("remove", "test")
        if needs_member and last not in parent:
            raise Refused("Invalid")
        if operation["op"] == "remove":
            del parent[last]
        elif operation["op"] == "test":
            if parent[last] != operation["value"]:
                raise Refused("Invalid")
        else:
            parent[last] = operation["value"]
    return found


def masked(target: Content, source: Content, paths: Sequence[str]) -> Content:
    """Return ``target`` with the fields of ``source`` that are named, or without them."""
    found = copy.deepcopy(target)
    for path in paths:
        *steps, last = path.split(".")
        to, of = found, source
        for step in steps:
            to, of = to.setdefault(step, {}), of.get(step, {})
        to.pop(last, None)
        if last in of:
            to[last] = of[last]
    return found
