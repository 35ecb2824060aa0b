"""One step towards the end of a namespace that is being deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube_server.storage.base import ConditionFailed, Guard, GuardFailed, gone_back
from protocube_server.upkeep.guarded_store import GuardedStore, guarded
from protocube_server.upkeep.namespaces import conditions
from protocube_server.verbs import emptying, owners
from protocube_server.verbs.namespaces import FINALIZER

if TYPE_CHECKING:
    from protocube_server.storage.base import Record, Store
    from protocube_server.upkeep.term import Term
    from protocube_server.verbs.api import Api
    from protocube_server.verbs.emptying import Left


async def step(api: Api, term: Term, name: str) -> Left | None:
    """Empty a namespace as far as that goes, and remove it, or say in its status what is left.

    Returns what is left; nothing in a namespace that waits for finalizers of its own, and
    ``None`` when there is nothing to do any more: it is gone, or is not being deleted. Doing
    it twice, or leaving off anywhere, does no harm. Every write is under the guard of
    ``term``, and raises ``GuardFailed`` for the leadership's key once another server leads.
    Raises ``errors.Expired`` when the store has gone back in time meanwhile.
    """
    kind = api.editions.current.kinds.namespaces
    record = await api.store.get(kind.key("", name))
    incarnation = api.store.incarnation
    left: Left | None = None
    while record is not None:
        message = kind.parse(record.value)
        if not _is_ending(message):
            return None  # Or another one of this name.
        try:
            if left is None:
                left = await _empty(api, term, record, name)
            is_gone = await _end(api, term, record, message, left, incarnation)
        except (ConditionFailed, GuardFailed) as changed:
            if changed.key != record.key:
                raise
            record = changed.current
        else:
            return None if is_gone else left
    return None


def _is_ending(namespace: Any) -> bool:
    return bool(namespace.metadata.HasField("deletion_timestamp"))


async def _empty(api: Api, term: Term, marked: Record, name: str) -> Left:
    """Empty a namespace as long as it is as it was when it was found ``marked``.

    In a store that has gone back in time since, it may have no mark any more, and what is in it
    is to stay. Raises ``GuardFailed`` for its key when it has changed.
    """
    mark = Guard(key=marked.key, revision=marked.mod_revision)
    return await emptying.empty(guarded(api, term, mark), name)


async def _end(
    api: Api, term: Term, record: Record, message: Any, left: Left, incarnation: str
) -> bool:
    """Remove a namespace that can go, or write its status; tell whether it is gone."""
    kind, store = api.editions.current.kinds.namespaces, GuardedStore(api.store, term)
    if not left and FINALIZER in message.spec.finalizers:
        others = [item for item in message.spec.finalizers if item != FINALIZER]
        message.spec.finalizers[:] = others
    is_done = not (left or message.spec.finalizers or message.metadata.finalizers)
    conditions.write(message, left, api.now())
    held = await owners.unowned(kind, record.value, message)
    value = kind.encode(message, keeping=held)
    if is_done:
        await _remove(store, record, value, incarnation)
    elif value != record.value:
        await store.update(record.key, value, expected=record.mod_revision)
    return is_done


async def _remove(store: Store, record: Record, value: bytes, incarnation: str) -> None:
    """Remove a namespace that was found empty in ``incarnation``; ``value`` says that it is.

    A store that has gone back in time since may have its contents again. So ``value`` is written
    first, after the last object has gone: every history with that write has the namespace empty,
    and only what that write has left is removed.
    """
    emptied = await store.update(record.key, value, expected=record.mod_revision)
    await store.revision()  # After a lost connection it tells of which history the answer was.
    if store.incarnation != incarnation:
        raise gone_back()
    await store.delete(record.key, expected=emptied.mod_revision)
