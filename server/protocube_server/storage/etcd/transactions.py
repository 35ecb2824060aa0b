"""The transactions that write, and what their answers mean.

There are two forms. In a *group* each write, and each set, is a nested transaction with
conditions of its own. A *single* is one of the four shapes that kine, etcd's API over SQL
databases, recognises: it supports no others.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from protocube_server.storage import base, keys
from protocube_server.storage.etcd.proto import mvcc_pb2, rpc_pb2

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A key as it stood at the store's ``revision``."""

    record: base.Record | None
    revision: int


def probe(key: bytes) -> rpc_pb2.TxnRequest:
    """Return a transaction that does nothing: a server that answers it can do groups.

    ``key`` is one that our user may read. The first part is there because etcd looks at
    the permissions of what is in the outer transaction only.
    """
    look = rpc_pb2.RequestOp(request_range=rpc_pb2.RangeRequest(key=key))
    nested = rpc_pb2.RequestOp(request_txn=rpc_pb2.TxnRequest(success=[look]))
    return rpc_pb2.TxnRequest(success=[look, nested])


def takes_room(write: base.Write) -> bool:
    """Tell whether a write is to be refused by an etcd that is full.

    What deletes something is not, also with a record of it, because it makes room. Neither is
    the leadership, which always takes the same: without a leader no history is compacted.
    """
    if not isinstance(write, base.Set):
        return isinstance(write, base.Put) and not keys.is_leadership(write.key)
    return all(map(takes_room, write.writes))


def group(writes: Sequence[base.Write], *, home: bytes) -> rpc_pb2.TxnRequest:
    """Return one transaction of many writes and sets, which ``limits.check`` has passed.

    Before 3.6 etcd holds against its quota what the outer transaction puts, and looks into no
    other one. So where something :func:`takes_room`, there is a put of ``home``, a key that our
    user may write, that is never made: it stands where the conditions do not hold, and there
    are none.

    It is filled in place: a message that is handed to the one around it is copied, and
    so would every value be, once for each of the four levels. That took four times as
    long, in every write.
    """
    request = rpc_pb2.TxnRequest()
    for write in writes:
        _fill(request.success.add().request_txn, write)
    if any(map(takes_room, writes)):
        request.failure.add().request_put.key = home
    return request


def group_outcomes(
    writes: Sequence[base.Write], response: rpc_pb2.TxnResponse
) -> tuple[base.Outcome, ...]:
    """Return the outcome of each write and set of a :func:`group`."""
    revision = response.header.revision
    return tuple(
        _outcome(write, answer.response_txn, revision)
        for write, answer in zip(writes, response.responses, strict=True)
    )


def gets(keys: Sequence[bytes]) -> rpc_pb2.TxnRequest:
    """Return one transaction that reads several keys. It writes nothing, so it may be repeated."""
    return rpc_pb2.TxnRequest(
        success=[rpc_pb2.RequestOp(request_range=rpc_pb2.RangeRequest(key=key)) for key in keys]
    )


def gets_outcomes(response: rpc_pb2.TxnResponse) -> list[Found]:
    """Return what was found for each key of :func:`gets`."""
    revision = response.header.revision
    return [found(answer.response_range, revision) for answer in response.responses]


def found(response: rpc_pb2.RangeResponse, revision: int) -> Found:
    """Return the one record of a response to a read of one key."""
    return Found(
        record=record(response.kvs[0]) if response.kvs else None,
        revision=revision,
    )


def single_put(write: base.Put, expected: int) -> rpc_pb2.TxnRequest:
    """Return the transaction of one write as kine understands it."""
    return rpc_pb2.TxnRequest(
        compare=[_is_at(write.key, expected)],
        success=[_put(write)],
        failure=[_range(write)] if expected else [],
    )


def single_remove(write: base.Remove, expected: int) -> rpc_pb2.TxnRequest:
    """Return the transaction of one deletion as kine understands it."""
    return rpc_pb2.TxnRequest(
        compare=[_is_at(write.key, expected)], success=[_remove(write)], failure=[_range(write)]
    )


def record(kv: mvcc_pb2.KeyValue) -> base.Record:
    """Return etcd's key and value as a record."""
    return base.Record(
        key=kv.key,
        value=kv.value,
        create_revision=kv.create_revision,
        mod_revision=kv.mod_revision,
        # kine counts no versions. What follows from the revisions is whether it is the first.
        version=kv.version or (1 if kv.create_revision == kv.mod_revision else 2),
    )


def _fill(inner: rpc_pb2.TxnRequest, write: base.Write) -> None:
    """Make an empty ``inner`` the transaction of one write, or one set, of a group."""
    if not isinstance(write, base.Set):
        _add_write(inner, write, is_alone=True)
        return
    is_alone = len(write.writes) == 1
    for each in write.writes:
        _add_write(inner, each, is_alone=is_alone)
    for guard in write.guards:
        _add_condition(inner, guard.key, guard.revision)


