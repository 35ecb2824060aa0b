"""Fields that an apply would change and that others own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from protocube import errors
from protocube_server.kinds.ownership import field_set
from protocube_server.kinds.ownership.entries import Operation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocube_server.kinds.ownership.entries import Owner
    from protocube_server.kinds.ownership.field_set import FieldSet

REASON = "FieldManagerConflict"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """What one owner has."""

    owner: Owner
    fields: FieldSet


class ConflictsFound(Exception):
    """An apply that was not forced met fields of others."""

    def __init__(self, conflicts: Sequence[Conflict]) -> None:
        super().__init__("conflicts")
        self.conflicts = sorted(conflicts, key=lambda conflict: conflict.owner.identity)


def described(owner: Owner) -> str:
    """Return an owner in Kubernetes' words: ``"hpa" with subresource "scale" using apps/v1``."""
    text = errors.quote(owner.manager)
    if owner.subresource:
        text = f"{text} with subresource {errors.quote(owner.subresource)}"
    return f"{text} using {owner.api_version}" if owner.operation is Operation.UPDATE else text


def causes(conflicts: Sequence[Conflict]) -> list[errors.Violation]:
    """Return a cause for each field of each owner."""
    return [
        errors.Violation(
            field=path,
            reason=REASON,
            message=f"conflict with {described(conflict.owner)}",
            subject=conflict.owner.manager,
        )
        for conflict in conflicts
        for path in field_set.paths(conflict.fields)
    ]


def message(conflicts: Sequence[Conflict]) -> str:
    """Return what a person reads: every field of every owner."""
    listed = _listed(conflicts)
    count = sum(len(paths) for _, paths in listed)
    if count == 1:
        owner, (path,) = listed[0]
        return f"Apply failed with 1 conflict: conflict with {owner}: {path}"
    lines: list[str] = []
    for owner, paths in listed:
        lines.append(f"conflicts with {owner}:")
        lines.extend(f"- {path}" for path in paths)
    return f"Apply failed with {count} conflicts: " + "\n".join(lines)


def _listed(conflicts: Sequence[Conflict]) -> list[tuple[str, list[str]]]:
    return [
        (described(conflict.owner), list(field_set.paths(conflict.fields)))
        for conflict in conflicts
    ]
