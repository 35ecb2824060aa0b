"""What an update may change of a pod: images, and little else.

Kubernetes has methods of their own for two more changes, which are updates here: a pod
that is on no node yet may be put on one, and containers for looking at it may join.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube_server.builtin.pods import node_affinity
from protocube_server.kinds import violations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube import errors
    from protocube_server.kinds.named.change import Change, UpdateRule

_CHANGEABLE = (
    "`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,"
    "`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
)
_TERMS = (
    "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms"
)


def _pod_spec(change: Change) -> Iterator[errors.Violation]:
    old, new = change.old, change.new
    if old == new:
        return
    for name, json_name in (("containers", "containers"), ("init_containers", "initContainers")):
        if len(getattr(old, name)) != len(getattr(new, name)):
            detail = "pod updates may not add or remove containers"
            yield violations.forbidden(f"spec.{json_name}", detail)
            return
    yield from _deadline(old, new)
    yield from _tolerations(old, new)
    yield from _gates(old, new)
    if old.scheduling_gates:
        yield from _node_choice(old, new)
    changed = _other_changes(old, new)
    if changed:
        what = ", ".join(f"spec.{name}" for name in changed)
        detail = f"pod updates may not change fields other than {_CHANGEABLE}\n{what} changed"
        yield violations.forbidden("spec", detail)


def _deadline(old: Any, new: Any) -> Iterator[errors.Violation]:
    name = "active_deadline_seconds"
    if not old.HasField(name):
        return
    if not new.HasField(name):
        detail = "must not update from a positive integer to nil value"
        yield violations.invalid("spec.activeDeadlineSeconds", None, detail)
    elif new.active_deadline_seconds > old.active_deadline_seconds:
        detail = "must be less than or equal to previous value"
        value = new.active_deadline_seconds
        yield violations.invalid("spec.activeDeadlineSeconds", value, detail)


def _tolerations(old: Any, new: Any) -> Iterator[errors.Violation]:
    after = [_without_seconds(item) for item in new.tolerations]
    if any(_without_seconds(item) not in after for item in old.tolerations):
        detail = "existing toleration can not be modified except its tolerationSeconds"
        yield violations.forbidden("spec.tolerations", detail)


def _without_seconds(toleration: Any) -> Any:
    kept = type(toleration)()
    kept.CopyFrom(toleration)
    kept.ClearField("toleration_seconds")
    return kept


def _gates(old: Any, new: Any) -> Iterator[errors.Violation]:
    before = {gate.name for gate in old.scheduling_gates}
    for index, gate in enumerate(new.scheduling_gates):
        if gate.name not in before:
            detail = f"only deletion is allowed, but found new scheduling gate '{gate.name}'"
            yield violations.forbidden(f"spec.schedulingGates[{index}].name", detail)


def _node_choice(old: Any, new: Any) -> Iterator[errors.Violation]:
    """While a gate keeps it from the scheduler, its choice of nodes may become narrower."""
    if not old.node_selector.items() <= new.node_selector.items():
        detail = "only additions to spec.nodeSelector are allowed (no mutations or deletions)"
        yield violations.invalid("spec.nodeSelector", new.node_selector, detail)
    before, after = (list(_terms(spec)) for spec in (old, new))
    if before and len(before) != len(after):
        detail = "no additions/deletions to non-empty NodeSelectorTerms list are allowed"
        yield violations.invalid(_TERMS, after or None, detail)
        return
    for index, (one, other) in enumerate(zip(before, after, strict=False)):
        if not _narrower(one, other):
            detail = "only additions are allowed (no mutations or deletions)"
            yield violations.invalid(f"{_TERMS}[{index}]", other, detail)


def _terms(spec: Any) -> Any:
    affinity = spec.affinity.node_affinity
    return affinity.required_during_scheduling_ignored_during_execution.node_selector_terms


def _narrower(old: Any, new: Any) -> bool:
    """Tell whether a term only gained requirements; one that has none selects nothing."""
    if not (old.match_expressions or old.match_fields):
        return not (new.match_expressions or new.match_fields)
    return all(
        list(getattr(new, part))[: len(getattr(old, part))] == list(getattr(old, part))
        for part in ("match_expressions", "match_fields")
    )


def _other_changes(old: Any, new: Any) -> list[str]:
    """Name the fields that differ beyond what may."""
    kept = type(new)()
    kept.CopyFrom(new)
    for name in ("containers", "init_containers"):
        for one, other in zip(getattr(kept, name), getattr(old, name), strict=True):
            one.image = other.image
    parts = ["active_deadline_seconds", "tolerations", "scheduling_gates"]
    if not old.node_name:
        parts.append("node_name")
    if list(new.ephemeral_containers)[: len(old.ephemeral_containers)] == list(
        old.ephemeral_containers
    ):
        parts.append("ephemeral_containers")
    if old.scheduling_gates:
        parts.append("node_selector")
        node_affinity.keep(kept, old)
    if old.termination_grace_period_seconds < 0 and kept.termination_grace_period_seconds == 1:
        parts.append("termination_grace_period_seconds")
    for part in parts:
        kept.ClearField(part)
    return [
        field.json_name
        for field in new.DESCRIPTOR.fields
        if field.name not in parts and _value(kept, field) != _value(old, field)
    ]


def _value(message: Any, field: Any) -> Any:
    if field.has_presence and not message.HasField(field.name):
        return None
    return getattr(message, field.name)


BY_NAME: dict[str, UpdateRule] = {"pod_spec": _pod_spec}
