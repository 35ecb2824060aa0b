"""What the etcd store tries again, and how it judges what it does not."""

from __future__ import annotations

import contextlib
from collections import deque
from typing import TYPE_CHECKING

import pytest
from grpc import StatusCode

from protocube import errors
from protocube_server.storage.base import Full
from protocube_server.storage.etcd import EtcdStore
from protocube_server.storage.etcd.connection import Connection
from protocube_server.storage.etcd.proto import mvcc_pb2, rpc_pb2
from tests.storage.scripted_etcd import Abort, Script, answering

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from protocube_server.storage.base import Revision


@contextlib.asynccontextmanager
async def _store(script: Script, *, timeout: float = 5.0) -> AsyncIterator[EtcdStore]:  # noqa: ASYNC109  # an option
    async with answering(script) as endpoint:
        store = await EtcdStore.open([endpoint], timeout=timeout, nested=True)
        try:
            yield store
        finally:
            await store.close()


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (StatusCode.UNAVAILABLE, "Socket closed"),
        (StatusCode.UNAVAILABLE, "etcdserver: request timed out"),
        (StatusCode.UNAVAILABLE, "etcdserver: leader changed"),
        (StatusCode.UNAVAILABLE, "etcdserver: server stopped"),
        (StatusCode.UNAVAILABLE, "a text that nobody knows yet"),
        (StatusCode.DEADLINE_EXCEEDED, "context deadline exceeded"),
        (StatusCode.CANCELLED, "context canceled"),
        (StatusCode.INTERNAL, "stream terminated by RST_STREAM"),
        (StatusCode.UNKNOWN, "anything"),
    ],
)
async def test_a_write_that_may_have_happened(code: StatusCode, text: str) -> None:
    """It is sent once, and its outcome is unknown; a read with the same fault is repeated."""
    script = Script(answers=deque([Abort(code=code, text=text)]))
    async with _store(script) as store:
        with pytest.raises(errors.OutcomeUnknown, match="may have happened"):
            await store.create(b"/a", b"one")
        assert len(script.calls) == 1
        script.answers.append(Abort(code=code, text=text))
        assert await store.get(b"/a") is None
        assert len(script.calls) == 3


async def test_a_write_that_was_not_begun() -> None:
    """What etcd refuses at the door is sent again, reads and writes alike."""
    abort = Abort(code=StatusCode.UNAVAILABLE, text="etcdserver: no leader")
    script = Script(answers=deque([abort] * 4))
    async with _store(script) as store:
        assert (await store.create(b"/a", b"one")).mod_revision == 7
    assert len(script.calls) == 5


@pytest.mark.parametrize(
    ("code", "text", "kind"),
    [
        (StatusCode.INVALID_ARGUMENT, "etcdserver: request is too large", errors.TooLarge),
        (
            StatusCode.INVALID_ARGUMENT,
            "etcdserver: too many operations in txn request",
            errors.TooLarge,
        ),
        (
            StatusCode.RESOURCE_EXHAUSTED,
            "grpc: received message larger than max (3 vs. 2)",
            errors.TooLarge,
        ),
        (
            StatusCode.RESOURCE_EXHAUSTED,
            "etcdserver: mvcc: database space exceeded",
            Full,
        ),
        (StatusCode.RESOURCE_EXHAUSTED, "etcdserver: too many requests", errors.TooManyRequests),
        (StatusCode.DATA_LOSS, "etcdserver: corrupt cluster", errors.Unavailable),
        (
            StatusCode.OUT_OF_RANGE,
            "etcdserver: mvcc: required revision has been compacted",
            errors.Expired,
        ),
        (
            StatusCode.OUT_OF_RANGE,
            "etcdserver: mvcc: required revision is a future revision",
            errors.Timeout,
        ),
        (StatusCode.PERMISSION_DENIED, "etcdserver: permission denied", errors.Unavailable),
        (StatusCode.UNAUTHENTICATED, "etcdserver: invalid auth token", errors.Unavailable),
        (StatusCode.UNIMPLEMENTED, "unknown service", errors.Unavailable),
    ],
)
async def test_refusals(code: StatusCode, text: str, kind: type[errors.ApiError]) -> None:
    """A refusal has its own class and etcd's words, for reads and writes, and is final."""
    script = Script(answers=deque([Abort(code=code, text=text)] * 2))
    async with _store(script) as store:
        for call in (store.create(b"/a", b"one"), store.list(b"/", limit=1, at=5)):
            with pytest.raises(errors.ApiError) as caught:
                await call
            assert type(caught.value) is kind
            assert text in str(caught.value)
    assert len(script.calls) == 2


