"""Values in a store are sealed, and what cannot be opened stands in the way of nothing else."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

import pytest

from protocube import errors
from protocube.catalog import Catalog
from protocube_server.builtin.functions import FUNCTIONS
from protocube_server.cache import Selection, encoding
from protocube_server.cache.seen import SeenEvent
from protocube_server.kinds.registry import Registry
from protocube_server.storage import keys
from protocube_server.storage.base import ConditionFailed, Done, Put, Remove, Set
from protocube_server.storage.sealed import SealedStore
from protocube_server.storage.sealing.keys import AesGcm, Plain, SecretBox
from protocube_server.storage.sealing.kms import Kms
from protocube_server.storage.sealing.sealing import Sealing
from tests.sealing.keyed import Plugin, serving
from tests.simulation.store import SimulatedStore, World

if TYPE_CHECKING:
    from pathlib import Path

    from protocube_server.storage.sealing.keys import Key

SECRET, OTHER = b"/registry/secrets/dev/a", b"/registry/secrets/dev/b"
POD = b"/registry/pods/dev/a"
VALUE = b"the value"
KEY1, KEY2 = AesGcm("key1", b"1" * 32), AesGcm("key2", b"2" * 32)


def over(behind: SimulatedStore, *given: Key) -> SealedStore:
    """Return a store that seals secrets with some keys."""
    return SealedStore(behind, "/registry", Sealing({"secrets": list(given)}))


@pytest.fixture
def behind() -> SimulatedStore:
    """Provide the store behind the seals."""
    return SimulatedStore(World())


async def _stored(store: SimulatedStore, key: bytes) -> bytes:
    record = await store.get(key)
    assert record is not None
    return record.value


async def _fault(store: SealedStore, key: bytes = SECRET) -> str:
    record = await store.get(key)
    assert record is not None
    assert VALUE not in record.value or not record.fault
    return record.fault


@pytest.mark.parametrize(
    ("key", "mark"),
    [
        (KEY1, b"k8s:enc:aesgcm:v1:key1:"),
        (AesGcm("short", b"k" * 16), b"k8s:enc:aesgcm:v1:short:"),
        (SecretBox("box", b"k" * 32), b"k8s:enc:secretbox:v1:box:"),
    ],
)
async def test_what_lies_in_the_store(behind: SimulatedStore, key: Key, mark: bytes) -> None:
    """Sealed values begin as Kubernetes' do; kinds that no rule names lie there as they are."""
    store = over(behind, key)
    made = await store.create(SECRET, VALUE)
    await store.create(POD, VALUE)
    sealed = await _stored(behind, SECRET)
    assert sealed.startswith(mark)
    assert VALUE not in sealed
    assert made.value == VALUE
    assert await _stored(behind, POD) == VALUE
    found = await store.get(SECRET)
    assert found is not None
    assert (found.value, found.stale, found.fault) == (VALUE, False, "")
    # The same value is never the same bytes.
    await store.update(SECRET, VALUE, expected=made.mod_revision)
    assert await _stored(behind, SECRET) != sealed


async def test_what_a_write_tells_is_opened(behind: SimulatedStore) -> None:
    """What was there before, and what stood in the way, are told as they were written."""
    store = over(behind, KEY1)
    made = await store.create(SECRET, VALUE)
    with pytest.raises(ConditionFailed) as refused:
        await store.create(SECRET, b"other")
    assert refused.value.current == made
    put = Put(key=POD, value=VALUE)
    done = await store.apply(Set(writes=(put, Remove(key=SECRET))))
    assert done.outcomes[1].previous == made


async def test_events_are_opened(behind: SimulatedStore) -> None:
    """A watch tells values, and those before."""
    store = over(behind, KEY1)
    after = await store.revision()
    made = await store.create(SECRET, VALUE)
    await store.update(SECRET, b"next", expected=made.mod_revision)
    async with aclosing(store.watch(b"/registry/", after=after)) as watch:
        first, second = [(await anext(watch)).events[0] for _ in range(2)]
    assert first.record is not None
    assert first.record.value == VALUE
    assert second.record is not None
    assert second.record.value == b"next"
    assert second.previous == first.record


async def test_the_first_key_seals_and_all_open(behind: SimulatedStore) -> None:
    """What another one has sealed is stale, and so is what lies there as it is."""
    await behind.create(OTHER, VALUE)
    await over(behind, KEY1).create(SECRET, VALUE)
    store = over(behind, KEY2, KEY1, Plain())
    page = await store.list(b"/registry/secrets/")
    assert [(record.value, record.stale) for record in page.records] == [(VALUE, True)] * 2
    for record in page.records:
        await store.update(record.key, record.value, expected=record.mod_revision)
    assert not any(record.stale for record in (await store.list(b"/registry/secrets/")).records)
    assert (await _stored(behind, OTHER)).startswith(b"k8s:enc:aesgcm:v1:key2:")


