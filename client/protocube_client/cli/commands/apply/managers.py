"""Who owns fields of an object, as ``metadata.managedFields`` says it; entries are JSON data.

Who applied at the client owns fields by updates. A server-side apply takes such entries over, so
that fields which its manifest has no more can go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube_client.cli import last_applied

if TYPE_CHECKING:
    from collections.abc import Sequence

    Entry = dict[str, Any]

_APPLY, _UPDATE = "Apply", "Update"


def keepers(entries: Sequence[Entry], operation: str) -> list[str]:
    """Return who owns the annotation of the last configuration, by ``Apply`` or ``Update``."""
    found = [
        entry["manager"]
        for entry in entries
        if entry["operation"] == operation and _has_annotation(entry)
    ]
    return list(dict.fromkeys(found))


def moved(entries: Sequence[Entry], old: str, new: str) -> list[Entry]:
    """Return the entries with what ``old`` owns by updates as applied by ``new``.

    Of several entries of ``old``, the one in the same version is joined.
    """
    updates = [entry for entry in entries if _is(entry, old, _UPDATE)]
    target = next((entry for entry in entries if _is(entry, new, _APPLY)), None)
    if target is None:
        if not updates:
            return list(entries)
        target, taken = updates[0], {**updates[0], "manager": new, "operation": _APPLY}
    else:
        taken = target
    version = taken.get("apiVersion")
    for entry in updates:
        if entry.get("apiVersion") == version:
            fields = _union(taken.get("fieldsV1") or {}, entry.get("fieldsV1") or {})
            taken = {**taken, "fieldsV1": fields}
            break
    left = [taken if entry is target else entry for entry in entries]
    return [entry for entry in left if not _is(entry, old, _UPDATE)]


def _is(entry: Entry, manager: str, operation: str) -> bool:
    named = entry.get("manager") == manager and entry.get("operation") == operation
    return named and not entry.get("subresource")


def _has_annotation(entry: Entry) -> bool:
    fields: Any = entry.get("fieldsV1") or {}
    for step in ("f:metadata", "f:annotations", f"f:{last_applied.ANNOTATION}"):
        if not isinstance(fields, dict) or step not in fields:
            return False
        fields = fields[step]
    return True


def _union(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Return the fields that one of two sets has, or both."""
    joined = {**one, **other}
    for name in one.keys() & other.keys():
        joined[name] = _union(one[name], other[name])
    return joined
