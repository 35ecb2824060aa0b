"""One step towards the end of a namespace that is being deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube_server.storage.base import ConditionFailed
from protocube_server.upkeep.namespaces import conditions
from protocube_server.verbs import emptying
from protocube_server.verbs.namespaces import FINALIZER

if TYPE_CHECKING:
    from protocube_server.storage.base import Record
    from protocube_server.verbs.api import Api
    from protocube_server.verbs.emptying import Left


async def step(api: Api, name: str) -> Left | None:
    """Empty a namespace as far as that goes, and remove it, or say in its status what is left.

    Returns what is left; nothing in a namespace that waits for finalizers of its own, and
    ``None`` when there is nothing to do any more: it is gone, or is not being deleted. Doing
    it twice, or leaving off anywhere, does no harm.
    """
    kind = api.editions.current.kinds.namespaces
    key = kind.key("", name)
    record = await api.store.get(key)
    if record is None or not _is_ending(kind.parse(record.value)):
        return None
    left = await emptying.empty(api, name)
    while record is not None:
        message = kind.parse(record.value)
        if not _is_ending(message):
            return None  # Another one of this name.
        try:
            is_gone = await _write(api, record, message, left)
        except ConditionFailed as changed:
            record = changed.current
            continue
        return None if is_gone else left
    return None


def _is_ending(namespace: Any) -> bool:
    return bool(namespace.metadata.HasField("deletion_timestamp"))


async def _write(api: Api, record: Record, message: Any, left: Left) -> bool:
    """Remove a namespace that can go, or write its status; tell whether it is gone."""
    kind = api.editions.current.kinds.namespaces
    if not left and FINALIZER in message.spec.finalizers:
        others = [item for item in message.spec.finalizers if item != FINALIZER]
        message.spec.finalizers[:] = others
    if not (left or message.spec.finalizers or message.metadata.finalizers):
        await api.store.delete(record.key, expected=record.mod_revision)
        return True
    conditions.write(message, left, api.now())
    value = kind.encode(message, replaces=record.value)
    if value != record.value:
        await api.store.update(record.key, value, expected=record.mod_revision)
    return False