async def test_what_cannot_be_opened(behind: SimulatedStore) -> None:
    """It is a record with a fault, which names the key and nothing of the value."""
    await over(behind, KEY1).create(SECRET, VALUE)
    await over(behind, KEY2).create(OTHER, VALUE)
    not_open = "another key had that name, or the value was changed or moved"
    wrong = AesGcm("key1", b"x" * 32)
    assert await _fault(over(behind, wrong)) == (
        f"the key key1 of aesgcm does not open it: {not_open}"
    )
    assert await _fault(over(behind, KEY2)) == ('there is no such key: the key "key1" of aesgcm')
    page = await over(behind, KEY2).list(b"/registry/secrets/")
    assert [record.value for record in page.records if not record.fault] == [VALUE]
    # Two keys of one name are tried, one after the other.
    assert await _fault(over(behind, wrong, KEY1)) == ""


async def test_a_value_that_was_moved_is_no_good(behind: SimulatedStore) -> None:
    """Its key in the store is part of what is sealed."""
    await over(behind, KEY1).create(SECRET, VALUE)
    await behind.create(OTHER, await _stored(behind, SECRET))
    assert "moved" in await _fault(over(behind, KEY1), OTHER)


async def test_a_value_that_is_not_sealed_is_no_good(behind: SimulatedStore) -> None:
    """It is taken only where the configuration has identity for its kind."""
    await behind.create(SECRET, VALUE)
    assert await _fault(over(behind, KEY1)) == (
        "it is not sealed, and the provider identity is not among those of its kind"
    )
    assert await _fault(over(behind, KEY1, Plain())) == ""


@pytest.mark.parametrize(
    "value",
    [
        b"k8s:enc:",
        b"k8s:enc:aesgcm:v1:key1:",
        b"k8s:enc:aesgcm:v1:key1:" + b"x" * 20,
        b"k8s:enc:aesgcm:v1:" + b"k" * 5000,
        b"k8s:enc:kms:v2:plugin:\xff",
        b"k8s:enc:kms:v2:plugin:\x12\x01a",
        b"k8s:enc:secretbox:v1:box:x",
    ],
)
async def test_whatever_lies_there(behind: SimulatedStore, value: bytes) -> None:
    """What is cut off, or made up, is a fault and no more."""
    await behind.create(SECRET, value)
    given = (KEY1, SecretBox("box", b"k" * 32), Kms("plugin", "unix:///nowhere", timeout=0.1))
    assert await _fault(over(behind, *given))


async def test_records_of_requests_are_sealed(behind: SimulatedStore) -> None:
    """They hold objects that are gone; entries without objects lie there as they are."""
    store = over(behind, KEY1)
    record = keys.system("/registry", keys.Area.REQUESTS, "x")
    marks = keys.system("/registry", keys.Area.MARKS, "x")
    await store.create(record, VALUE)
    await store.create(marks, VALUE)
    assert VALUE not in await _stored(behind, record)
    assert await _stored(behind, marks) == VALUE
    found = await over(behind, KEY2, KEY1).get(record)
    assert found is not None
    assert (found.value, found.stale) == (VALUE, True)
    # When nothing else is sealed any more, they are not either.
    ended = over(behind, Plain(), KEY1)
    await ended.write((Put(key=record, value=VALUE),))
    assert await _stored(behind, record) == VALUE
    # From before there were keys.
    await behind.create(keys.system("/registry", keys.Area.REQUESTS, "y"), VALUE)
    found = await store.get(keys.system("/registry", keys.Area.REQUESTS, "y"))
    assert found is not None
    assert found.value == VALUE


async def test_a_plugin_is_asked_once_for_a_seed(behind: SimulatedStore, tmp_path: Path) -> None:
    """Values of one seed need it no more; another server asks once to read them."""
    socket = tmp_path / "kms"
    async with serving(Plugin(), socket) as plugin:
        store = over(behind, Kms("plugin", f"unix://{socket}"))
        for number in range(5):
            await store.create(b"/registry/secrets/dev/%d" % number, VALUE)
        assert plugin.asked == ["Status", "Encrypt"]
        stored = await _stored(behind, b"/registry/secrets/dev/0")
        assert stored.startswith(b"k8s:enc:kms:v2:plugin:")
        assert VALUE not in stored
        await store.close()
        plugin.asked.clear()
        other = over(SimulatedStore(behind._world), Kms("plugin", f"unix://{socket}"))
        page = await other.list(b"/registry/secrets/")
        assert [record.value for record in page.records] == [VALUE] * 5
        assert not any(record.stale for record in page.records)
        assert plugin.asked.count("Decrypt") == 1
        await other.close()


async def test_another_key_of_a_plugin(behind: SimulatedStore, tmp_path: Path) -> None:
    """What was encrypted with the one before can be read, and is stale."""
    socket = tmp_path / "kms"
    async with serving(Plugin(), socket) as plugin:
        first = over(behind, Kms("plugin", f"unix://{socket}"))
        made = await first.create(SECRET, VALUE)
        plugin.turn("kek-2")
        store = over(SimulatedStore(behind._world), Kms("plugin", f"unix://{socket}"))
        found = await store.get(SECRET)
        assert found is not None
        assert (found.value, found.stale) == (VALUE, True)
        await store.update(SECRET, VALUE, expected=made.mod_revision)
        found = await store.get(SECRET)
        assert found is not None
        assert not found.stale
        await first.close()
        await store.close()


