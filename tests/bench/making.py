"""What a create is made of, in this process: no call goes anywhere, and the store is a list.

Each stage is measured on many requests that have come as far as that, so that the sum of all
stages, and what goes on between them, is the whole.
"""

from __future__ import annotations

import asyncio
import base64
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from protocube.bulk.v1 import bulk_pb2
from protocube_server import turns
from protocube_server.audit.file import LogFile, Rotation
from protocube_server.audit.log import AuditLog
from protocube_server.audit.policy import DEFAULT, Policies
from protocube_server.audit.stage import Audited
from protocube_server.authorization.authorizer import Authorizer
from protocube_server.authorization.stages import Authorized, Known
from protocube_server.calls.chain import Stages
from protocube_server.calls.shares import FairShares
from protocube_server.calls.user import User
from protocube_server.kinds import splice
from protocube_server.storage.base import Done, Page, Put, Record, Revision, Set, SetDone, Store
from protocube_server.verbs import (
    admitting,
    allocations,
    namespaces,
    owner_references,
    owners,
    requests,
    system_fields,
)
from protocube_server.verbs.answers import answer
from protocube_server.verbs.bulk.stream import Bulk
from protocube_server.verbs.entrance import Entrance
from tests import bare_server
from tests.bench import rights, rows
from tests.bench.figures import SQLITE
from tests.bench.objects import CONFIG_MAP, NAME, POD, Kind
from tests.bench.step import Setting, Step

if TYPE_CHECKING:
    from collections.abc import (
        AsyncGenerator,
        AsyncIterator,
        Awaitable,
        Callable,
        Iterator,
        Sequence,
    )

    from protocube_server.calls.call import Call
    from protocube_server.storage.base import Outcome, Write
    from protocube_server.verbs.api import Api
    from tests.bench.subjects import Subject as Measured

_KINDS: Final = {rows.MADE[0]: CONFIG_MAP, rows.MADE[1]: POD}
_TIMES: Final = 7
_COUNT: Final = 300
_TOGETHER: Final = 100
_OBJECT: Final = 0x0A
"""The tag of the object in a CreateXRequest."""
_ALICE: Final = User(name="alice", groups=("devs", "system:authenticated"))


def steps() -> Iterator[Step]:
    """Yield the steps."""
    for row in rows.MADE:
        yield Step(row=row, subjects=(SQLITE,), measure=_measuring(row), loads=False, once=True)


def _measuring(row: str) -> Callable[[Setting, Measured], None]:
    def measure(setting: Setting, subject: Measured) -> None:
        setting.results.add(row, subject.name, asyncio.run(measured(_KINDS[row])))

    return measure


async def measured(kind: Kind, *, times: int = _TIMES, count: int = _COUNT) -> dict[str, float]:
    """Return microseconds of CPU for each figure of the row of a kind: the least of some times."""
    store = _Forgetting()
    bare = await bare_server.api_over(store)
    api, state = bare_server.admitting(bare)
    state.know(is_current=True)
    of_namespaces = api.editions.current.kinds.namespaces
    for record in store.records.values():
        state.put(of_namespaces, record, of_namespaces.read(record))
    plain = Stages(limited_by_connection=FairShares())
    runs = [await _once(api, plain, kind, count) for _ in range(times + 1)][1:]
    found = {figure: min(run[figure] for run in runs) for figure in runs[0]}
    found["between"] = found["alone"] - sum(found[stage] for stage in rows.STAGES)
    for figure in ("rights", "audit"):
        found[figure] -= found["alone"]
    return found


async def _once(api: Api, plain: Stages, kind: Kind, count: int) -> dict[str, float]:
    found = await _staged(api, plain, kind, count)
    found["alone"] = await _alone(api, plain, kind, count)
    with_rights = replace(plain, known=Known(_AUTHORIZER), authorized=Authorized(_AUTHORIZER))
    found["rights"] = await _alone(api, with_rights, kind, count)
    with tempfile.TemporaryDirectory() as folder:
        log = AuditLog(LogFile(Path(folder) / "audit.log", Rotation()))
        async with log.running():
            audited = replace(plain, audited=Audited(Policies(DEFAULT), log))
            found["audit"] = await _alone(api, audited, kind, count)
    found["bulk"] = await _bulk(api, plain, kind, count)
    return found


async def _alone(api: Api, stages: Stages, kind: Kind, count: int) -> float:
    door = Entrance(api, stages).door(kind.service, "Create")
    assert door is not None
    raws = [_request(kind, number) for number in range(count)]
    begun = time.process_time()
    for first in range(0, count, _TOGETHER):
        made = (door.handler(_signed(door.call(_ALICE, raw))) for raw in raws[first:][:_TOGETHER])
        await asyncio.gather(*made)
    return (time.process_time() - begun) / count * 1e6


async def _bulk(api: Api, stages: Stages, kind: Kind, count: int) -> float:
    async def sent() -> AsyncIterator[bytes]:
        for first in range(0, count, _TOGETHER):
            request = bulk_pb2.WriteRequest()
            for number in range(first, first + _TOGETHER):
                made = request.writes.add().create
                made.type_url = f"type.googleapis.com/{kind.message}"
                made.value = _object(kind, number)
            yield request.SerializeToString()

    raws = [raw async for raw in sent()]

    async def again() -> AsyncIterator[bytes]:
        for raw in raws:
            yield raw

    begun = time.process_time()
    async for _ in Bulk(api, stages).write(again(), user=_ALICE, sign=_sign):
        pass
    return (time.process_time() - begun) / (len(raws) * _TOGETHER) * 1e6


