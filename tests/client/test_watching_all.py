"""Watches of the Python client over several kinds, on both stores: whole revisions, once each."""

from __future__ import annotations

import asyncio
import itertools
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, assert_type

import pytest
from google.protobuf import any_pb2
from google.protobuf.message import Message

from protocube import errors
from protocube.coordination.v1.lease_pb2 import Lease
from protocube.core.v1.config_map_pb2 import ConfigMap
from protocube.core.v1.namespace_pb2 import Namespace
from protocube.meta.v1.object_meta_pb2 import ObjectMeta
from protocube_client import Client, EventType, WatchedKind, WatchEvent, WatchRevision
from protocube_server import app
from protocube_server.settings import Settings
from tests import etcd_process, machines
from tests.relay import Relay
from tests.server_process import started

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator
    from pathlib import Path

PATIENCE = 20
"""Seconds after which a test that waits for an event has failed."""

_numbers = itertools.count(1)


@pytest.fixture(scope="module", params=["sqlite", pytest.param("etcd", marks=pytest.mark.etcd)])
def store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Provide the URL of a store of each kind, which the tests of this file share."""
    folder = tmp_path_factory.mktemp("store")
    if request.param == "sqlite":
        yield f"sqlite:{folder}/store.db"
        return
    with etcd_process.running(folder) as etcd:
        yield f"etcd://{etcd.endpoint}"


@pytest.fixture
async def server(store: str) -> AsyncGenerator[str, None]:
    """Provide the address of a server on the store."""
    async with started("--listen", "127.0.0.1:0", "--store", store) as process:
        yield await process.ready()


@pytest.fixture
async def client(server: str) -> AsyncGenerator[Client, None]:
    """Provide a client of the server."""
    async with Client(server) as client:
        yield client


@pytest.fixture
async def namespace(client: Client) -> str:
    """Provide a namespace that is this test's alone."""
    name = f"all-{next(_numbers)}"
    await client.create(Namespace(metadata=ObjectMeta(name=name)))
    return name


def config_map(name: str, namespace: str, **labels: str) -> ConfigMap:
    """Return a ConfigMap."""
    metadata = ObjectMeta(name=name, namespace=namespace, labels=labels)
    return ConfigMap(metadata=metadata, data={"k": "v"})


def lease(name: str, namespace: str, **labels: str) -> Lease:
    """Return a Lease."""
    return Lease(metadata=ObjectMeta(name=name, namespace=namespace, labels=labels))


async def take(
    revisions: AsyncGenerator[WatchRevision[Any], None], count: int
) -> list[WatchRevision[Any]]:
    """Return the next revisions."""
    async with asyncio.timeout(PATIENCE):
        return [await anext(revisions) for _ in range(count)]


def objects(revisions: list[WatchRevision[Any]]) -> list[tuple[EventType, Any]]:
    """Return the events of revisions, one after the other."""
    return [(event.type, event.object) for found in revisions for event in found.events]


async def test_it_begins_with_what_there_is(client: Client, namespace: str) -> None:
    """The objects of all kinds come as one revision, then each write as one, in its order."""
    one = await client.create(config_map("a", namespace))
    two = await client.create(lease("b", namespace))
    watch = client.watch_all(ConfigMap, Lease, namespace=namespace)
    async with aclosing(watch) as revisions:
        (first,) = await take(revisions, 1)
        assert first.is_initial
        assert objects([first]) == [(EventType.ADDED, one), (EventType.ADDED, two)]
        held = await client.create(lease("c", namespace))
        one.data["k"] = "w"
        changed = await client.update(one)
        gone = await client.delete(Lease, "c", namespace=namespace)
        found = await take(revisions, 3)
        assert objects(found) == [
            (EventType.ADDED, held),
            (EventType.MODIFIED, changed),
            (EventType.DELETED, gone),
        ]
        assert not any(revision.is_initial for revision in found)
        assert [revision.resource_version for revision in found] == [
            held.metadata.resource_version,
            changed.metadata.resource_version,
            gone.metadata.resource_version,
        ]


