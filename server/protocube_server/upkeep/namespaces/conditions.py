"""What the status of a namespace says of its deletion, in the words of Kubernetes.

They are those of ``pkg/controller/namespace/deletion`` (``status_condition_utils.go``): always
all five, in this order. Two can never be true here: a server knows its own kinds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

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

    Conditions of other types stay. The time of one is that of the last change of its status.
    """
    conditions = namespace.status.conditions
    known = {item.type: item for item in conditions}
    for said in _of(left):
        item = known.get(said.type)
        if item is None:
            item = conditions.add(type=said.type)
        if item.status != said.status:
            item.last_transition_time.FromSeconds(int(now.timestamp()))
        item.status, item.reason, item.message = said.status, said.reason, said.message


def _of(left: Left) -> tuple[_Condition, ...]:
    return (
        _Condition(
            "NamespaceDeletionDiscoveryFailure",
            "False",
            "ResourcesDiscovered",
            "All resources successfully discovered",
        ),
        _Condition(
            "NamespaceDeletionGroupVersionParsingFailure",
            "False",
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
        return _Condition(name, "False", "ContentDeleted", text)
    told = sorted(left.faults)
    if left.failed > len(told):
        told.append(f"... and {left.failed - len(told)} more")
    text = f"Failed to delete all resource types, {left.failed} remaining: {', '.join(told)}"
    return _Condition(name, "True", "ContentDeletionFailed", text)


def _remaining(left: Left) -> _Condition:
    name = "NamespaceContentRemaining"
    if not left.objects:
        text = "All content successfully removed"
        return _Condition(name, "False", "ContentRemoved", text)
    listed = _listed(left.objects, "{} has {} resource instances")
    return _Condition(
        name, "True", "SomeResourcesRemain", f"Some resources are remaining: {listed}"
    )


def _finalizers(left: Left) -> _Condition:
    name = "NamespaceFinalizersRemaining"
    if not left.finalizers:
        text = "All content-preserving finalizers finished"
        return _Condition(name, "False", "ContentHasNoFinalizers", text)
    listed = _listed(left.finalizers, "{} in {} resource instances")
    text = f"Some content in the namespace has finalizers remaining: {listed}"
    return _Condition(name, "True", "SomeFinalizersRemain", text)


def _listed(counts: Mapping[str, int], form: str) -> str:
    return ", ".join(sorted(form.format(name, count) for name, count in counts.items()))
