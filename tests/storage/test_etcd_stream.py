"""Many watches on one stream of etcd."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from typing import TYPE_CHECKING

import pytest
from grpc import StatusCode

from protocube import errors
from protocube_server.storage.etcd import EtcdStore, subscription
from protocube_server.storage.etcd.proto import mvcc_pb2, rpc_pb2
from protocube_server.storage.etcd.subscription import Ended, Subscription
from tests.conformance.watching import PATIENCE, flat, take, watching
from tests.storage.scripted_etcd import Abort, Script, answering

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.etcd_process import Etcd


@pytest.fixture
async def store(own_etcd: Etcd) -> AsyncIterator[EtcdStore]:
    """Provide a store of an etcd that no other test uses."""
    opened = await EtcdStore.open([own_etcd.endpoint])
    yield opened
    await opened.close()


@pytest.mark.etcd
async def test_a_hundred_watches_share_one_stream(store: EtcdStore) -> None:
    """Each gets what is below its prefix and nothing else, and only one call is open."""
    async with contextlib.AsyncExitStack() as stack:
        watches = [
            await stack.enter_async_context(watching(store, f"/{number:02}/".encode(), after=1))
            for number in range(100)
        ]
        reading = [asyncio.create_task(take(watch, 3)) for watch in watches]
        await asyncio.gather(
            *(
                store.create(f"/{number:02}/{turn}".encode(), b"one")
                for number in range(100)
                for turn in range(3)
            )
        )
        for number, task in enumerate(reading):
            events = flat(await task)
            assert {event.key for event in events} == {
                f"/{number:02}/{turn}".encode() for turn in range(3)
            }
        stream = store._follower._stream
        assert stream is not None
        assert len(stream._live) == 100


@pytest.mark.etcd
async def test_a_stream_without_watches_is_ended(store: EtcdStore) -> None:
    """The last watch that goes takes the stream along; the next one opens another."""
    await store.create(b"/a", b"one")
    streams = []
    for _ in range(3):
        async with watching(store, b"/", after=1) as watch:
            await take(watch, 1)
            streams.append(store._follower._stream)
    assert all(stream is not None and not stream.is_open for stream in streams)
    assert len(set(streams)) == 3
    names = {task.get_name() for task in asyncio.all_tasks()}
    assert not any(name.startswith("etcd-watch") for name in names)


@pytest.mark.etcd
async def test_a_watch_may_begin_as_another_ends(store: EtcdStore) -> None:
    """What etcd answers to the end of one is no answer to the request for the next."""
    await store.create(b"/a", b"one")
    async with watching(store, b"/", after=1) as staying:
        await take(staying, 1)
        stream = store._follower._stream
        ending = store.watch(b"/", after=1)
        await take(ending, 1)
        for _ in range(20):
            await ending.aclose()
            # Its request follows the other's end, and does not wait for the answer to that.
            ending = store.watch(b"/", after=1)
            assert [event.key for event in flat(await take(ending, 1))] == [b"/a"]
        assert store._follower._stream is stream, "they did not share a stream"
        await ending.aclose()


@pytest.mark.etcd
async def test_a_reader_that_stops_does_not_hold_up_the_stream(store: EtcdStore) -> None:
    """One watch is overrun while it is not read, others go on, and it loses nothing."""
    count = subscription._MOST_RESPONSES + 200
    async with watching(store, b"/", after=1) as blocked, watching(store, b"/", after=1) as other:
        first = await store.create(b"/first", b"one")
        await take(blocked, 1)
        others = asyncio.create_task(take(other, count + 1))
        for number in range(count):
            # One revision each, and so one response each.
            await store.create(f"/{number}".encode(), b"one")
        assert len(flat(await others)) == count + 1
        stream = store._follower._stream
        assert stream is not None
        assert len(stream._live) == 1, "etcd goes on to send what nobody reads"
        late = flat(await take(blocked, count))
    assert [event.revision for event in late] == [
        first.mod_revision + 1 + number for number in range(count)
    ]


async def test_a_mark_waits_for_the_watch_to_be_created() -> None:
    """A mark for all that comes before a watch's own beginning is not taken for its own.

    Its events may still be on their way behind it.
    """
    header = rpc_pb2.ResponseHeader(revision=9)
    event = mvcc_pb2.Event(kv=mvcc_pb2.KeyValue(key=b"/a", mod_revision=5, version=1))
    script = Script(
        version="3.6.0",
        streams=deque(
            [
                [
                    rpc_pb2.WatchResponse(header=header, watch_id=-1),
                    rpc_pb2.WatchResponse(header=header, created=True, watch_id=4),
                    rpc_pb2.WatchResponse(header=header, events=[event], watch_id=4),
                    rpc_pb2.WatchResponse(header=header, events=[event], watch_id=7),
                    rpc_pb2.WatchResponse(header=header, watch_id=-1),
                    Abort(code=StatusCode.UNAVAILABLE, text="gone"),
                ],
                [rpc_pb2.WatchResponse(created=True, canceled=True, compact_revision=3)],
            ]
        ),
    )
    async with answering(script) as endpoint:
        store = await EtcdStore.open([endpoint], nested=True)
        async with asyncio.timeout(PATIENCE), watching(store, b"/", after=2) as watch:
            assert (await anext(watch)).number == 5
            with pytest.raises(errors.Expired, match="oldest revision is 3"):
                await anext(watch)
        await store.close()
    assert [watch.start_revision for watch in script.watches] == [2, 9]


async def test_a_queue_that_is_full_says_so_once() -> None:
    """What is in it is still read, in order, and then the reader learns that it is behind."""
    queue = Subscription(rpc_pb2.WatchRequest(), progress=False)
    event = mvcc_pb2.Event()
    taken = 0
    while queue.offer(rpc_pb2.WatchResponse(watch_id=taken, events=[event])):
        taken += 1
    assert not queue.offer(rpc_pb2.WatchResponse(events=[event]))
    assert [(await queue.read()).watch_id for _ in range(taken)] == list(range(taken))
    with pytest.raises(Ended) as caught:
        await queue.read()
    assert caught.value.is_behind


async def test_marks_take_no_room() -> None:
    """Any number of marks that nobody reads is one: the newest."""
    queue = Subscription(rpc_pb2.WatchRequest(), progress=True)
    for number in range(10_000):
        mark = rpc_pb2.WatchResponse(header=rpc_pb2.ResponseHeader(revision=number))
        assert queue.offer(mark)
    assert (await queue.read()).header.revision == 9999
    queue.end(None)
    with pytest.raises(Ended):
        await queue.read()
