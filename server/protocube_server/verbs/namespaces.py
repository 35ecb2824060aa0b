"""Namespaces: they must exist before what is in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube_server.storage.base import ConditionFailed
from protocube_server.verbs import objects

if TYPE_CHECKING:
    from protocube_server.kinds.kind import Kind
    from protocube_server.verbs.api import Api

BUILT_IN = ("default", "kube-system")
"""Made at start; they cannot be deleted."""


async def require(api: Api, kind: Kind, namespace: str, name: str) -> None:
    """Raise unless an object of ``kind`` may be created in ``namespace``.

    ``errors.NotFound`` when there is no such namespace, ``errors.Forbidden`` while
    it is being deleted.
    """
    if not kind.resource.namespaced:
        return
    namespaces = api.kinds.namespaces
    record = await api.store.get(namespaces.key("", namespace))
    if record is None:
        raise errors.not_found(namespaces.resource.qualified, namespace)
    if namespaces.parse(record.value).metadata.HasField("deletion_timestamp"):
        why = (
            f"unable to create new content in namespace {namespace} because it is being terminated"
        )
        raise errors.forbidden(kind.resource.qualified, name, why)


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
