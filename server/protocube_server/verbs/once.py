"""Writes with a request id: carried out once, however often the call is repeated.

With the write of the object, in the same set, goes a record of it under
``<prefix>/~system/requests/<hash of caller and id>``. So there is a record exactly when the
write has happened, whichever server made it, and a repeated call is answered from there.
:mod:`protocube_server.upkeep.expiry.records` removes records after a while.
"""

from __future__ import annotations

import functools
import hashlib
from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube_server.calls.once import Once
from protocube_server.storage import keys
from protocube_server.storage.base import ConditionFailed, Guard, GuardFailed, Put, Remove, Set
from protocube_server.verbs.answers import answer
from protocube_server.verbs.made import Made

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from protocube_server.calls.call import Call
    from protocube_server.storage.base import Done, Record, SetDone
    from protocube_server.verbs.api import Api

    Run = Callable[[Api, Call], Awaitable[bytes]]

_LONGEST_ID = 256
_USED = "request id was used for another request"
_ANSWER_GONE = (
    "the request with this id was carried out at revision {}, and what it answered is not known "
    "any more: read the object"
)


class _Repeated(Exception):
    """Another call with the same id came first; ``record`` is of what it did."""

    def __init__(self, record: Record | None) -> None:
        super().__init__("a request with this id was carried out")
        self.record = record


def of(call: Call) -> Once | None:
    """Return what a call is known by; ``None`` without a request id, and for a dry run.

    It must be asked before the verb changes the request. Raises ``errors.BadRequest`` for an
    id that is too long.
    """
    request, caller = call.request, call.user.name
    identity = request.request_id
    if not identity or request.dry_run:
        return None
    if len(identity.encode()) > _LONGEST_ID:
        raise errors.BadRequest(f"a request id must be no more than {_LONGEST_ID} bytes")
    # Not the bytes as they came: stubs write maps in any order.
    content = request.SerializeToString(deterministic=True)
    method = f"{call.kind.resource.service}/{call.verb.method}\0".encode()
    place = hashlib.sha256(f"{caller}\0{identity}".encode()).hexdigest()
    return Once(
        key=call.kind.system_key(keys.Area.REQUESTS, place),
        id=identity,
        caller=caller,
        digest=hashlib.sha256(method + content).hexdigest(),
    )


def carried_out(run: Run) -> Run:
    """Return a verb that answers a repeated call with what the first one did.

    The verb writes through the functions below, with ``call.once``. Besides what it raises,
    it raises ``errors.Conflict`` for an id that was used for another request, and
    ``errors.Expired`` when the request was carried out and its answer cannot be told any more.
    """

    @functools.wraps(run)
    async def handle(api: Api, call: Call) -> bytes:
        once = of(call)
        if once is None:
            return await run(api, call)
        call.once = once
        record = await api.store.get(once.key)
        while record is None:
            # Verbs change what was asked: each try begins with it.
            asked = type(call.request)()
            asked.CopyFrom(call.request)
            try:
                return await run(api, call)
            except _Repeated as repeated:
                record = repeated.record
            except errors.Unavailable:
                raise
            except errors.ApiError:
                # It may be what the first call did that stands in the way.
                record = await api.store.get(once.key)
                if record is None:
                    raise
            call.request = asked
        return await _answer(api, call, once, record)

    return handle


async def create(
    api: Api,
    once: Once | None,
    key: bytes,
    value: bytes,
    *,
    uid: str,
    guards: Sequence[Guard] = (),
    beside: Sequence[Put | Remove] = (),
) -> Record:
    """Write a new object, and in the same set what is ``beside`` it. Raises as ``Store.apply``."""
    if once is None and not beside and len(guards) <= 1:
        return await api.store.create(key, value, guard=guards[0] if guards else None)
    put = Put(key=key, value=value, expected=0)
    return _written(await _together(api, once, put, beside, guards, uid=uid))


async def update(
    api: Api,
    once: Once | None,
    current: Record,
    value: bytes,
    *,
    uid: str,
    guards: Sequence[Guard] = (),
    beside: Sequence[Put | Remove] = (),
) -> Record:
    """Write another value of an object, as :func:`create` does."""
    if once is None and not beside and not guards:
        return await api.store.update(current.key, value, expected=current.mod_revision)
    put = Put(key=current.key, value=value, expected=current.mod_revision)
    return _written(await _together(api, once, put, beside, guards, uid=uid))


