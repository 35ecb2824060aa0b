"""Gives objects the addresses and ports that they need, and takes them back, with their writes.

A value that an object has is kept under a key of its own (:mod:`pools`), which is written in the
object's own set under the condition that it is not there. So two servers cannot give one value
twice, nothing has to be cleaned up after a failure, and a dry run takes nothing.
"""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from protocube import errors
from protocube_server.definitions import building
from protocube_server.kinds.named.allocation import Claim
from protocube_server.storage.base import ConditionFailed, Put, Remove
from protocube_server.verbs import admitting, once, owners, pools
from protocube_server.verbs.pools import Holder

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

    from protocube_server.calls.call import Call
    from protocube_server.kinds.kind import Kind
    from protocube_server.kinds.named.allocation import Allocation, Need, Pool
    from protocube_server.storage.base import Done, Record
    from protocube_server.verbs.api import Api
    from protocube_server.verbs.pools import Values

    T = TypeVar("T")

_GUESSES: Final = 3
"""Values that are tried before those in use are looked at: few of most ranges are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What an object is given by a write, and what goes with it."""

    writes: tuple[Put | Remove, ...] = ()
    """To be made in the set of the object."""
    asked: Any | None = None
    """The object without what the server filled in, when that is anything."""
    definition: str = ""
    """The definition whose kinds change by it."""
    undo: Put | None = None
    """Takes back what was written to decide of it, when it is not changed after all."""
    numbers: bytes | None = None
    """What is kept with a definition, when that may change."""

    def wanted(self, new: Any) -> Any:
        """Return ``new`` as its writer wants it."""
        return new if self.asked is None else self.asked

    @property
    def keeps(self) -> bool:
        """Whether something else is kept with the object than who owns it."""
        return self.asked is not None or self.numbers is not None

    async def owned(self, kind: Kind, held: bytes, new: Any, *, is_same: bool = False) -> bytes:
        """Return what to keep with ``new``, of which ``held`` tells who owns what is wanted.

        What the server fills in is nobody's, unless the object stays the same.
        """
        if not is_same and self.asked is not None:
            held = await owners.beside(kind, held, self.asked, new)
        return held if self.numbers is None else building.with_numbers(held, self.numbers)


NOTHING: Final = Plan()


async def writing(
    api: Api,
    call: Call,
    old: Any | None,
    new: Any,
    write: Callable[[Plan], Awaitable[T]],
    *,
    asked: Any | None = None,
) -> T:
    """Give ``new``, which replaces ``old``, what it is to have; return what ``write`` does.

    ``asked`` is ``new`` as its writer wants it, where that is something else already.
    ``write`` is called again, with another plan, when another object was faster. It raises
    ``ConditionFailed`` of keys that are not the object's own.
    """
    allocation = call.kind.allocation
    if allocation is None:
        return await write(filled(asked, new))
    if asked is None:
        asked = type(new)()
        asked.CopyFrom(new)
    for attempt in itertools.count():
        planning = _Planning(api, call, allocation, old, new)
        try:
            writes = await planning.writes(looks=attempt >= _GUESSES)
            return await write(_plan(asked, new, writes))
        except ConditionFailed:
            planning.undo()
        except errors.MethodNotSupported:
            # A store without sets: objects have what they ask for, and that is all.
            planning.undo()
            if call.once is not None or not planning.needs_set:
                raise
            return await write(_plan(asked, new))
    raise AssertionError("unreachable: the last try returns or raises")


def filled(asked: Any | None, new: Any) -> Plan:
    """Return the plan of an object that is given nothing; ``asked`` is as in :func:`writing`."""
    return NOTHING if asked is None else _plan(asked, new)


def _plan(asked: Any, new: Any, writes: Sequence[Put | Remove] = ()) -> Plan:
    return Plan(writes=tuple(writes), asked=asked if asked != new else None)


async def delete(
    api: Api, call: Call, record: Record, message: Any, *, gone: bytes, revision: int = 0
) -> Done:
    """Remove an object, and with it what it was given. Raises as ``once.delete``."""
    known, uid = call.once, message.metadata.uid
    while True:
        held = await _held(api, call, message)

        async def remove(charges: Sequence[Put], held: Sequence[Remove] = held) -> Done:
            return await once.delete(
                api,
                known,
                record,
                uid=uid,
                gone=gone,
                revision=revision,
                beside=(*held, *charges),
            )

        try:
            return await admitting.charged(api, call, message, None, remove)
        except ConditionFailed as failed:
            if failed.key == record.key:
                raise


async def _held(api: Api, call: Call, message: Any) -> tuple[Remove, ...]:
    """Return what takes back all that an object was given."""
    allocation = call.kind.allocation
    if allocation is None:
        return ()
    keeping = _Keeping(api, call, message)
    return keeping.removals(await keeping.records(allocation.claims(message)))