def _add_write(inner: rpc_pb2.TxnRequest, write: base.Put | base.Remove, *, is_alone: bool) -> None:
    """Add one write and its condition.

    A :class:`base.Put` needs what its key has become: its versions. A set has no operations
    to spare for a look behind each, so there the old value comes along.
    """
    key = write.key
    if write.expected is not None:
        _add_condition(inner, key, write.expected)
    if isinstance(write, base.Remove):
        remove = inner.success.add().request_delete_range
        remove.key, remove.prev_kv = key, True
        return
    put = inner.success.add().request_put
    put.key, put.value = key, write.value
    if write.expected == 0:
        return
    if is_alone:
        then = inner.success.add().request_range
        then.key, then.keys_only = key, True
    else:
        put.prev_kv = True


def _add_condition(inner: rpc_pb2.TxnRequest, key: bytes, revision: int) -> None:
    """Add a condition, and a look at the key for when it, or another one, does not hold."""
    compare = inner.compare.add()
    compare.key, compare.target, compare.mod_revision = key, rpc_pb2.Compare.MOD, revision
    compare.result = rpc_pb2.Compare.EQUAL
    inner.failure.add().request_range.key = key


def _outcome(write: base.Write, response: rpc_pb2.TxnResponse, revision: int) -> base.Outcome:
    if not response.succeeded:
        return _refused(write, response)
    if not isinstance(write, base.Set):
        return _done(write, response.responses, revision)
    if len(write.writes) == 1:
        outcomes: tuple[base.Done, ...] = (_done(write.writes[0], response.responses, revision),)
    else:
        outcomes = tuple(
            _done(each, (answer,), revision)
            for each, answer in zip(write.writes, response.responses, strict=True)
        )
    return base.SetDone(revision=revision, outcomes=outcomes)


def _done(
    write: base.Put | base.Remove, answers: Sequence[rpc_pb2.ResponseOp], revision: int
) -> base.Done:
    """Return the outcome of one write from the answers to what :func:`_add_write` has added."""
    if write.expected == 0 and isinstance(write, base.Put):
        # A creation finds nothing.
        return base.Done(
            revision=revision, record=_written(write, revision, revision, 1), previous=None
        )
    before: mvcc_pb2.KeyValue | None = None
    created, version = revision, 1
    for answer in answers:
        if answer.response_range.kvs:
            after = answer.response_range.kvs[0]
            created, version = after.create_revision, after.version
        elif answer.response_delete_range.prev_kvs:
            before = answer.response_delete_range.prev_kvs[0]
        elif answer.response_put.HasField("prev_kv"):
            before = answer.response_put.prev_kv
            created, version = before.create_revision, before.version + 1
    return base.Done(
        revision=revision,
        record=_written(write, revision, created, version) if isinstance(write, base.Put) else None,
        previous=record(before) if before is not None else None,
    )


def _written(write: base.Put, revision: int, created: int, version: int) -> base.Record:
    return base.Record(
        key=write.key,
        value=write.value,
        create_revision=created,
        mod_revision=revision,
        version=version,
    )


def _refused(write: base.Write, response: rpc_pb2.TxnResponse) -> base.Refused:
    """Say which condition did not hold. What was found is in the order of the conditions."""
    writes, guards = (write.writes, write.guards) if isinstance(write, base.Set) else ((write,), ())
    conditions = [(each.key, each.expected) for each in writes if each.expected is not None]
    own = len(conditions)
    conditions += [(guard.key, guard.revision) for guard in guards]
    for place, answer in enumerate(response.responses):
        key, revision = conditions[place]
        there = found(answer.response_range, 0).record
        if revision != (there.mod_revision if there else 0):
            return base.Refused(key=key, current=there, by_guard=place >= own)
    message = "etcd refuses what all conditions hold of"
    raise AssertionError(message)


def _is_at(key: bytes, revision: int) -> rpc_pb2.Compare:
    return rpc_pb2.Compare(
        key=key,
        target=rpc_pb2.Compare.MOD,
        result=rpc_pb2.Compare.EQUAL,
        mod_revision=revision,
    )


def _put(write: base.Put) -> rpc_pb2.RequestOp:
    return rpc_pb2.RequestOp(request_put=rpc_pb2.PutRequest(key=write.key, value=write.value))


def _remove(write: base.Remove) -> rpc_pb2.RequestOp:
    return rpc_pb2.RequestOp(
        request_delete_range=rpc_pb2.DeleteRangeRequest(key=write.key, prev_kv=True)
    )


def _range(write: base.Put | base.Remove) -> rpc_pb2.RequestOp:
    return rpc_pb2.RequestOp(request_range=rpc_pb2.RangeRequest(key=write.key))
