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

BUILT_IN = ("default", "kube-node-lease", "kube-public", "kube-system")
"""Made at start, as in Kubernetes."""

_PERMANENT = frozenset({"default", "kube-public", "kube-system"})
"""Those of them that cannot be deleted."""

FINALIZER = "kubernetes"
"""In the spec of a namespace that has to be emptied before it goes."""

_NAME_LABEL = "kubernetes.io/metadata.name"


def prepare(kind: Kind, message: Any) -> None:
    """Let a new namespace have its label, and be emptied before it goes."""
    if kind.is_namespace:
        label(kind, message)
        _add_finalizer(message)


def label(kind: Kind, message: Any) -> None:
    """Label a namespace with its name, by which selectors find it, whatever else a write says."""
    if kind.is_namespace:
        message.metadata.labels[_NAME_LABEL] = message.metadata.name


def mark_terminating(message: Any) -> None:
    """Let a namespace say that it is being deleted, and that it has to be emptied."""
    message.status.phase = "Terminating"
    _add_finalizer(message)  # Earlier releases made some without.


def _add_finalizer(message: Any) -> None:
    if FINALIZER not in message.spec.finalizers:
        message.spec.finalizers.append(FINALIZER)


def require_removable(kind: Kind, name: str) -> None:
    """Raise ``errors.Forbidden`` for a namespace that may not be deleted."""
    if kind.is_namespace and name in _PERMANENT:
        raise errors.forbidden(kind.resource.qualified, name, "this namespace may not be deleted")


def require_removable_together(kind: Kind) -> None:
    """Raise ``errors.MethodNotSupported`` for a collection of namespaces.

    Kubernetes refuses it too: deleting a namespace deletes its contents, and the built-in
    ones cannot be deleted.
    """
    if kind.is_namespace:
        message = "the server does not allow this method on the requested resource"
        raise errors.MethodNotSupported(message, resource=kind.resource.qualified)


def known(api: Api, kind: Kind, namespace: str) -> Guard | None:
    """Return the guard of :func:`require`, if it is known already."""
    if not kind.resource.namespaced:
        return None
    return api.active_namespaces.get(namespace, incarnation=api.store.incarnation)


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
    active = api.active_namespaces
    guard = None if now else known(api, kind, namespace)
    if guard is not None:
        return guard
    namespaces = api.editions.current.kinds.namespaces
    active.discard(namespace)
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
    return active.add(namespace, record, incarnation=api.store.incarnation)


async def bootstrap(api: Api) -> None:
    """Make the built-in namespaces where they do not exist, and else write nothing.

    A full store refuses what would create, and a server has to start on it: deletions make room.
    """
    kind = api.editions.current.kinds.namespaces
    for name in BUILT_IN:
        key = kind.key("", name)
        if await api.store.get(key) is not None:
            continue
        message = system_fields.of_server(kind, name, api.now())
        prepare(kind, message)
        kind.defaults.apply(message)
        try:
            await api.store.create(key, kind.encode(message))
        except ConditionFailed:
            continue