class _Keeping:
    """What is kept of the values that one object has, or wants."""

    def __init__(self, api: Api, call: Call, message: Any) -> None:
        self._api = api
        self._call = call
        self._holder = Holder.of(call.kind, message)
        self._values: dict[Pool, Values | None] = {}

    def of(self, pool: Pool) -> Values | None:
        """Return the values of a pool, where there is one."""
        if pool not in self._values:
            self._values[pool] = pools.of(self._api, self._call, pool)
        return self._values[pool]

    async def records(self, claims: Iterable[Claim]) -> dict[Claim, Record | None]:
        """Return what is kept of claims; nothing of those whose pool there is not."""
        found = [(claim, values) for claim in claims if (values := self.of(claim.pool))]
        keys = [values.key(claim.value) for claim, values in found]
        records = await asyncio.gather(*map(self._api.store.get, keys))
        return {claim: record for (claim, _), record in zip(found, records, strict=True)}

    def removals(self, records: Mapping[Claim, Record | None]) -> tuple[Remove, ...]:
        """Return what removes those that the object has."""
        return tuple(
            Remove(key=record.key, expected=record.mod_revision)
            for claim, record in records.items()
            if record is not None and self.holder(claim, record) == self._holder
        )

    def put(self, claim: Claim, instead_of: Record | None = None) -> Put | None:
        """Return what gives the object a value, if there is a pool of them."""
        values = self.of(claim.pool)
        if values is None:
            return None
        return Put(
            key=values.key(claim.value),
            value=values.entry(claim.value, self._holder),
            expected=instead_of.mod_revision if instead_of else 0,
        )

    def holder(self, claim: Claim, record: Record) -> Holder | None:
        """Return who has a value that is kept."""
        values = self.of(claim.pool)
        return values.holder(record) if values else None

    async def is_left_over(self, claim: Claim, record: Record) -> bool:
        """Tell whether a value is kept for an object that is not there, or does not have it.

        That object was removed by other means than a deletion, such as damage.
        """
        kind, holder = self._call.kind, self.holder(claim, record)
        resource = kind.resource
        if holder is None or (holder.group, holder.resource) != (resource.group, resource.plural):
            return False
        found = await self._api.store.get(kind.key(holder.namespace, holder.name))
        if found is None:
            return True
        try:
            message = kind.read(found)
        except errors.Damaged:
            return False
        return kind.allocation is not None and claim not in kind.allocation.claims(message)


class _Without:
    """Values of a pool that an object cannot be given, as it is whenever one is looked for."""

    def __init__(self, own: set[str], pool: Pool, is_given: Callable[[Claim], bool]) -> None:
        self._own = own
        self._pool = pool
        self._is_given = is_given

    def __contains__(self, value: object) -> bool:
        return value in self._own or self._is_given(Claim(self._pool, str(value)))


class _Planning:
    """One try to give an object what it needs."""

    def __init__(
        self, api: Api, call: Call, allocation: Allocation, old: Any | None, new: Any
    ) -> None:
        self._api = api
        self._call = call
        self._allocation = allocation
        self._old = old
        self._new = new
        self._keeping = _Keeping(api, call, new)
        self._given: list[Need] = []
        together = call.together
        self._given_together = together.given if together is not None else None
        self.needs_set = False
        """Whether anything is to be written beside the object."""

    async def writes(self, *, looks: bool) -> list[Put | Remove]:
        """Fill in what the object needs, in place, and return what gives and takes it.

        ``looks`` chooses among what is free now; otherwise that is guessed. Raises what refuses
        the object: a value that it asks for cannot be given, or there are none left.
        """
        old, new, allocation = self._old, self._new, self._allocation
        if self._given_together is not None:
            self._given_together.forget(self._call)
        allocation.settle(old, new, self._api.ranges)
        had = allocation.claims(old) if old is not None else {}
        wanted = [claim for claim in allocation.claims(new) if claim not in had]
        writes = await self._claimed(wanted)
        for need in allocation.needs(old, new):
            await self._give(need, looks=looks)
        has = allocation.claims(new)
        chosen = [claim for claim in has if claim not in had and claim not in wanted]
        writes += [put for claim in chosen if (put := self._keeping.put(claim))]
        writes += await self._changed(had, has)
        self.needs_set = bool(writes)
        return writes

    def undo(self) -> None:
        """Take out of the object what was chosen for it."""
        for need in reversed(self._given):
            need.give("")
        self._given.clear()

    async def _claimed(self, wanted: Iterable[Claim]) -> list[Put | Remove]:
        """Return what gives the object the values that it asks for itself."""
        writes: list[Put | Remove] = []
        for claim, record in (await self._keeping.records(wanted)).items():
            values = self._keeping.of(claim.pool)
            why = await values.fault(claim.value) if values else ""
            is_taken = record is not None and not await self._keeping.is_left_over(claim, record)
            if not why and values and (is_taken or self._is_given_to_another(claim)):
                why = values.taken
            if why:
                raise self._allocation.refused(self._new, claim, why)
            self._note(claim)
            put = self._keeping.put(claim, record)
            writes += [put] if put else []
        return writes

    async def _give(self, need: Need, *, looks: bool) -> None:
        values = self._keeping.of(need.pool)
        if values is None:
            return
        own = {claim.value for claim in self._allocation.claims(self._new)}
        without = _Without(own, need.pool, self._is_given_to_another)
        value = None if looks else values.guess(without)
        value = value or await values.free(without)
        if value is None:
            raise need.failed(pools.FULL)
        self._note(Claim(need.pool, value))
        need.give(value)
        self._given.append(need)

    def _is_given_to_another(self, claim: Claim) -> bool:
        """Tell whether another call of the same transaction gives its object a value."""
        given = self._given_together
        return given is not None and given.to_another(claim, self._call)

    def _note(self, claim: Claim) -> None:
        if self._given_together is not None:
            self._given_together.add(claim, self._call)

    async def _changed(
        self, had: Mapping[Claim, str], has: Mapping[Claim, str]
    ) -> list[Put | Remove]:
        """Return what an update takes back, and what it makes up for an earlier release."""
        records = await self._keeping.records(had)
        lost = {claim: record for claim, record in records.items() if claim not in has}
        missing = [claim for claim, record in records.items() if claim in has and record is None]
        found: list[Put | Remove] = list(self._keeping.removals(lost))
        return found + [put for claim in missing if (put := self._keeping.put(claim))]
