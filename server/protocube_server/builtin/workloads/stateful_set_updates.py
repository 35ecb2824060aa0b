"""What an update may change of a StatefulSet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube_server.kinds import fields, violations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube import errors
    from protocube_server.kinds.named.change import Change, UpdateRule

_FREE = {
    "replicas": "replicas",
    "ordinals": "ordinals",
    "template": "template",
    "updateStrategy": "update_strategy",
    "revisionHistoryLimit": "revision_history_limit",
    "persistentVolumeClaimRetentionPolicy": "persistent_volume_claim_retention_policy",
    "minReadySeconds": "min_ready_seconds",
}
"""By their names in Kubernetes' text, in its order."""


def _stateful_set_spec(change: Change) -> Iterator[errors.Violation]:
    """Its pods have names and claims by what does not change.

    Source: ``ValidateStatefulSetUpdate`` of Kubernetes, which leaves claims' statuses out.
    """
    if _fixed(change.old) == _fixed(change.new):
        return
    *names, last = (f"'{name}'" for name in _FREE)
    yield violations.forbidden(
        change.path,
        f"updates to statefulset spec for fields other than {', '.join(names)} and {last} are "
        "forbidden",
    )


def _fixed(spec: Any) -> Any:
    """Return a copy without what may change."""
    fixed = type(spec)()
    for field, _ in spec.ListFields():
        if field.name not in _FREE.values():
            fields.replace(fixed, spec, field.name)
    return fixed


BY_NAME: dict[str, UpdateRule] = {"stateful_set_spec": _stateful_set_spec}