async def delete(
    api: Api,
    once: Once | None,
    current: Record,
    *,
    uid: str,
    gone: bytes,
    revision: int = 0,
    beside: Sequence[Put | Remove] = (),
) -> Done:
    """Remove an object, as :func:`create` writes one.

    ``gone`` is the value that the caller gets, at ``revision`` or else at that of the removal.
    """
    if once is None and not beside:
        return await api.store.delete(current.key, expected=current.mod_revision)
    remove = Remove(key=current.key, expected=current.mod_revision)
    return await _together(api, once, remove, beside, uid=uid, gone=gone, revision=revision)


async def unchanged(api: Api, once: Once | None, current: Record, *, uid: str) -> None:
    """Record a call that had nothing to write. Raises ``ConditionFailed`` if that has changed."""
    if once is None:
        return
    made = Made.by(once, key=current.key, uid=uid, revision=current.mod_revision)
    put = Put(key=once.key, value=made.value(), expected=0)
    guard = Guard(key=current.key, revision=current.mod_revision)
    try:
        await _apply(api, once, Set(writes=(put,), guards=(guard,)))
    except GuardFailed as failed:
        raise ConditionFailed(key=failed.key, current=failed.current) from None


async def begin(api: Api, once: Once) -> int:
    """Record that a call begins whose work is many writes; return the revision of its first begin.

    Raises ``errors.Conflict`` for an id that was used for another request.
    """
    made = Made.by(once, key=b"", uid="")
    while True:
        record = await api.store.get(once.key)
        if record is not None:
            _require_same(Made.read(record), once)
            return record.mod_revision
        try:
            return (await api.store.create(once.key, made.value())).mod_revision
        except ConditionFailed:
            continue


async def _together(
    api: Api,
    once: Once | None,
    change: Put | Remove,
    beside: Sequence[Put | Remove],
    guards: Sequence[Guard] = (),
    *,
    uid: str,
    gone: bytes | None = None,
    revision: int = 0,
) -> Done:
    if once is None:
        done = await api.store.apply(Set(writes=(change, *beside), guards=tuple(guards)))
        return done.outcomes[0]
    made = Made.by(once, key=change.key, uid=uid, gone=gone, revision=revision)
    # First, because of several conditions that do not hold the first is told.
    record = Put(key=once.key, value=made.value(), expected=0)
    together = Set(writes=(record, change, *beside), guards=tuple(guards))
    return (await _apply(api, once, together)).outcomes[1]


async def _apply(api: Api, once: Once, together: Set) -> SetDone:
    try:
        return await api.store.apply(together)
    except ConditionFailed as failed:
        if failed.key == once.key:
            raise _Repeated(failed.current) from None
        raise


def _written(done: Done) -> Record:
    assert done.record is not None  # noqa: S101  # a Put that is done has a record
    return done.record


async def _answer(api: Api, call: Call, once: Once, record: Record) -> bytes:
    kind = call.kind
    made = Made.read(record)
    _require_same(made, once)
    revision = made.revision or record.mod_revision
    if made.is_gone:
        if not made.answer:
            raise errors.Expired(_ANSWER_GONE.format(revision))
        return await answer(call, made.answer, revision)
    key = kind.key(call.target.namespace, made.name)
    found: Record | None = await api.store.get(key)
    if found is None or found.mod_revision != revision:
        found = await _at(api, key, revision)
    if found is None or _uid(kind.read(found)) != made.uid:
        raise errors.Expired(_ANSWER_GONE.format(revision))
    return await answer(call, found.value, revision)


async def _at(api: Api, key: bytes, revision: int) -> Record | None:
    """Return what ``key`` was at a revision, ``None`` when that is compacted or was nothing."""
    try:
        page = await api.store.list(key, limit=1, at=revision)
    except (errors.Expired, errors.Timeout):
        return None
    return next((record for record in page.records if record.key == key), None)


def _uid(message: Any) -> str:
    found: str = message.metadata.uid
    return found


def _require_same(made: Made, once: Once) -> None:
    if made.digest != once.digest:
        raise errors.Conflict(_USED)
