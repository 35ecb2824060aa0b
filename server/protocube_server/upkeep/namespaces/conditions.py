"""What the status of a namespace says of its deletion, in the words of Kubernetes.

They are those of ``pkg/controller/namespace/deletion`` (``status_condition_utils.go``): always
all five, in this order. Two can never be true here: a server knows its own kinds. While pods are
left they say that nothing remains.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from protocube_server.kinds import conditions

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from protocube_server.verbs.emptying import Left


class _Condition(NamedTuple):
    type: str
    status: str
    reason: str
    message: str


def write(namespace: Any, left: Left, now: datetime) -> None:
    """Let the status of ``namespace`` say what is left in it.

    Conditions of other types stay.
    """
    for name, status, reason, message in _of(left):
        conditions.settle(namespace.status, name, status, now, reason=reason, message=message)


def _of(left: Left) -> tuple[_Condition, ...]:
    return (
        _Condition(
            "NamespaceDeletionDiscoveryFailure",
            conditions.FALSE,
            "ResourcesDiscovered",
            "All resources successfully discovered",
        ),
        _Condition(
            "NamespaceDeletionGroupVersionParsingFailure",
            conditions.FALSE,
            "ParsedGroupVersions",
            "All legacy kube types successfully parsed",
        ),
        _failure(left),
        _remaining(left),
        _finalizers(left),
    )


def _failure(left: Left) -> _Condition:
    name = "NamespaceDeletionContentFailure"
    if not left.failed:
        text = "All content successfully deleted, may be waiting on finalization"
        return _Condition(name, conditions.FALSE, "ContentDeleted", text)
    told = sorted(left.faults)
    if left.failed > len(told):
        told.append(f"... and {left.failed - len(told)} more")
    text = f"Failed to delete all resource types, {left.failed} remaining: {', '.join(told)}"
    return _Condition(name, conditions.TRUE, "ContentDeletionFailed", text)


def _remaining(left: Left) -> _Condition:
    name = "NamespaceContentRemaining"
    if left.is_untold or not left.objects:
        text = "All content successfully removed"
        return _Condition(name, conditions.FALSE, "ContentRemoved", text)
    listed = _listed(left.objects, "{} has {} resource instances")
    return _Condition(
        name, conditions.TRUE, "SomeResourcesRemain", f"Some resources are remaining: {listed}"
    )


def _finalizers(left: Left) -> _Condition:
    name = "NamespaceFinalizersRemaining"
    if left.is_untold or not left.finalizers:
        text = "All content-preserving finalizers finished"
        return _Condition(name, conditions.FALSE, "ContentHasNoFinalizers", text)
    listed = _listed(left.finalizers, "{} in {} resource instances")
    text = f"Some content in the namespace has finalizers remaining: {listed}"
    return _Condition(name, conditions.TRUE, "SomeFinalizersRemain", text)


def _listed(counts: Mapping[str, int], form: str) -> str:
    return ", ".join(sorted(form.format(name, count) for name, count in counts.items()))
