"""The stream of a bulk call: some writes in, their outcomes out."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from protocube import errors
from protocube.bulk.v1 import bulk_pb2
from protocube_server import turns
from protocube_server.seats import Seats
from protocube_server.verbs.bulk import envelopes, items
from protocube_server.verbs.bulk.claims import Begun, Identity
from protocube_server.verbs.bulk.gathering import GatheringStore, gathering
from protocube_server.verbs.bulk.parts import Atomic, Together, not_done
from protocube_server.verbs.entrance import Entrance

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterable, Callable, Mapping, Sequence

    from protocube_server.calls.call import Call
    from protocube_server.calls.chain import Stages
    from protocube_server.calls.user import User
    from protocube_server.kinds.registry import Registry
    from protocube_server.verbs.api import Api
    from protocube_server.verbs.bulk.claims import Claim, Entry
    from protocube_server.verbs.bulk.items import Item, Reader
    from protocube_server.verbs.bulk.parts import Part

_TOGETHER: Final = 100
"""Writes that go on at a time, and so the most outcomes of a response but for an atomic one."""
_AT_ONCE: Final = 4
"""Streams whose writes go on at a time."""
_STARTED: Final = 8
"""Writes that are begun before others have their turn."""
_TURN: Final = 0.002
"""Seconds of reading writes after which others have their turn."""


class Bulk:
    """Makes the writes of streams, each through the stages and the verb of a call of its own."""

    def __init__(self, api: Api, stages: Stages) -> None:
        store = GatheringStore(api.store)
        self._api = api
        # Calls that wait for each other must not wait for seats that others of them have.
        self._seats = Seats(_AT_ONCE)
        stages = replace(stages, limited_by_connection=None, limited_by_user=None)
        self._entrance = Entrance(replace(api, store=store), stages)

    async def write(
        self, raw: AsyncIterable[bytes], *, user: User, sign: Callable[[Call], None]
    ) -> AsyncGenerator[bytes, None]:
        """Yield the WriteResponses to WriteRequests. The next one is read when one is answered.

        ``sign`` says in each call from where it comes. Raises ``errors.BadRequest`` and
        ``errors.TooLarge`` for a request that is none.
        """
        first = 0
        number = 0
        async for each in raw:
            request = envelopes.request(each, number)
            reader = items.Reader(self._entrance, request, user, sign, self._api.admission)
            run = _Run(api=self._api, request=request, reader=reader, user=user, seats=self._seats)
            async for outcomes in run.outcomes():
                for response in envelopes.responses(first, outcomes, self._api.limits.response):
                    yield response
                first += len(outcomes)
            number += 1


@dataclass(slots=True, kw_only=True)
class _Run:
    """The writes of one request, on their way."""

    api: Api
    request: Any
    reader: Reader
    user: User
    seats: Seats
    claim: Claim | None = None

    @property
    def _kinds(self) -> Registry:
        return self.api.editions.current.kinds

    async def outcomes(self) -> AsyncGenerator[list[Any], None]:
        """Yield the outcomes, some at a time."""
        writes = self.request.writes
        entries: Mapping[int, Sequence[Entry]] = {}
        if self.request.request_id and not self.request.dry_run:
            try:
                entries = await self._begin()
            except errors.ApiError as error:
                yield [items.failed(error) for _ in writes]
                return
        if self.request.atomic:
            yield await self._all_or_nothing(entries)
            return
        found: list[Any] = []
        begun = 0
        while begun < len(writes):
            # What is known of earlier tries is told; the rest goes on.
            known = await self._known(begun, entries)
            if known is not None:
                found.append(known)
                begun += 1
            else:
                made = await self._together(begun, entries)
                found += made
                begun += len(made)
            if len(found) >= _TOGETHER:
                yield found
                found = []
        if found:
            yield found

    async def _begin(self) -> Mapping[int, Sequence[Entry]]:
        identity = Identity(
            caller=self.user.name,
            id=self.request.request_id,
            digest=await turns.returned(envelopes.digest(self._kinds, self.request)),
        )
        system_key = self._kinds.namespaces.system_key
        begun = await Begun.of(self.api.store, identity, system_key)
        self.claim = begun.claim
        return begun.entries

    async def _known(self, index: int, entries: Mapping[int, Sequence[Entry]]) -> Any:
        """Return the outcome of a write that an earlier try has made, ``None`` for another one."""
        known = entries.get(index)
        if not known:
            return None
        try:
            item = await self.reader.read(self._kinds, self.request.writes[index])
            # With an object goes what it is given, such as addresses: that is not what was asked.
            prefix = item.door.kind.prefix()
            for entry in reversed(known):
                if not entry.key.startswith(prefix):
                    continue
                record = await entry.happened(self.api.store)
                if record is not None and item.is_ended_by(record, is_gone=entry.is_removal):
                    # It is told to those alone who may still do it.
                    await item.door.stages(item.call)
                    return items.retold(
                        item, record.value, entry.revision, whole=self.request.include_objects
                    )
        except errors.ApiError as error:
            return items.failed(error)
        return None

    async def _unchanged(self, write: Any) -> Any:
        """Return the outcome of a write that had nothing to change in a request that was made."""
        try:
            item = await self.reader.read(self._kinds, write)
            await item.door.stages(item.call)
        except errors.ApiError as error:
            return items.failed(error)
        namespace, name = item.call.target
        return bulk_pb2.Outcome(written=bulk_pb2.Written(namespace=namespace, name=name))

    async def _together(self, begun: int, entries: Mapping[int, Sequence[Entry]]) -> list[Any]:
        """Make the writes from ``begun`` on that can go on beside each other, one at least."""
        some: list[Item | errors.ApiError] = []
        objects: set[object] = set()
        now = asyncio.get_running_loop().time
        end = now() + _TURN
        for index in range(begun, min(begun + _TOGETHER, len(self.request.writes))):
            if now() > end:
                await asyncio.sleep(0)
                end = now() + _TURN
            if some and entries.get(index):
                break
            try:
                item = await self.reader.read(self._kinds, self.request.writes[index])
            except errors.ApiError as error:
                # It may be of a kind that a write before it makes.
                if any(isinstance(each, items.Item) for each in some):
                    break
                some.append(error)
                continue
            # A write sees what those before it did.
            if some and (item.is_apart or item.object in objects):
                break
            some.append(item)
            objects.add(item.object)
            if item.is_apart:
                break
        return await self._made(begun, some, Together)

    async def _all_or_nothing(self, entries: Mapping[int, Sequence[Entry]]) -> list[Any]:
        """Make all writes at one revision."""
        writes = self.request.writes
        # One record is of all of them.
        if entries:
            known = [await self._known(index, entries) for index in range(len(writes))]
            if any(each is not None for each in known):
                return [
                    each if each is not None else await self._unchanged(write)
                    for each, write in zip(known, writes, strict=True)
                ]
        some: list[Item | errors.ApiError] = []
        for write in writes:
            try:
                item = await self.reader.read(self._kinds, write)
                if item.has_several_writes:
                    raise errors.BadRequest(
                        f"{item.door.verb.method} cannot be part of an atomic request"
                    )
                some.append(item)
            except errors.ApiError as error:
                some.append(error)
        unread = next((n for n, each in enumerate(some) if isinstance(each, Exception)), None)
        if unread is not None:
            return [
                items.failed(each if isinstance(each, Exception) else not_done(unread))
                for each in some
            ]
        return await self._made(0, some, Atomic)

    async def _made(
        self,
        begun: int,
        some: Sequence[Item | errors.ApiError],
        of: type[Together | Atomic],
    ) -> list[Any]:
        """Return the outcomes of writes that go on beside each other."""
        going = [each for each in some if isinstance(each, items.Item)]
        part: Part | None = None
        tasks: list[asyncio.Task[Any]] = []
        async with self.seats, asyncio.TaskGroup() as group:
            if going:
                part = of(self.api.store, group.create_task, len(going), self.claim)
            with turns.Pace() as pace, turns.paced(), gathering() as gathered_by:
                for index, each in enumerate(some, begun):
                    if not isinstance(each, items.Item):
                        continue
                    if len(tasks) % _STARTED == 0:
                        # What was begun goes on in the next round of the loop.
                        await asyncio.sleep(0)
                        await pace.step()
                    assert part is not None  # noqa: S101  # there is one if anything goes on
                    each.call.is_gathered = len(going) > 1
                    each.call.together = part.together if isinstance(part, Atomic) else None
                    gathered_by(part.of(index))
                    tasks.append(group.create_task(self._outcome(index, each, part)))
                await asyncio.sleep(0)
        made = (task.result() for task in tasks)
        found = [items.failed(each) if isinstance(each, Exception) else next(made) for each in some]
        if isinstance(part, Atomic) and part.first_failed is not None:
            # Those that had nothing to write have not failed.
            refusal = items.failed(not_done(part.first_failed))
            found = [each if each.HasField("failure") else refusal for each in found]
        return found

    async def _outcome(self, index: int, item: Item, part: Part | None) -> Any:
        failed = True
        try:
            answer = await item.door.handler(item.call)
            failed = False
            return items.written(item, answer, whole=self.request.include_objects)
        except asyncio.CancelledError:
            if part is not None:
                part.give_up()
            raise
        except Exception as error:  # noqa: BLE001  # whatever it is, the caller is told
            return items.failed(error, item.call)
        finally:
            if part is not None:
                part.end(index, failed=failed)