async def _staged(api: Api, stages: Stages, kind: Kind, count: int) -> dict[str, float]:
    """Return what each of the stages takes, one after the other for all requests."""
    entrance = Entrance(api, stages)
    door = entrance.door(kind.service, "Create")
    assert door is not None
    parse, target = door.verb.parser(door.kind), door.verb.target(door.kind)
    calls = [_signed(door.call(_ALICE, _request(kind, number))) for number in range(count)]
    making = [_Making(api, call) for call in calls]

    async def parsed(one: _Making) -> None:
        one.call.request = parse(one.call.raw)
        one.call.target = target(one.call.request)

    found: dict[str, float] = {}
    stage: Callable[[_Making], Awaitable[None]]
    for name in rows.STAGES:
        stage = parsed if name == "parsed" else getattr(_Making, name)
        begun = time.process_time()
        for one in making:
            await stage(one)
        found[name] = (time.process_time() - begun) / count * 1e6
    return found


class _Making:
    """One create on its way: what ``verbs.create`` does, a stage at a time."""

    def __init__(self, api: Api, call: Call) -> None:
        self.api = api
        self.call = call
        self.asked: Any = None
        self.plan = allocations.NOTHING
        self.value = b""
        self.record: Any = None

    @property
    def message(self) -> Any:
        return self.call.request.object

    async def checked(self) -> None:
        await requests.check_object(self.call)

    async def stamped(self) -> None:
        message, kind = self.message, self.call.kind
        system_fields.wipe(message)
        owner_references.settle(self.call, message)
        kind.generation.begin(message)
        system_fields.stamp(message, self.api.now(), system_fields.new_uid())
        namespaces.prepare(kind, message)

    async def filled(self) -> None:
        await turns.taken(self.call.kind.defaults.filling(self.message))

    async def admitted(self) -> None:
        self.asked = await admitting.mutate(self.api, self.call, None, self.message)
        self.plan = allocations.filled(self.asked, self.message)

    async def judged(self) -> None:
        await self.call.kind.validation.check_in_turns(self.message)

    async def allowed(self) -> None:
        assert self.api.admission is not None
        await self.api.admission.validate(self.call, None, self.message)

    async def warned(self) -> None:
        self.call.warnings += await turns.taken(self.call.kind.warnings.on(self.message))

    async def encoded(self) -> None:
        call, message = self.call, self.message
        held = owners.created(call, self.plan.wanted(message))
        held = await self.plan.owned(call.kind, held, message)
        self.value = call.kind.encode(message, keeping=held)

    async def written(self) -> None:
        metadata = self.message.metadata
        key = self.call.kind.key(metadata.namespace, metadata.name)
        self.record = await self.api.store.create(key, self.value)

    async def answered(self) -> None:
        await answer(self.call, self.value, self.record.mod_revision)


class _Forgetting(Store):
    """A store that takes everything, and knows only namespaces."""

    incarnation = "1"

    def __init__(self) -> None:
        self.records: dict[bytes, Record] = {}
        self._revision = 0

    async def get(self, key: bytes) -> Record | None:
        return self.records.get(key)

    async def list(self, prefix: bytes, *, start: bytes = b"", limit: int = 0, at: int = 0) -> Page:
        del prefix, start, limit, at
        return Page(records=(), revision=self._revision, more=False, count=0)

    async def write(self, batch: Sequence[Write]) -> Sequence[Outcome]:
        return tuple(self._outcome(write) for write in batch)

    async def watch(
        self, prefix: bytes, *, after: int, progress: bool = False
    ) -> AsyncGenerator[Revision, None]:
        del prefix, after, progress
        return
        yield

    async def revision(self) -> int:
        return self._revision

    async def compact(self, revision: int) -> None:
        del revision

    async def close(self) -> None:
        pass

    def _outcome(self, write: Write) -> Outcome:
        self._revision += 1
        if isinstance(write, Set):
            done = tuple(self._done(each) for each in write.writes if isinstance(each, Put))
            return SetDone(revision=self._revision, outcomes=done)
        assert isinstance(write, Put)
        return self._done(write)

    def _done(self, put: Put) -> Done:
        number = self._revision
        record = Record(
            key=put.key, value=put.value, create_revision=number, mod_revision=number, version=1
        )
        if b"/namespaces/" in put.key:
            self.records[put.key] = record
        return Done(revision=number, record=record, previous=None)


def _request(kind: Kind, number: int) -> bytes:
    return splice.framed(_OBJECT, _object(kind, number))


def _object(kind: Kind, number: int) -> bytes:
    name = f"{number:0{len(NAME)}}".encode()
    return base64.b64decode(kind.object).replace(NAME.encode(), name)


def _sign(call: Call) -> None:
    """Say in a call where it comes from."""
    call.agent, call.peer = lambda: "grpc-go/1.75.0", lambda: "ipv4:127.0.0.1:5000"


def _signed(call: Call) -> Call:
    _sign(call)
    return call


def _authorizer() -> Authorizer:
    """Return rights of many bindings, one of which lets alice create everything."""
    found = Authorizer(rights.of_one_among_many(_ALICE.name))
    found.is_current = True
    return found


_AUTHORIZER: Final = _authorizer()
