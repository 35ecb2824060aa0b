"""What is read in pages while others write: all pages are of one moment, and none is left out."""

from __future__ import annotations

import asyncio
import contextlib
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors
from protocube.core.v1 import config_map_service_pb2 as services
from protocube.meta.v1 import requests_pb2
from protocube_server.calls.user import SYSTEM
from protocube_server.storage import paging
from protocube_server.storage.base import Remove
from protocube_server.tasks import beside
from protocube_server.upkeep.namespaces import ending
from protocube_server.verbs import emptying
from tests.simulation.contested import Contested
from tests.upkeep.in_process import term_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from protocube_server.cache.objects import Snapshot

_MANY = 1200
"""More than any of the pages below has."""
_PATIENCE = 20.0


@pytest.fixture
async def server() -> Contested:
    """Provide a server over an empty store."""
    return await Contested.begin()


def names_of(count: int) -> list[str]:
    """Return names in the order of their keys."""
    return [f"n-{number:04}" for number in range(count)]


def meddle(server: Contested) -> Callable[[], None]:
    """Return what changes, deletes and creates objects at both ends of many."""

    def deed() -> None:
        for name in ("n-0000", f"n-{_MANY - 1:04}"):
            server.others_change("cm", name, _labelled)()
        server.others_delete("cm", f"n-{_MANY - 2:04}")()
        server.fill("cm", ["n-0000-new", "n-9999-new"])

    return deed


def _labelled(message: Any) -> None:
    message.metadata.labels["changed"] = "yes"


async def test_a_list_that_is_read_in_parts_is_of_one_moment(server: Contested) -> None:
    """What is written between two reads of the store is not in it, whichever read it is behind."""
    names = names_of(_MANY)
    server.fill("cm", names)
    before = server.world.history.revision
    server.world.before_list(server.kind("cm").prefix(), meddle(server), nth=2)
    found = await server.call("cm", "List")
    assert [item.metadata.name for item in found.items] == names
    assert not [item for item in found.items if item.metadata.labels]
    assert int(found.metadata.resource_version) == before


async def test_a_watch_begins_with_one_moment(server: Contested) -> None:
    """What is written between two pages of its beginning follows, once."""
    names = names_of(_MANY)
    server.fill("cm", names)
    prefix = server.kind("cm").prefix("default")
    server.world.before_list(prefix, meddle(server), nth=2)
    events = await _events(server, _MANY + 5)
    assert [event.object.metadata.name for event in events[:_MANY]] == names
    assert {event.type for event in events[:_MANY]} == {requests_pb2.EVENT_TYPE_ADDED}
    assert sorted(event.object.metadata.name for event in events[_MANY:]) == [
        "n-0000",
        "n-0000-new",
        "n-1198",
        "n-1199",
        "n-9999-new",
    ]


@pytest.mark.parametrize("namespace", ["default", ""])
async def test_a_watch_begins_with_all_that_is_in_memory(server: Contested, namespace: str) -> None:
    """Its pages are those of the snapshot, to the last one, and nothing else."""
    names = names_of(_MANY)
    server.fill("cm", names)
    server.fill("cm", ["z"], "team")
    async with loaded(server):
        events = await _events(server, _MANY + (not namespace), namespace)
        found = [event.object.metadata.name for event in events]
    assert found == (names if namespace else [*names, "z"])


async def test_what_is_loaded_in_pages_misses_nothing(server: Contested) -> None:
    """Memory has what was written between two pages of its loading, whichever page that is of."""
    server.fill("cm", names_of(_MANY))
    kind = server.kind("cm")
    server.world.before_list(kind.prefix(), meddle(server), nth=2)
    async with loaded(server) as snapshot:
        there = (await server.api.store.list(kind.prefix())).records
        assert list(snapshot.leaves) == [record.key for record in there]
        found = await server.call("cm", "List")
    assert {item.metadata.name for item in found.items if item.metadata.labels} == {
        "n-0000",
        "n-1199",
    }


async def test_a_collection_is_of_one_moment(server: Contested) -> None:
    """What is made while it is deleted stays; what has gone by itself is passed over."""
    server.fill("cm", names_of(_MANY))
    prefix = server.kind("cm").prefix("default")

    def others() -> None:
        server.others_delete("cm", f"n-{_MANY - 1:04}")()
        server.fill("cm", ["n-0000-new", "n-9999-new"])

    server.world.before_list(prefix, others, nth=2)
    gone = await server.call("cm", "DeleteCollection", namespace="default")
    assert len(gone.items) == _MANY
    left = (await server.api.store.list(prefix)).records
    assert [record.key.rpartition(b"/")[2] for record in left] == [b"n-0000-new", b"n-9999-new"]


async def test_pages_of_a_store_that_goes_back_in_time_are_expired(server: Contested) -> None:
    """The second page would be of another history."""
    server.fill("cm", names_of(_MANY))
    prefix = server.kind("cm").prefix()
    backup = server.world.backup()
    store = server.api.store
    async with aclosing(paging.pages(store, prefix, limit=100)) as pages:
        await anext(pages)
        server.world.restore(backup)
        with pytest.raises(errors.Expired, match="gone back in time"):
            await anext(pages)


@pytest.mark.parametrize("word", ["pods", "cm"])
async def test_a_namespace_with_more_than_a_page_is_emptied(server: Contested, word: str) -> None:
    """All of its objects go, not only the first hundred, whichever kind they are of."""
    server.fill(word, names_of(250), "team")
    left = await emptying.empty(server.api, "team")
    assert not left
    assert (await server.api.store.list(server.kind(word).prefix("team"))).count == 0


