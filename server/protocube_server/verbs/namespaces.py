"""Namespaces: they must exist before what is in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube_server.storage.base import ConditionFailed, Guard
from protocube_server.verbs import objects

if TYPE_CHECKING:
    from protocube_server.kinds.kind import Kind
    from protocube_server.storage.base import Record
    from protocube_server.verbs.api import Api

BUILT_IN = ("default", "kube-system")
"""Made at start; they cannot be deleted."""

_MOST_REMEMBERED = 10_000


class Active:
    """Namespaces that were active when they were last read, and their revisions then.

    What was read may have changed since: it is good as the guard of a write and for
    nothing else.
    """

    def __init__(self) -> None:
        self._guards: dict[str, Guard] = {}

    def get(self, namespace: str) -> Guard | None:
        """Give the guard of a namespace that was read."""
        return self._guards.get(namespace)

    def add(self, namespace: str, record: Record) -> Guard:
        """Remember a namespace that was just read."""
        if len(self._guards) >= _MOST_REMEMBERED:
            del self._guards[next(iter(self._guards))]
        guard = self._guards[namespace] = Guard(key=record.key, revision=record.mod_revision)
        return guard

    def discard(self, namespace: str) -> None:
        """Read it anew next time."""
        self._guards.pop(namespace, None)


async def require(
    api: Api, kind: Kind, namespace: str, name: str, *, now: bool = False
) -> Guard | None:
    """Raise unless an object of ``kind`` may be created in ``namespace``.

    Gives the guard that the write needs: the namespace may have been read some time
    ago, unless ``now`` is asked for. ``errors.NotFound`` when there is no such
    namespace, ``errors.Forbidden`` while it is being deleted.
    """
    if not kind.resource.namespaced:
        return None
    guard = None if now else api.active_namespaces.get(namespace)
    if guard is not None:
        return guard
    namespaces = api.kinds.namespaces
    api.active_namespaces.discard(namespace)
    record = await api.store.get(namespaces.key("", namespace))
    if record is None:
        raise errors.not_found(namespaces.resource.qualified, namespace)
    if namespaces.parse(record.value).metadata.HasField("deletion_timestamp"):
        why = (
            f"unable to create new content in namespace {namespace} because it is being terminated"
        )
        raise errors.forbidden(kind.resource.qualified, name, why)
    return api.active_namespaces.add(namespace, record)


async def bootstrap(api: Api) -> None:
    """Make the built-in namespaces where they do not exist."""
    kind = api.kinds.namespaces
    for name in BUILT_IN:
        message: Any = kind.resource.message_class()
        message.api_version, message.kind = kind.resource.api_version, kind.resource.kind
        message.metadata.name = name
        message.metadata.labels["kubernetes.io/metadata.name"] = name
        objects.stamp(message, api.now(), objects.new_uid())
        kind.defaults.apply(message)
        try:
            await api.store.create(kind.key("", name), kind.encode(message))
        except ConditionFailed:
            continue
