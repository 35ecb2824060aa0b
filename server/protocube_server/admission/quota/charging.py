"""Charges the quotas of a namespace for what a write uses, in the set of the write.

Source: ``k8s.io/apiserver/pkg/admission/plugin/resourcequota``, with its texts.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, TypeVar
from weakref import WeakValueDictionary

from protocube import errors
from protocube.manifests import quantities
from protocube_server.admission.plugins.plugin import POD
from protocube_server.admission.quota import counting, scopes, usage
from protocube_server.admission.quota.shared import SharedQuota
from protocube_server.admission.state import RESOURCE_QUOTA, Held
from protocube_server.admission.write import CREATE
from protocube_server.storage.base import ConditionFailed, Done, Put, Record

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from protocube_server.admission.plugins.pod_amounts import Amounts
    from protocube_server.admission.state import State
    from protocube_server.admission.write import Write
    from protocube_server.calls.call import Call
    from protocube_server.kinds.kind import Kind
    from protocube_server.storage.base import Store

    T = TypeVar("T", Record, Done)

_TRIES: Final = 200
_BUSY: Final = "the quotas of the namespace change too fast; try again"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Charge:
    """What one quota is to say after a write."""

    record: Record
    value: bytes
    shared: SharedQuota | None = None
    """Where other calls charge it in the same transaction: then the value is that of all."""

    def put(self) -> Put:
        """Return the write of it."""
        if self.shared is not None:
            return self.shared.put()
        return Put(key=self.record.key, value=self.value, expected=self.record.mod_revision)


class Quotas:
    """Charges quotas. Writes of one server take turns, so that they do not fail each other."""

    def __init__(self, state: State, store: Store) -> None:
        self._state = state
        self._store = store
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def concern(self, kind: Kind, written: Any) -> bool:
        """Tell whether there are quotas that an object of a kind can be charged to."""
        return bool(
            kind.resource.namespaced
            and self._state.within(RESOURCE_QUOTA, written.metadata.namespace)
        )

    async def check(self, write: Write) -> None:
        """Raise ``errors.Forbidden`` for a write that quotas do not allow, and charge nothing."""
        await self._charges(write)

    async def charged(self, write: Write, store: Callable[[Sequence[Put]], Awaitable[T]]) -> T:
        """Return what ``store`` does with the writes that charge the quotas, in its set.

        It is called again when another server was faster with a quota. Raises as :meth:`check`.
        """
        async with self._turn(write):
            for _ in range(_TRIES):
                charges = await self._charges(write)
                puts = [each.put() for each in charges]
                try:
                    done = await store(puts)
                except ConditionFailed as failed:
                    if failed.key not in {put.key for put in puts}:
                        raise
                    await self._look(write, failed.key)
                    continue
                except errors.MethodNotSupported:
                    # A store without sets: quotas are charged before, as in Kubernetes.
                    return await self._one_by_one(write, puts, store)
                self._note(write, charges, done)
                return done
        raise errors.TooManyRequests(_BUSY, retry_after=1)

    def _turn(self, write: Write) -> contextlib.AbstractAsyncContextManager[None]:
        """Return what waits for the turn of a write; one that is made with others has none."""
        if write.call.is_gathered:
            # The one whose turn it is would wait for it in vain: their writes are made together.
            return contextlib.nullcontext()
        return self._locks.setdefault(write.namespace, asyncio.Lock())

    async def _charges(self, write: Write) -> list[_Charge]:
        kind = write.call.edition.kinds.for_message(RESOURCE_QUOTA)
        if kind is None:
            return []
        if write.call.together is not None:
            for shared in write.call.together.changed.values():
                if isinstance(shared, SharedQuota):
                    shared.forget(write.call)
        found = []
        held = self._state.within(RESOURCE_QUOTA, write.namespace)
        for _, each in sorted(held.items()):
            charge = await self._charge(kind, each, write)
            if charge is not None:
                found.append(charge)
        return found

    async def _charge(self, kind: Kind, held: Held, write: Write) -> _Charge | None:
        """Return what a quota is to say, ``None`` when it stays. Raises ``errors.Forbidden``."""
        names = usage.limits(write.kind, held.message.spec.hard)
        is_itself = held.message.metadata.uid == write.object.metadata.uid
        if not names or is_itself:
            return None
        new = _of(held.message, write.kind, write.new, names)
        old = _of(held.message, write.kind, write.old, names)
        if new is None and old is None:
            return None
        if new is not None and write.kind.resource.message == POD and write.operation == CREATE:
            lacking = usage.missing(names, write.new)
            if lacking:
                name = held.message.metadata.name
                raise write.forbidden(f"failed quota: {name}: must specify {lacking}")
        delta = _difference(new or {}, old or {})
        if not delta:
            return None
        if not counting.is_counted(held.message):
            settled = await counting.settle(self._store, write.call.edition, kind, held.record)
            if settled is None:
                return None
            held = Held(settled, kind.read(settled))
            self._state.see(kind, settled)
        shared = _shared(write.call, kind, held.record)
        used = shared.used() if shared is not None else counting.used(held.message)
        _require_within(write, held.message, used, delta)
        if shared is not None:
            shared.add(write.call, delta)
            return _Charge(record=held.record, value=held.record.value, shared=shared)
        quantities.add(used, delta)
        value = counting.value_with(kind, held.record, used)
        if value == held.record.value:
            return None
        return _Charge(record=held.record, value=value)

    async def _look(self, write: Write, key: bytes) -> None:
        """Take in a quota that another server has changed."""
        kind = write.call.edition.kinds.for_message(RESOURCE_QUOTA)
        held = self._state.within(RESOURCE_QUOTA, write.namespace).get(key)
        if kind is not None and held is not None:
            await self._state.look(kind, write.namespace, held.message.metadata.name)

    def _note(self, write: Write, charges: list[_Charge], done: Record | Done) -> None:
        """Take in the quotas as they were written; the feed brings them later."""
        kind = write.call.edition.kinds.for_message(RESOURCE_QUOTA)
        revision = done.mod_revision if isinstance(done, Record) else done.revision
        for each in charges:
            assert kind is not None  # noqa: S101  # without it nothing is charged
            record = Record(
                key=each.record.key,
                value=each.put().value,
                create_revision=each.record.create_revision,
                mod_revision=revision,
                version=each.record.version + 1,
            )
            self._state.see(kind, record)

    async def _one_by_one(
        self, write: Write, puts: Sequence[Put], store: Callable[[Sequence[Put]], Awaitable[T]]
    ) -> T:
        kind = write.call.edition.kinds.for_message(RESOURCE_QUOTA)
        for put in puts:
            record = await self._store.update(put.key, put.value, expected=put.expected or 0)
            if kind is not None:
                self._state.see(kind, record)
        return await store(())


def _shared(call: Call, kind: Kind, record: Record) -> SharedQuota | None:
    """Return the quota as the calls of a transaction share it; ``None`` for a call of its own."""
    if call.together is None:
        return None
    entry = (record.key, record.mod_revision)
    known = call.together.changed.get(entry)
    if not isinstance(known, SharedQuota):
        known = call.together.changed[entry] = SharedQuota(kind, record)
    return known


def _of(quota: Any, kind: Kind, message: Any, names: list[str]) -> Amounts | None:
    """Return what an object uses of some resources; ``None`` where a quota is not for it."""
    if message is None or not scopes.fit(quota, kind, message):
        return None
    found = usage.of(kind, message)
    return {name: found[name] for name in names if name in found}


def _difference(new: Mapping[str, Fraction], old: Mapping[str, Fraction]) -> Amounts:
    found = {name: new.get(name, Fraction()) - old.get(name, Fraction()) for name in {**old, **new}}
    return {name: amount for name, amount in found.items() if amount}


def _require_within(
    write: Write, quota: Any, used: Mapping[str, Fraction], delta: Mapping[str, Fraction]
) -> None:
    """Refuse a write that needs more than is left. What gives something back is never refused."""
    hard = {name: Fraction(quantities.parse(text) or 0) for name, text in quota.spec.hard.items()}
    beyond = sorted(
        name
        for name, amount in delta.items()
        if amount > 0 and used.get(name, Fraction()) + amount > hard[name]
    )
    if beyond:
        asked = ",".join(f"{name}={usage.text(name, delta[name])}" for name in beyond)
        had = ",".join(f"{name}={usage.text(name, used.get(name, Fraction()))}" for name in beyond)
        most = ",".join(f"{name}={quota.spec.hard[name]}" for name in beyond)
        raise write.forbidden(
            f"exceeded quota: {quota.metadata.name}, requested: {asked}, used: {had}, "
            f"limited: {most}"
        )
