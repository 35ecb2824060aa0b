"""The transactions that write, and what their answers mean.

There are two forms. In a *group* each write is a nested transaction with a condition
of its own. A *single* is one of the four shapes that kine, etcd's API over SQL
databases, recognises: it supports no others.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from protocube_server.storage import base
from protocube_server.storage.etcd.proto import mvcc_pb2, rpc_pb2

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A key as it stood at the store's ``revision``."""

    record: base.Record | None
    revision: int


def probe(key: bytes) -> rpc_pb2.TxnRequest:
    """Give a transaction that does nothing: a server that answers it can do groups.

    ``key`` is one that our user may read. The first part is there because etcd looks at
    the permissions of what is in the outer transaction only.
    """
    look = rpc_pb2.RequestOp(request_range=rpc_pb2.RangeRequest(key=key))
    nested = rpc_pb2.RequestOp(request_txn=rpc_pb2.TxnRequest(success=[look]))
    return rpc_pb2.TxnRequest(success=[look, nested])


def group(writes: Sequence[base.Write]) -> rpc_pb2.TxnRequest:
    """Give one transaction of many writes. Their keys must differ.

    It is filled in place: a message that is handed to the one around it is copied, and
    so would every value be, once for each of the four levels. That took four times as
    long, in every write.
    """
    request = rpc_pb2.TxnRequest()
    for write in writes:
        _fill(request.success.add().request_txn, write)
    return request


def group_outcomes(
    writes: Sequence[base.Write], response: rpc_pb2.TxnResponse
) -> tuple[base.Outcome, ...]:
    """Give the outcome of each write of a :func:`group`."""
    revision = response.header.revision
    return tuple(
        _outcome(write, answer.response_txn, revision)
        for write, answer in zip(writes, response.responses, strict=True)
    )


def gets(keys: Sequence[bytes]) -> rpc_pb2.TxnRequest:
    """Give one transaction that reads several keys. It writes nothing, so it may be repeated."""
    return rpc_pb2.TxnRequest(
        success=[rpc_pb2.RequestOp(request_range=rpc_pb2.RangeRequest(key=key)) for key in keys]
    )


def gets_outcomes(response: rpc_pb2.TxnResponse) -> list[Found]:
    """Give what was found for each key of :func:`gets`."""
    revision = response.header.revision
    return [found(answer.response_range, revision) for answer in response.responses]


def found(response: rpc_pb2.RangeResponse, revision: int) -> Found:
    """Give the one record of a response to a read of one key."""
    return Found(
        record=record(response.kvs[0]) if response.kvs else None,
        revision=revision,
    )


def single_put(write: base.Put, expected: int) -> rpc_pb2.TxnRequest:
    """Give the transaction of one write as kine understands it: without its guard."""
    return rpc_pb2.TxnRequest(
        compare=[_is_at(write.key, expected)],
        success=[_put(write)],
        failure=[_range(write)] if expected else [],
    )


def single_remove(write: base.Remove, expected: int) -> rpc_pb2.TxnRequest:
    """Give the transaction of one deletion as kine understands it."""
    return rpc_pb2.TxnRequest(
        compare=[_is_at(write.key, expected)], success=[_remove(write)], failure=[_range(write)]
    )


def record(kv: mvcc_pb2.KeyValue) -> base.Record:
    """Give etcd's key and value as a record."""
    return base.Record(
        key=kv.key,
        value=kv.value,
        create_revision=kv.create_revision,
        mod_revision=kv.mod_revision,
        # kine counts no versions. What follows from the revisions is whether it is the first.
        version=kv.version or (1 if kv.create_revision == kv.mod_revision else 2),
    )


def _fill(inner: rpc_pb2.TxnRequest, write: base.Write) -> None:
    """Make an empty ``inner`` the transaction of one write of a group."""
    key = write.key
    if write.expected is not None:
        _add_condition(inner, key, write.expected)
    if isinstance(write, base.Remove):
        remove = inner.success.add().request_delete_range
        remove.key, remove.prev_kv = key, True
    else:
        if write.guard:
            _add_condition(inner, write.guard.key, write.guard.revision)
        put = inner.success.add().request_put
        put.key, put.value = key, write.value
        if write.expected != 0:
            then = inner.success.add().request_range
            then.key, then.keys_only = key, True
    inner.failure.add().request_range.key = key


def _add_condition(inner: rpc_pb2.TxnRequest, key: bytes, revision: int) -> None:
    compare = inner.compare.add()
    compare.key, compare.target, compare.mod_revision = key, rpc_pb2.Compare.MOD, revision
    compare.result = rpc_pb2.Compare.EQUAL


def _outcome(write: base.Write, response: rpc_pb2.TxnResponse, revision: int) -> base.Outcome:
    is_created = response.succeeded and write.expected == 0
    kv = None if is_created else _kv(response.responses)  # A creation finds nothing.
    if not response.succeeded:
        held = write.expected in (None, kv.mod_revision if kv else 0)
        return base.Refused(
            current=record(kv) if kv else None, by_guard=held and _is_guarded(write)
        )
    if isinstance(write, base.Remove):
        return base.Done(revision=revision, record=None, previous=record(kv) if kv else None)
    created, version = (revision, 1) if is_created else (0, 0)
    if kv:
        created, version = kv.create_revision, kv.version
    written = base.Record(
        key=write.key,
        value=write.value,
        create_revision=created,
        mod_revision=revision,
        version=version,
    )
    return base.Done(revision=revision, record=written, previous=None)


def _kv(answers: Sequence[rpc_pb2.ResponseOp]) -> mvcc_pb2.KeyValue | None:
    """Give the one key-value that the answers to an inner transaction hold, if any."""
    for answer in answers:
        for kv in (*answer.response_range.kvs, *answer.response_delete_range.prev_kvs):
            return kv
    return None


def _is_at(key: bytes, revision: int) -> rpc_pb2.Compare:
    return rpc_pb2.Compare(
        key=key,
        target=rpc_pb2.Compare.MOD,
        result=rpc_pb2.Compare.EQUAL,
        mod_revision=revision,
    )


def _is_guarded(write: base.Write) -> bool:
    return isinstance(write, base.Put) and write.guard is not None


def _put(write: base.Put) -> rpc_pb2.RequestOp:
    return rpc_pb2.RequestOp(request_put=rpc_pb2.PutRequest(key=write.key, value=write.value))


def _remove(write: base.Remove) -> rpc_pb2.RequestOp:
    return rpc_pb2.RequestOp(
        request_delete_range=rpc_pb2.DeleteRangeRequest(key=write.key, prev_kv=True)
    )


def _range(write: base.Write) -> rpc_pb2.RequestOp:
    return rpc_pb2.RequestOp(request_range=rpc_pb2.RangeRequest(key=write.key))
