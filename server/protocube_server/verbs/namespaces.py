"""What is special about namespaces, for verbs that treat all kinds alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube_server.storage.base import ConditionFailed
from protocube_server.verbs import system_fields

if TYPE_CHECKING:
    from protocube_server.kinds.kind import Kind
    from protocube_server.storage.base import Guard
    from protocube_server.verbs.api import Api

BUILT_IN = ("default", "kube-system")
"""Made at start; they cannot be deleted."""

FINALIZER = "kubernetes"
"""In the spec of a namespace that has to be emptied before it goes."""

_NAME_LABEL = "kubernetes.io/metadata.name"


def label(kind: Kind, message: Any) -> None:
    """Label a namespace with its name, so that selectors can find it by that."""
    if kind.is_namespace:
        message.metadata.labels[_NAME_LABEL] = message.metadata.name


def mark_terminating(message: Any) -> None:
    """Let a namespace say that it is being deleted, and that it has to be emptied."""
    message.status.phase = "Terminating"
    if FINALIZER not in message.spec.finalizers:
        # One that an earlier release made.
        message.spec.finalizers.append(FINALIZER)


def keep_finalizer(kind: Kind, old: Any, new: Any) -> None:
    """Carry the mark of what is not empty yet over to the replacement of a namespace.

    It is neither taken away nor given again by whoever replaces one that is being deleted.
    """
    if not kind.is_namespace or not old.metadata.HasField("deletion_timestamp"):
        return
    had = FINALIZER in old.spec.finalizers
    if had and FINALIZER not in new.spec.finalizers:
        new.spec.finalizers.append(FINALIZER)
    elif not had and FINALIZER in new.spec.finalizers:
        new.spec.finalizers[:] = [name for name in new.spec.finalizers if name != FINALIZER]


def require_removable(kind: Kind, name: str) -> None:
    """Raise ``errors.Forbidden`` for a namespace that may not be deleted."""
    if kind.is_namespace and name in BUILT_IN:
        raise errors.forbidden(kind.resource.qualified, name, "this namespace may not be deleted")


def require_removable_together(kind: Kind) -> None:
    """Raise ``errors.MethodNotSupported`` for a collection of namespaces.

    Kubernetes refuses it too: deleting a namespace deletes its contents, and the built-in
    ones cannot be deleted.
    """
    if kind.is_namespace:
        message = "the server does not allow this method on the requested resource"
        raise errors.MethodNotSupported(message, resource=kind.resource.qualified)


async def require(
    api: Api, kind: Kind, namespace: str, name: str, *, now: bool = False
) -> Guard | None:
    """Raise unless an object of ``kind`` may be created in ``namespace``.

    Returns the guard that the write needs: the namespace may have been read some time
    ago, unless ``now`` is asked for. ``errors.NotFound`` when there is no such
    namespace, ``errors.Forbidden`` while it is being deleted.
    """
    if not kind.resource.namespaced:
        return None
    known = api.active_namespaces
    guard = None if now else known.get(namespace, incarnation=api.store.incarnation)
    if guard is not None:
        return guard
    namespaces = api.editions.current.kinds.namespaces
    known.discard(namespace)
    record = await api.store.get(namespaces.key("", namespace))
    if record is None:
        raise errors.not_found(namespaces.resource.qualified, namespace)
    if namespaces.read(record).metadata.HasField("deletion_timestamp"):
        why = (
            f"unable to create new content in namespace {namespace} because it is being terminated"
        )
        refused = errors.forbidden(kind.resource.qualified, name, why)
        refused.violations = (
            errors.Violation(
                field="metadata.namespace",
                reason="NamespaceTerminating",
                message=f"namespace {namespace} is being terminated",
            ),
        )
        raise refused
    return known.add(namespace, record, incarnation=api.store.incarnation)


async def bootstrap(api: Api) -> None:
    """Make the built-in namespaces where they do not exist."""
    kind = api.editions.current.kinds.namespaces
    for name in BUILT_IN:
        message: Any = kind.resource.message_class()
        message.api_version, message.kind = kind.resource.api_version, kind.resource.kind
        message.metadata.name = name
        label(kind, message)
        system_fields.stamp(message, api.now(), system_fields.new_uid())
        kind.defaults.apply(message)
        try:
            await api.store.create(kind.key("", name), kind.encode(message))
        except ConditionFailed:
            continue
