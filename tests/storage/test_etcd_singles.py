"""Writes to a server without nested transactions, whose database may fail behind its back.

What kine does then was seen with version 0.17.5; here it is told to a scripted server.
"""

from __future__ import annotations

import contextlib
from collections import deque
from typing import TYPE_CHECKING

import pytest

from protocube import errors
from protocube_server.storage.base import ConditionFailed, Put
from protocube_server.storage.etcd import EtcdStore
from protocube_server.storage.etcd.proto import mvcc_pb2, rpc_pb2
from tests.storage.scripted_etcd import Script, answering

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@contextlib.asynccontextmanager
async def _store(script: Script) -> AsyncIterator[EtcdStore]:
    async with answering(script) as endpoint:
        store = await EtcdStore.open([endpoint], nested=False)
        try:
            yield store
        finally:
            await store.close()


def _found(value: bytes, *, at: int) -> mvcc_pb2.KeyValue:
    return mvcc_pb2.KeyValue(key=b"/a", value=value, create_revision=3, mod_revision=at)


@pytest.mark.parametrize("expected", [0, 5], ids=["create", "update"])
@pytest.mark.parametrize(
    "found",
    [None, _found(b"one", at=6), _found(b"another", at=7)],
    ids=["nothing", "older", "another's"],
)
async def test_a_write_that_is_acknowledged_and_not_there(
    expected: int, found: mvcc_pb2.KeyValue | None
) -> None:
    """It is not reported as done; nobody knows whether it still comes."""
    script = Script(found=deque([found] if found else []))
    async with _store(script) as store:
        with pytest.raises(errors.OutcomeUnknown, match="acknowledged at revision 7, and is not"):
            await store.write([Put(key=b"/a", value=b"one", expected=expected)])


async def test_a_write_that_is_there() -> None:
    """Its record is the one that is found; only a first version is known to be that."""
    script = Script(found=deque([_found(b"one", at=7)]))
    async with _store(script) as store:
        record = await store.update(b"/a", b"one", expected=5)
    assert (record.create_revision, record.mod_revision, record.version) == (3, 7, 2)


async def test_a_deletion_that_is_acknowledged_and_has_not_happened() -> None:
    """The key is looked at afterwards: one that is still the same was not deleted."""
    script = Script(found=deque([_found(b"one", at=5)] * 2))
    async with _store(script) as store:
        with pytest.raises(errors.OutcomeUnknown, match="has not happened"):
            await store.delete(b"/a", expected=5)


async def test_a_write_that_is_refused_though_its_condition_holds() -> None:
    """It is no conflict: the caller would read the same version, and fail again."""
    script = Script(succeeds=False, found=deque([_found(b"one", at=5)]))
    async with _store(script) as store:
        with pytest.raises(errors.Unavailable, match="its condition holds"):
            await store.update(b"/a", b"two", expected=5)


async def test_a_write_that_is_refused() -> None:
    """What is there instead is given."""
    script = Script(succeeds=False, found=deque([_found(b"one", at=6)]))
    async with _store(script) as store:
        with pytest.raises(ConditionFailed) as caught:
            await store.update(b"/a", b"two", expected=5)
    assert caught.value.current is not None
    assert caught.value.current.mod_revision == 6


async def test_a_deletion_without_a_condition_meets_a_writer() -> None:
    """It reads anew and deletes what the other one wrote."""
    before, after = _found(b"one", at=5), _found(b"two", at=6)
    script = Script(found=deque([before, after, after, after]), succeeds=False)
    async with _store(script) as store:
        # The second deletion is refused for what it expects: that one is a fault.
        with pytest.raises(errors.Unavailable, match="its condition holds"):
            await store.delete(b"/a")
    deletions = [call for call in script.calls if isinstance(call, rpc_pb2.TxnRequest)]
    assert [call.compare[0].mod_revision for call in deletions] == [5, 6]
