"""The stream of a bulk call: some writes in, their outcomes out."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from google.protobuf.message import DecodeError

from protocube import errors
from protocube.bulk.v1 import bulk_pb2
from protocube_server.kinds import encoded
from protocube_server.seats import Seats
from protocube_server.verbs import requests
from protocube_server.verbs.bulk import items
from protocube_server.verbs.bulk.claims import Begun, Identity
from protocube_server.verbs.bulk.gathering import GatheringStore, gathered_by
from protocube_server.verbs.bulk.parts import Atomic, Claimed, not_done
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

MOST: Final = 1000
"""Writes of one request."""
MOST_ATOMIC: Final = 100
"""Writes of one request that happens as a whole: what fits into one transaction of a store."""
_TOGETHER: Final = 100
"""Writes that go on at a time, and so the most outcomes of a response but for an atomic one."""
_AT_ONCE: Final = 4
"""Streams whose writes go on at a time."""
_STARTED: Final = 8
"""Writes that are begun before others have their turn."""
_LONGEST_ID: Final = 256
_SEVERAL_WRITES: Final = frozenset({"Evict"})
"""Methods whose work is more than one write: first of the budget, then of the pod."""

_parse = requests.parser(bulk_pb2.WriteRequest)


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

        ``sign`` says in each call from where it comes.
        Raises ``errors.BadRequest`` for a request that is none, or has too many writes.
        """
        first = 0
        number = 0
        async for each in raw:
            request: Any = _parse(each)
            _check(request, number)
            reader = items.Reader(self._entrance, request, user, sign)
            run = _Run(api=self._api, request=request, reader=reader, user=user, seats=self._seats)
            async for outcomes in run.outcomes():
                response = bulk_pb2.WriteResponse(first=first, outcomes=outcomes)
                first += len(outcomes)
                yield response.SerializeToString()
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
            digest=_digest(self._kinds, self.request),
        )
        system_key = self._kinds.namespaces.system_key
        begun = await Begun.of(self.api.store, identity, system_key)
        self.claim = begun.claim
        return begun.entries

    async def _known(self, index: int, entries: Mapping[int, Sequence[Entry]]) -> Any:
        """Return the outcome of a write that an earlier try has made, ``None`` for another one."""
        for entry in reversed(entries.get(index, ())):
            try:
                record = await entry.happened(self.api.store)
            except errors.ApiError as error:
                return items.failed(error)
            if record is not None:
                return await self._retold(index, entry, record.value)
        return None

    async def _retold(self, index: int, entry: Entry, value: bytes) -> Any:
        outcome: Any = bulk_pb2.Outcome()
        try:
            item = await self.reader.read(self._kinds, self.request.writes[index])
        except errors.ApiError as error:
            return items.failed(error)
        answer = item.door.kind.answer(value, entry.revision)
        outcome = items.written(item, answer, whole=self.request.include_objects)
        del outcome.warnings[:]
        return outcome

    async def _together(self, begun: int, entries: Mapping[int, Sequence[Entry]]) -> list[Any]:
        """Make the writes from ``begun`` on that can go on beside each other, one at least."""
        some: list[Item | errors.ApiError] = []
        objects: set[object] = set()
        for index in range(begun, min(begun + _TOGETHER, len(self.request.writes))):
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
        return await self._made(begun, some, Claimed if self.claim is not None else None)

    async def _all_or_nothing(self, entries: Mapping[int, Sequence[Entry]]) -> list[Any]:
        """Make all writes at one revision."""
        writes = self.request.writes
        # One record is of all of them.
        if entries:
            known = [await self._known(index, entries) for index in range(len(writes))]
            if any(each is not None for each in known):
                return [
                    each if each is not None else bulk_pb2.Outcome(written=bulk_pb2.Written())
                    for each in known
                ]
        some: list[Item | errors.ApiError] = []
        for write in writes:
            try:
                item = await self.reader.read(self._kinds, write)
                if item.door.verb.method in _SEVERAL_WRITES:
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
        of: type[Claimed | Atomic] | None,
    ) -> list[Any]:
        """Return the outcomes of writes that go on beside each other."""
        going = [each for each in some if isinstance(each, items.Item)]
        part: Part | None = None
        tasks: list[asyncio.Task[Any]] = []
        async with self.seats, asyncio.TaskGroup() as group:
            if of is not None and going:
                part = of(self.api.store, group.create_task, len(going), self.claim)
            for index, each in enumerate(some, begun):
                if isinstance(each, items.Item):
                    with gathered_by(part.of(index) if part is not None else None):
                        tasks.append(group.create_task(self._outcome(index, each, part)))
                    if len(tasks) % _STARTED == 0:
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
        except Exception as error:  # noqa: BLE001  # whatever it is, the caller is told
            return items.failed(error, item.call)
        finally:
            if part is not None:
                part.end(index, failed=failed)


def _check(request: Any, number: int) -> None:
    count, most = len(request.writes), MOST_ATOMIC if request.atomic else MOST
    if count > most:
        what = "an atomic request" if request.atomic else "a request"
        text = f"request {number} of the stream has {count} writes, the limit of {what} is {most}"
        raise errors.BadRequest(text)
    if len(request.request_id.encode()) > _LONGEST_ID:
        raise errors.BadRequest(f"a request id must be no more than {_LONGEST_ID} bytes")


def _digest(kinds: Registry, request: Any) -> str:
    """Return a digest of all that a request asks for."""
    plain: Any = bulk_pb2.WriteRequest()
    plain.CopyFrom(request)
    for write in plain.writes:
        which = write.WhichOneof("write")
        if which in (None, "call"):
            continue
        sent = getattr(write, which)
        kind = kinds.for_message(sent.type_url.rpartition("/")[2])
        if kind is None or len(sent.value) > encoded.SMALL:
            continue
        try:
            # Stubs write maps in any order.
            message = kind.resource.message_class.FromString(sent.value)
        except DecodeError:
            continue
        sent.value = message.SerializeToString(deterministic=True)
    return hashlib.sha256(plain.SerializeToString(deterministic=True)).hexdigest()
