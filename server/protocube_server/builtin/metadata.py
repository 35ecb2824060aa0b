"""Rules on the metadata that something made from a template gets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube_server.kinds import violations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube import errors
    from protocube_server.kinds.marked import Found
    from protocube_server.kinds.named.rule import ComputedRule

_KEPT = frozenset(("annotations", "labels"))


def _only_labels(found: Found) -> Iterator[errors.Violation]:
    """What is made gets labels and annotations; the rest it cannot choose."""
    for field, _ in found.value.ListFields():
        if field.name not in _KEPT:
            yield violations.forbidden(f"{found.path}.{field.json_name}", "cannot be set")


BY_NAME: dict[str, ComputedRule] = {"only_labels": _only_labels}