async def test_its_types_are_those_that_were_asked_for(client: Client, namespace: str) -> None:
    """The objects are of the classes that were named, for a type checker, too."""
    made = await client.create(config_map("a", namespace))
    async with aclosing(client.watch_all(ConfigMap, namespace=namespace)) as one:
        first = await anext(one)
        assert_type(first, WatchRevision[ConfigMap])
        (event,) = first.events
        assert event == WatchEvent(
            type=EventType.ADDED, object=made, resource_version=first.resource_version
        )
    async with aclosing(client.watch_all(Lease, ConfigMap, namespace=namespace)) as several:
        found = await anext(several)
        assert_type(found, WatchRevision[Lease | ConfigMap])
        assert type(found.events[0].object) is ConfigMap
    async with aclosing(client.watch_all("leases", ConfigMap, namespace=namespace)) as mixed:
        assert_type(await anext(mixed), WatchRevision[Message])


async def test_all_kinds_of_a_namespace(client: Client, namespace: str) -> None:
    """Without kinds there are all, of the generated classes where these are imported."""
    async with aclosing(client.watch_all(namespace=namespace)) as revisions:
        (first,) = await take(revisions, 1)
        assert (first.events, first.is_initial) == ((), True)
        made = [
            await client.create(config_map("a", namespace)),
            await client.create(lease("b", namespace)),
        ]
        await client.create(config_map(f"elsewhere-{namespace}", "default"))
        made.append(await client.create(lease("c", namespace)))
        found = objects(await take(revisions, 3))
        assert found == [(EventType.ADDED, item) for item in made]
        assert [type(item) for _, item in found] == [ConfigMap, Lease, Lease]


async def test_kinds_have_selectors_of_their_own(client: Client, namespace: str) -> None:
    """A kind by name takes the labels of the watch, unless it has some of its own."""
    watch = client.watch_all(
        WatchedKind(kind=ConfigMap, label_selector="own=1"),
        WatchedKind(kind="sa", field_selector="metadata.name=none"),
        "leases",
        namespace=namespace,
        label_selector="all=1",
    )
    async with aclosing(watch) as revisions:
        await take(revisions, 1)
        await client.create(config_map("a", namespace, all="1"))
        await client.create(lease("b", namespace, own="1"))
        chosen = await client.create(config_map("c", namespace, own="1"))
        also = await client.create(lease("d", namespace, all="1"))
        found = objects(await take(revisions, 2))
    assert [(item.kind, item.metadata.name) for _, item in found] == [
        ("ConfigMap", "c"),
        ("Lease", "d"),
    ]
    assert [item.metadata.uid for _, item in found] == [chosen.metadata.uid, also.metadata.uid]


async def test_metadata_alone(client: Client, namespace: str) -> None:
    """The rest of the objects is not sent."""
    await client.create(config_map("a", namespace))
    watch = client.watch_all(ConfigMap, namespace=namespace, metadata_only=True)
    async with aclosing(watch) as revisions:
        ((_, item),) = objects(await take(revisions, 1))
        assert (item.metadata.name, dict(item.data)) == ("a", {})


async def test_it_goes_on_after_a_version(client: Client, namespace: str) -> None:
    """With a version there is what follows it; the present objects come if they are asked for."""
    await client.create(config_map("a", namespace))
    version = (await client.list(ConfigMap, namespace=namespace)).resource_version
    await client.create(lease("b", namespace))

    async def names(count: int, *, initial: bool | None) -> list[list[str]]:
        watch = client.watch_all(
            ConfigMap,
            Lease,
            namespace=namespace,
            resource_version=version,
            send_initial_events=initial,
        )
        async with aclosing(watch) as revisions:
            found = await take(revisions, count)
        assert [item.is_initial for item in found] == [initial is True]
        return [[event.object.metadata.name for event in item.events] for item in found]

    assert await names(1, initial=None) == [["b"]]
    assert await names(1, initial=False) == [["b"]]
    assert await names(1, initial=True) == [["a", "b"]]


async def test_it_tells_how_far_it_is(client: Client, namespace: str) -> None:
    """With progress there are revisions without events; otherwise there are none."""
    await client.create(config_map("a", namespace))
    version = (await client.list(ConfigMap)).resource_version
    asked: dict[str, Any] = {"namespace": namespace, "send_initial_events": False}
    async with aclosing(client.watch_all(Lease, send_progress=True, **asked)) as revisions:
        (begun,) = await take(revisions, 1)
        assert (begun.events, begun.is_initial) == ((), False)
        assert int(begun.resource_version) >= int(version)
        after = client.watch_all(Lease, resource_version=begun.resource_version, **asked)
        async with aclosing(after) as silent:
            made = await client.create(lease("b", namespace))
            for found in (revisions, silent):
                assert objects(await take(found, 1)) == [(EventType.ADDED, made)]


