"""Rules on metadata: owners, finalizers, and what something made from a template gets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube import errors, selectors
from protocube_server.kinds import violations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube_server.kinds.marked import Found
    from protocube_server.kinds.named.rule import ComputedRule

_ORPHAN, _FOREGROUND = "orphan", "foregroundDeletion"
_CUSTOM_RESOURCES = "customresourcecleanup.apiextensions.k8s.io"
_STANDARD = frozenset((_ORPHAN, _FOREGROUND, "kubernetes", _CUSTOM_RESOURCES))
"""Finalizers of Kubernetes' own, which need no domain."""
_BOTH = "finalizer orphan and foregroundDeletion cannot be both set"
_KEPT = frozenset(("annotations", "labels"))


def _only_labels(found: Found) -> Iterator[errors.Violation]:
    """What is made gets labels and annotations; the rest it cannot choose."""
    for field, _ in found.value.ListFields():
        if field.name not in _KEPT:
            yield violations.forbidden(f"{found.path}.{field.json_name}", "cannot be set")


def _owner_references(found: Found) -> Iterator[errors.Violation]:
    """Each names an object that can own others; one of them is the controller at most.

    Source: ``ValidateOwnerReferences`` of ``k8s.io/apimachinery/pkg/api/validation``, which
    names no indices.
    """
    path, controller = found.path, None
    for owner in found.value:
        yield from _owner(path, owner)
        if not owner.controller:
            continue
        if controller is not None:
            yield violations.invalid(
                path,
                found.value,
                'Only one reference can have Controller set to true. Found "true" in references '
                f"for {controller.kind}/{controller.name} and {owner.kind}/{owner.name}",
            )
        else:
            controller = owner


def _owner(path: str, owner: Any) -> Iterator[errors.Violation]:
    group, _, version = owner.api_version.rpartition("/")
    if not version or "/" in group:
        yield violations.invalid(
            f"{path}.apiVersion", owner.api_version, "version must not be empty"
        )
    for name in ("kind", "name", "uid"):
        if not getattr(owner, name):
            yield violations.invalid(f"{path}.{name}", "", "must not be empty")
    if (owner.api_version, owner.kind) == ("v1", "Event"):
        yield violations.invalid(path, owner, "/v1, Kind=Event is disallowed from being an owner")


def _finalizers(found: Found) -> Iterator[errors.Violation]:
    """Each is a qualified name with a domain, or one of Kubernetes' own.

    Source: ``ValidateFinalizers`` and ``ValidateFinalizerName`` of ``k8s.io/apimachinery`` and
    of Kubernetes; the one names no index.
    """
    names = list(found.value)
    for index, name in enumerate(names):
        yield from _finalizer(found.path, f"{found.path}[{index}]", name)
    if _ORPHAN in names and _FOREGROUND in names:
        yield violations.invalid(found.path, names, _BOTH)


def _finalizers_in_spec(found: Found) -> Iterator[errors.Violation]:
    """The same of those of a namespace, where both rules name no index."""
    for name in found.value:
        yield from _finalizer(found.path, found.path, name)


def _finalizer(path: str, indexed: str, name: str) -> Iterator[errors.Violation]:
    for fault in selectors.qualified_name_faults(name):
        yield violations.invalid(path, name, fault)
    if "/" not in name and name not in _STANDARD:
        why = "name is neither a standard finalizer name nor is it fully qualified"
        yield violations.invalid(indexed, name, why)


def _custom_finalizers(found: Found) -> Iterator[errors.Violation]:
    """Of objects of users' own kinds a finalizer needs no domain."""
    names = list(found.value)
    for name in names:
        for fault in selectors.qualified_name_faults(name):
            yield violations.invalid(found.path, name, fault)
    if _ORPHAN in names and _FOREGROUND in names:
        yield violations.invalid(found.path, names, _BOTH)


CUSTOM: dict[str, ComputedRule] = {"finalizers": _custom_finalizers}
"""What is meant in the metadata of users' own kinds."""
BY_NAME: dict[str, ComputedRule] = {
    "finalizers": _finalizers,
    "finalizers_in_spec": _finalizers_in_spec,
    "only_labels": _only_labels,
    "owner_references": _owner_references,
}