async def test_what_stays_on_a_later_page_is_told(server: Contested) -> None:
    """The namespace is not finished while an object of its second page has a finalizer."""
    server.fill("cm", names_of(250), "team")

    def hold(message: Any) -> None:
        message.metadata.finalizers.append("example.com/x")

    server.others_change("cm", "n-0200", hold, namespace="team")()
    left = await emptying.empty(server.api, "team")
    assert dict(left.objects) == {"configmaps.": 1}
    assert dict(left.finalizers) == {"example.com/x": 1}


async def test_nothing_else_goes_before_the_pods(server: Contested) -> None:
    """What they run with stays as long as one of them has a finalizer."""
    server.fill("pods", names_of(2), "team")
    server.fill("cm", names_of(2), "team")

    def hold(message: Any) -> None:
        message.metadata.finalizers.append("example.com/x")

    server.others_change("pods", "n-0000", hold, namespace="team")()
    left = await emptying.empty(server.api, "team")
    assert dict(left.objects) == {"pods.": 1}
    assert (await server.api.store.list(server.kind("cm").prefix("team"))).count == 2


class TestEndOfANamespace:
    """A namespace, and what is in it, change while it is ended."""

    async def _made(self, server: Contested) -> None:
        await server.create("ns", "team")
        await server.create("cm", "a", metadata={"namespace": "team"})
        await server.create("cm", "b", metadata={"namespace": "team"})
        await server.call("ns", "Delete", name="team")

    async def test_an_object_that_changes_goes_all_the_same(self, server: Contested) -> None:
        """It is deleted as it is then, and the namespace with it."""
        await self._made(server)
        change = server.others_change("cm", "a", _labelled, namespace="team")
        server.world.before_write(server.key("cm", "a", "team"), change)
        left = await ending.step(server.api, await term_of(server.api.store, 1), "team")
        assert left is None, f"something is left: {left}"
        assert server.stored("cm", "a", "team") is None
        assert server.stored("ns", "team") is None

    async def test_an_object_that_gets_a_finalizer_is_waited_for(self, server: Contested) -> None:
        """It is marked, and told of."""
        await self._made(server)

        def hold(message: Any) -> None:
            message.metadata.finalizers.append("example.com/x")

        change = server.others_change("cm", "a", hold, namespace="team")
        server.world.before_write(server.key("cm", "a", "team"), change)
        left = await ending.step(server.api, await term_of(server.api.store, 1), "team")
        assert left is not None
        assert dict(left.finalizers) == {"example.com/x": 1}
        assert server.stored("cm", "a", "team").metadata.HasField("deletion_timestamp")
        assert server.stored("ns", "team") is not None

    async def test_an_object_that_goes_by_itself_is_no_fault(self, server: Contested) -> None:
        """Nothing is left of it."""
        await self._made(server)
        key = server.key("cm", "a", "team")
        server.world.before_write(key, lambda: server.world.write(Remove(key=key)))
        left = await ending.step(server.api, await term_of(server.api.store, 1), "team")
        assert left is None, f"something is left: {left}"

    @pytest.mark.parametrize("nth", [1, 2], ids=["its-status", "its-removal"])
    async def test_a_namespace_that_changes_while_it_is_finished(
        self, server: Contested, nth: int
    ) -> None:
        """What was written of it is kept in mind, and it goes in the same step."""
        await self._made(server)
        change = server.others_change("ns", "team", _labelled)
        server.world.before_write(server.key("ns", "team"), change, nth=nth)
        left = await ending.step(server.api, await term_of(server.api.store, 1), "team")
        assert left is None, f"something is left: {left}"
        assert server.stored("ns", "team") is None
        gone = [
            event
            for each in server.world.history.all
            for event in each.events
            if event.key == server.key("ns", "team") and event.record is None
        ]
        assert gone[0].previous is not None
        assert "changed" in server.kind("ns").read(gone[0].previous).metadata.labels

    async def test_a_namespace_that_gets_a_finalizer_while_it_is_finished_stays(
        self, server: Contested
    ) -> None:
        """Somebody else has still something to do with it."""
        await self._made(server)

        def hold(message: Any) -> None:
            message.metadata.finalizers.append("example.com/x")

        change = server.others_change("ns", "team", hold)
        server.world.before_write(server.key("ns", "team"), change)
        left = await ending.step(server.api, await term_of(server.api.store, 1), "team")
        assert left is not None
        assert not left
        assert list(server.stored("ns", "team").metadata.finalizers) == ["example.com/x"]


@contextlib.asynccontextmanager
async def loaded(server: Contested) -> AsyncGenerator[Snapshot, None]:
    """Run the cache of a server, and provide the ConfigMaps that are in it."""
    cache, kind = server.api.cache, server.kind("cm")
    async with beside(cache.run()), asyncio.timeout(_PATIENCE):
        while (snapshot := await cache.newest(kind)) is None:
            await cache.loaded()
            await asyncio.sleep(0)
        yield snapshot


async def _events(server: Contested, count: int, namespace: str = "default") -> list[Any]:
    """Return the first events of a watch of ConfigMaps, ``count`` at least."""
    door = server.entrance.door("protocube.core.v1.ConfigMaps", "Watch")
    assert door is not None
    request = requests_pb2.WatchRequest(namespace=namespace).SerializeToString()
    found: list[Any] = []
    responses: AsyncGenerator[bytes, None] = door.handler(door.call(SYSTEM, request))
    try:
        async with asyncio.timeout(_PATIENCE), aclosing(responses) as answers:
            while len(found) < count:
                found += services.ConfigMapWatchResponse.FromString(await anext(answers)).events
    except TimeoutError:
        pytest.fail(f"the watch gave {len(found)} events, and not {count}")
    return found