async def test_a_lost_connection_loses_and_repeats_nothing(
    server: str, client: Client, namespace: str
) -> None:
    """Each write to any of the kinds is one revision, though the connection is cut."""
    async with Relay(server) as relay, Client(relay.address) as watcher:
        watch = watcher.watch_all(ConfigMap, Lease, namespace=namespace)
        async with aclosing(watch) as revisions:
            seen = await take(revisions, 1)
            for number in range(30):
                make = lease if number % 2 else config_map
                await client.create(make(f"n{number:02}", namespace))
                if number % 3 == 0:
                    seen += await take(revisions, 1)
                if number % 5 == 0:
                    relay.cut()
            seen += await take(revisions, 31 - len(seen))
        assert [item.metadata.name for _, item in objects(seen)] == [
            f"n{number:02}" for number in range(30)
        ]
        assert all(len(revision.events) == 1 for revision in seen[1:])
        assert relay.connections > 3


async def test_a_connection_lost_amid_the_present_objects(
    server: str, client: Client, namespace: str
) -> None:
    """They come anew and once, as one revision, though they fill several messages."""
    for name in ("a", "b", "c"):
        item = config_map(name, namespace)
        item.data["k"] = "v" * 700_000
        await client.create(item)
    async with Relay(server) as relay, Client(relay.address) as watcher:
        relay.hold_answers()
        watch = watcher.watch_all(ConfigMap, Lease, namespace=namespace)
        async with aclosing(watch) as revisions:
            first = asyncio.create_task(take(revisions, 1))
            async with asyncio.timeout(PATIENCE):
                await relay.asked.wait()
            relay.cut()
            relay.give_answers()
            found = await first
            assert [item.metadata.name for _, item in objects(found)] == ["a", "b", "c"]
            made = await client.create(lease("d", namespace))
            assert objects(await take(revisions, 1)) == [(EventType.ADDED, made)]


async def test_a_version_that_was_compacted_is_expired(tmp_path: Path) -> None:
    """A watch that cannot give everything since its version says so."""

    async def watch_until_compacted(client: Client) -> None:
        before = (await client.list(ConfigMap)).resource_version
        for number in itertools.count():
            await client.create(config_map(f"c{number}", "default"))
            watch = client.watch_all(ConfigMap, resource_version=before)
            async with aclosing(watch) as revisions:
                first = await anext(revisions)
                assert first.events[0].object.metadata.name == "c0"

    flags = ("--compact-interval", "0.1", "--no-watch-cache", "--listen", "127.0.0.1:0")
    async with (
        started(*flags, "--store", f"sqlite:{tmp_path}/store.db") as process,
        Client(await process.ready()) as client,
        asyncio.timeout(PATIENCE),
    ):
        with pytest.raises(errors.Expired):
            await watch_until_compacted(client)


async def test_what_cannot_be_followed_is_refused(client: Client) -> None:
    """A kind that is not known, or named twice, is an error at the first step."""
    with pytest.raises(errors.NotFound, match='a resource type "widgets"'):
        await anext(client.watch_all("widgets"))
    with pytest.raises(errors.BadRequest, match="is named twice"):
        await anext(client.watch_all(ConfigMap, "cm"))


async def test_kinds_that_the_client_does_not_know(tmp_path: Path) -> None:
    """They come as the server sent them; with their catalog, as messages of its own classes."""
    known = machines.catalog(machines.file())
    settings = Settings(listen="127.0.0.1:0", store=f"sqlite:{tmp_path}/store.db", grace=0.5)
    machine = known.resources[[item.kind for item in known.resources].index("Machine")]
    async with (
        app.running(settings, known) as running,
        Client(running.address) as stranger,
        Client(running.address, catalog=known) as friend,
    ):
        made: Any = await friend.create(machine.message_class(metadata={"name": "a"}))
        asked: dict[str, Any] = {"namespace": "default", "resource_version": "1"}
        async with (
            aclosing(stranger.watch_all(**asked)) as strange,
            aclosing(friend.watch_all(**asked)) as friendly,
        ):
            ((_, packed),) = objects(await take(strange, 1))
            assert isinstance(packed, any_pb2.Any)
            assert packed.TypeName() == "example.v1.Machine"
            assert machine.message_class.FromString(packed.value) == made
            assert objects(await take(friendly, 1)) == [(EventType.ADDED, made)]