async def test_a_compaction_overtakes_a_list() -> None:
    """A list of the newest state takes a newer one; a list of a past one is Expired."""
    compacted = Abort(
        code=StatusCode.OUT_OF_RANGE, text="etcdserver: mvcc: required revision has been compacted"
    )
    script = Script(answers=deque([compacted] * 3))
    async with _store(script) as store:
        assert (await store.list(b"/")).revision == 7
        assert len(script.calls) == 4
        script.answers.append(compacted)
        with pytest.raises(errors.Expired):
            await store.list(b"/", at=5)


async def test_calls_that_fail_together_leave_a_member_once() -> None:
    """Many calls that meet the same fault move on by one member, not by one each."""
    connection = Connection(["a:1", "b:2", "c:3"])
    first = connection.current
    for _ in range(3):
        connection.leave(first)
    assert connection.current.address == "b:2"
    connection.leave(connection.current)
    connection.leave(connection.current)
    assert connection.current is first
    await connection.close()


async def test_a_read_gives_up_in_time() -> None:
    """A read that fails again and again ends when its time is over."""
    script = Script(answers=deque([Abort(code=StatusCode.UNAVAILABLE, text="gone")] * 1000))
    async with _store(script, timeout=1.5) as store:
        # The last try may be cut off before it is answered.
        with pytest.raises(errors.Unavailable, match=r"gone|did not answer in time"):
            await store.get(b"/a")
    assert 1 < len(script.calls) < 40


def _events(*revisions: int, fragment: bool = False) -> rpc_pb2.WatchResponse:
    return rpc_pb2.WatchResponse(
        header=rpc_pb2.ResponseHeader(revision=99),
        fragment=fragment,
        events=[
            mvcc_pb2.Event(kv=mvcc_pb2.KeyValue(key=b"/a", mod_revision=revision))
            for revision in revisions
        ],
    )


_CREATED = rpc_pb2.WatchResponse(header=rpc_pb2.ResponseHeader(revision=99), created=True)
_COMPACTED = rpc_pb2.WatchResponse(canceled=True, compact_revision=9)


async def test_a_watch_resumes_behind_what_it_gave() -> None:
    """Over an end, a fault and a broken response: each revision once, each request from the last.

    The revision in the headers, ahead of everything, is never where it resumes.
    """
    gone = Abort(code=StatusCode.UNAVAILABLE, text="Socket closed")
    script = Script(
        streams=deque(
            [
                [_CREATED, _events(3, 4)],
                [_CREATED, _events(4, 5), gone],
                [_CREATED, gone],
                [_CREATED, _events(5, 6, 7, fragment=True), _events(7, fragment=True), gone],
                [_CREATED, _events(6, 7, 7, 7), _events(8)],
                [_CREATED, _COMPACTED],
            ]
        )
    )
    seen: list[Revision] = []

    async def read(watch: AsyncGenerator[Revision, None]) -> None:
        async for revision in watch:
            seen.append(revision)  # noqa: PERF401  # the watch ends with an exception

    async with (
        _store(script) as store,
        contextlib.aclosing(store.watch(b"/", after=2)) as watch,
    ):
        with pytest.raises(errors.Expired, match="oldest revision is 9"):
            await read(watch)
    assert [(each.number, len(each.events)) for each in seen] == [
        (3, 1),
        (4, 1),
        (5, 1),
        (6, 1),
        (7, 3),
        (8, 1),
    ]
    assert [watch.start_revision for watch in script.watches] == [2, 4, 5, 5, 6, 8]
    assert all(watch.fragment and watch.prev_kv for watch in script.watches)


async def test_a_watch_that_etcd_refuses() -> None:
    """A watch that etcd cancels for another reason ends with that reason, and so does a refusal."""
    script = Script(
        streams=deque(
            [
                [
                    rpc_pb2.WatchResponse(
                        created=True, canceled=True, watch_id=-1, cancel_reason="permission denied"
                    )
                ],
                [Abort(code=StatusCode.UNAUTHENTICATED, text="invalid auth token")],
            ]
        )
    )
    async with _store(script) as store:
        for reason in ("permission denied", "invalid auth token"):
            with pytest.raises(errors.Unavailable, match=reason):
                await anext(store.watch(b"/", after=2))


@pytest.mark.parametrize(("version", "resumed"), [("3.4.30", 2), ("3.4.31", 50), ("3.5.12", 2)])
async def test_marks_are_used_from_trusted_versions_only(version: str, resumed: int) -> None:
    """Behind a mark a watch resumes only where marks do not overtake events."""
    mark = rpc_pb2.WatchResponse(header=rpc_pb2.ResponseHeader(revision=50))
    script = Script(version=version, streams=deque([[_CREATED, mark], [_CREATED, _COMPACTED]]))
    async with _store(script) as store:
        with pytest.raises(errors.Expired):
            await anext(store.watch(b"/", after=2))
    assert [watch.start_revision for watch in script.watches] == [2, resumed]