async def test_a_plugin_that_does_not_answer(behind: SimulatedStore, tmp_path: Path) -> None:
    """Calls that need it are Unavailable, others go on, and so does all when it is back."""
    socket = tmp_path / "kms"
    kms = Kms("plugin", f"unix://{socket}", timeout=5)
    store = over(behind, kms)
    with pytest.raises(errors.Unavailable, match="the key plugin plugin: Status failed"):
        await store.create(SECRET, VALUE)
    await store.create(POD, VALUE)
    async with serving(Plugin(), socket) as plugin:
        async with asyncio.timeout(20):
            while True:
                try:
                    await store.create(SECRET, VALUE)
                except errors.Unavailable:
                    continue
                break
        plugin.health = "ill"
        await store.create(OTHER, VALUE)
    other = over(SimulatedStore(behind._world), Kms("plugin", f"unix://{socket}", timeout=1))
    with pytest.raises(errors.Unavailable):
        await other.get(SECRET)
    after = await other.revision()
    await store.create(b"/registry/secrets/dev/c", VALUE)
    async with aclosing(other.watch(b"/registry/", after=after)) as watch:
        event = (await anext(watch)).events[0]
    assert event.record is not None
    assert "Decrypt failed" in event.record.fault
    registry = Registry(Catalog.shipped(), "/registry", FUNCTIONS)
    kind = registry.for_message("protocube.core.v1.Secret")
    assert kind is not None
    selection = Selection(kind)
    with pytest.raises(errors.Unavailable, match="secrets/dev/c cannot be opened now"):
        kind.read(event.record)
    # As a damaged one it would be taken for deleted.
    with pytest.raises(errors.Expired, match="list anew"):
        encoding.change(selection, SeenEvent(kind, event))
    await store.close()
    await other.close()


async def test_what_was_removed_is_told_without_a_plugin(
    behind: SimulatedStore, tmp_path: Path
) -> None:
    """The removal has happened: that it is unavailable would say that it has not."""
    socket = tmp_path / "kms"
    async with serving(Plugin(), socket):
        store = over(behind, Kms("plugin", f"unix://{socket}", timeout=5))
        made = await store.create(SECRET, VALUE)
        await store.close()
    other = over(SimulatedStore(behind._world), Kms("plugin", f"unix://{socket}", timeout=1))
    (done,) = await other.write([Remove(key=SECRET, expected=made.mod_revision)])
    assert isinstance(done, Done)
    assert done.previous is not None
    assert "Decrypt failed" in done.previous.fault
    assert await other.get(SECRET) is None
    await other.close()


async def test_a_plugin_that_is_away_is_looked_for_every_second(
    behind: SimulatedStore, tmp_path: Path
) -> None:
    """However long it was away: once it is back, it is not missed for minutes."""
    socket, looks = tmp_path / "kms", asyncio.Queue[None]()

    def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        looks.put_nowait(None)
        writer.close()

    store = over(behind, Kms("plugin", f"unix://{socket}", timeout=1))
    # By gRPC's own pauses the fifth look would be after nine seconds.
    async with await asyncio.start_unix_server(hang_up, socket), asyncio.timeout(5):
        while looks.qsize() < 5:
            with pytest.raises(errors.Unavailable):
                await store.create(SECRET, VALUE)
    await store.close()


@pytest.mark.parametrize(("health", "key_id"), [("ill", "kek-1"), ("ok", ""), ("ok", "x" * 2000)])
async def test_a_plugin_that_is_not_well(
    behind: SimulatedStore, tmp_path: Path, health: str, key_id: str
) -> None:
    """Nothing is sealed with it."""
    plugin = Plugin()
    plugin.health, plugin.key_id = health, key_id
    socket = tmp_path / "kms"
    async with serving(plugin, socket):
        store = over(behind, Kms("plugin", f"unix://{socket}"))
        with pytest.raises(errors.Unavailable, match="the key plugin plugin: "):
            await store.create(SECRET, VALUE)
        await store.close()


async def test_a_key_that_a_plugin_has_lost(behind: SimulatedStore, tmp_path: Path) -> None:
    """Its values are faults, and the plugin is not asked for each of them."""
    import grpc

    socket = tmp_path / "kms"
    async with serving(Plugin(), socket) as plugin:
        first = over(behind, Kms("plugin", f"unix://{socket}"))
        for number in range(5):
            await first.create(b"/registry/secrets/dev/%d" % number, VALUE)
        await first.close()
        plugin.refusing = grpc.StatusCode.NOT_FOUND
        plugin.asked.clear()
        store = over(SimulatedStore(behind._world), Kms("plugin", f"unix://{socket}"))
        page = await store.list(b"/registry/secrets/")
        assert {record.fault for record in page.records} == {
            "the plugin plugin: Decrypt failed: NOT_FOUND: refused"
        }
        assert plugin.asked.count("Decrypt") == 1
        await store.close()
