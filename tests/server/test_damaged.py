"""A value in the store that cannot be read: everything else goes on, and it can be removed."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors
from protocube.catalog import Catalog
from protocube.core.v1.config_map_pb2 import ConfigMap
from protocube.core.v1.config_map_service_pb2 import ConfigMapList
from protocube.meta.v1 import requests_pb2
from protocube_server import app
from protocube_server.storage.base import Put
from tests import etcd_process
from tests.server.caller import Caller, Reply

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from protocube_server.settings import Settings
    from protocube_server.storage.base import Store

_SECONDS = 20.0
_LIST = "/protocube.core.v1.ConfigMaps/List"
_COLLECTION = "/protocube.core.v1.ConfigMaps/DeleteCollection"
ADDED, MODIFIED, DELETED = (
    requests_pb2.EVENT_TYPE_ADDED,
    requests_pb2.EVENT_TYPE_MODIFIED,
    requests_pb2.EVENT_TYPE_DELETED,
)


def stored(name: str, namespace: str = "default") -> bytes:
    """Return the stored form of a ConfigMap with the label ``a=b``."""
    item = ConfigMap(api_version="v1", kind="ConfigMap", data={"k": "v"})
    item.metadata.name, item.metadata.namespace = name, namespace
    item.metadata.labels["a"] = "b"
    return item.SerializeToString(deterministic=True)


WHOLE = stored("bad")
DAMAGE = {
    "garbage": b"\xff\xff",
    "empty": b"",
    "cut": WHOLE[:-1],
    "damaged inside": WHOLE[:-1] + b"\xff",
    "another order": b"\x22\x00" + WHOLE,
    "kept and cut": b"\xe2\xc2\x09\x7f",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Damaged:
    """A server, a caller of it, and its store, to put anything into."""

    api: Caller
    store: Store

    async def put(self, name: str, value: bytes, *, namespace: str = "default") -> int:
        """Write a value straight into the store, whatever is there, and return its revision."""
        key = f"/registry/configmaps/{namespace}/".encode() + name.encode(
            "utf-8", "surrogateescape"
        )
        await self.store.write([Put(key=key, value=value)])
        return await self.store.revision()

    async def end(self, namespace: str, **options: Any) -> None:
        """Delete a namespace, and wait until it is no more."""
        key, after = f"/registry/namespaces/{namespace}".encode(), await self.store.revision()
        await self.api.delete("ns", namespace, **options)
        async with aclosing(self.store.watch(key, after=after)) as watch:
            async for revision in watch:
                if any(event.record is None for event in revision.events):
                    return

    async def listed(self, method: str = _LIST, **fields: Any) -> tuple[list[str], Reply]:
        """Return the names in a page, and the whole reply."""
        classes = {
            _LIST: requests_pb2.ListRequest,
            _COLLECTION: requests_pb2.DeleteCollectionRequest,
        }
        reply = await self.api.send(method, classes[method](**fields).SerializeToString())
        return [item.metadata.name for item in ConfigMapList.FromString(reply.body).items], reply


@pytest.fixture(
    params=[
        "sqlite",
        "sqlite-uncached",
        pytest.param("etcd", marks=pytest.mark.etcd),
        pytest.param("etcd-uncached", marks=pytest.mark.etcd),
    ]
)
async def place(
    request: pytest.FixtureRequest, settings: Settings, tmp_path: Path
) -> AsyncGenerator[Damaged, None]:
    """Return a server on each kind of store, with the watch cache and without."""
    kind, _, way = request.param.partition("-")
    async with contextlib.AsyncExitStack() as stack:
        url = settings.store
        if kind == "etcd":
            etcd = stack.enter_context(etcd_process.running(tmp_path / "etcd"))
            url = f"etcd://{etcd.endpoint}"
        chosen = dataclasses.replace(settings, store=url, watch_cache=not way)
        await stack.enter_async_context(asyncio.timeout(_SECONDS * 3))
        running = await stack.enter_async_context(app.running(chosen))
        api = await stack.enter_async_context(Caller(running.address, Catalog.shipped()))
        yield Damaged(api=api, store=running.api.store)


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
async def test_lists_go_on_and_name_it(
    place: Damaged, damage: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """All, by label, by namespace and in pages: what can be read comes, and a warning.

    From memory and from the store alike; the log says it once, whoever meets it.
    """
    await place.put("a", stored("a"))
    await place.put("bad", damage)
    await place.put("c", stored("c"))
    said = "the stored value of configmaps/default/bad is damaged or no object of this kind"
    for _ in range(3):
        for fields in ({}, {"namespace": "default"}, {"label_selector": "a=b"}):
            names, reply = await place.listed(**fields)
            assert names == ["a", "c"]
            assert reply.warnings == (f"{said}: it is left out",)
        found, token = [], ""
        while True:
            names, reply = await place.listed(limit=1, continue_token=token)
            found += names
            token = ConfigMapList.FromString(reply.body).metadata.continue_token
            if not token:
                break
        assert found == ["a", "c"]
    assert sum(said in record.getMessage() for record in caplog.records) == 1


async def test_a_call_for_the_object_says_what_is_damaged(place: Damaged) -> None:
    """Get, Update and Delete name it; a Create of its name finds that there is one."""
    revision = await place.put("bad", DAMAGE["damaged inside"])
    good = place.api.make("cm", "bad", metadata={"resourceVersion": str(revision)})
    for call in (
        place.api.get("cm", "bad"),
        place.api.update(good),
        place.api.update(good, dry_run=True),
        place.api.delete("cm", "bad"),
        place.api.delete("cm", "bad", dry_run=True),
        place.api.delete("cm", "bad", preconditions={"uid": "x"}),
    ):
        with pytest.raises(
            errors.Damaged, match="stored value of configmaps/default/bad"
        ) as caught:
            await call
        assert (caught.value.resource, caught.value.name) == ("configmaps", "bad")
    good.metadata.resource_version = ""
    for fields in ({}, {"request_id": "one"}, {"dry_run": True}):
        with pytest.raises(errors.AlreadyExists):
            await place.api.create(good, **fields)


async def test_a_delete_that_ignores_it_removes_it(place: Damaged) -> None:
    """Only where it is asked for, once, and together with no condition on the object."""
    await place.put("bad", b"\xff\xff")
    for fields in (
        {"dry_run": True},
        {"grace_period_seconds": 1},
        {"preconditions": {"resource_version": "1"}},
        {"propagation_policy": requests_pb2.PROPAGATION_POLICY_ORPHAN},
    ):
        with pytest.raises(errors.BadRequest, match="cannot be set together"):
            await place.api.delete("cm", "bad", ignore_store_read_error=True, **fields)
    gone = await place.api.delete("cm", "bad", ignore_store_read_error=True)
    assert (gone.metadata.name, gone.metadata.namespace) == ("bad", "default")
    assert int(gone.metadata.resource_version) == await place.store.revision()
    with pytest.raises(errors.NotFound):
        await place.api.delete("cm", "bad", ignore_store_read_error=True)
    made = await place.api.create(
        place.api.make("cm", "sound", metadata={"finalizers": ["example.com/x"]})
    )
    kept = await place.api.delete("cm", "sound", ignore_store_read_error=True)
    assert kept.metadata.HasField("deletion_timestamp")
    assert kept.metadata.uid == made.metadata.uid


async def test_a_collection_is_deleted_around_it(place: Damaged) -> None:
    """The others go; the damaged one stays, and a warning names it."""
    await place.put("a", stored("a"))
    await place.put("bad", b"\xff\xff")
    for selector in ("a=b", ""):
        names, reply = await place.listed(_COLLECTION, label_selector=selector)
        assert names == (["a"] if selector else [])
        assert len(reply.warnings) == 1
        assert "configmaps/default/bad" in reply.warnings[0]


async def test_a_namespace_ends_with_it(place: Damaged) -> None:
    """What cannot be read goes with its namespace."""
    await place.api.create(place.api.make("ns", "one"))
    await place.put("bad", b"\xff\xff", namespace="one")
    await place.put("good", stored("good", "one"), namespace="one")
    await place.end("one")
    assert not (await place.store.list(b"/registry/configmaps/one/")).records


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
async def test_a_damaged_namespace_is_named_and_can_be_deleted(
    place: Damaged, damage: bytes
) -> None:
    """Nothing is created in it, what is in it can be read, and it goes with all of that."""
    await place.api.create(place.api.make("ns", "one"))
    await place.put("good", stored("good", "one"), namespace="one")
    await place.store.write([Put(key=b"/registry/namespaces/one", value=damage)])
    with pytest.raises(errors.Damaged, match="namespaces/one"):
        await place.api.create(place.api.make("cm", "x", metadata={"namespace": "one"}))
    assert (await place.api.get("cm", "good", namespace="one")).data["k"] == "v"
    with pytest.raises(errors.Damaged, match="namespaces/one"):
        await place.api.delete("ns", "one")
    await place.end("one", ignore_store_read_error=True)
    assert not (await place.store.list(b"/registry/configmaps/one/")).records


@pytest.mark.parametrize("selector", ["", "a=b"])
async def test_watches_go_on_past_it(place: Damaged, selector: str) -> None:
    """An object that becomes damaged is deleted for watchers, and added when it is mended.

    A watch that begins with what is there leaves it out.
    """
    await place.put("a", stored("a"))
    await place.put("bad", b"\xff\xff")
    found: list[tuple[int, str]] = []
    async with aclosing(place.api.watch("cm", label_selector=selector)) as watch:

        async def expect(*wanted: tuple[int, str]) -> None:
            found.clear()
            while len(found) < len(wanted):
                response = await anext(watch)
                found.extend((event.type, event.object.metadata.name) for event in response.events)
            assert found == [*wanted]

        await expect((ADDED, "a"))
        await place.put("bad", b"\xff\x00\xff")
        await place.put("c", stored("c"))
        await expect((ADDED, "c"))
        await place.put("a", DAMAGE["cut"])
        await expect((DELETED, "a"))
        await place.put("a", stored("a"))
        await expect((ADDED if selector else MODIFIED, "a"))
        await place.api.delete("cm", "bad", ignore_store_read_error=True)
        await expect((DELETED, "bad"))


async def test_keys_that_are_no_objects_break_no_page(place: Damaged) -> None:
    """Whatever another program has left between our keys, with values sound or not."""
    names = [f"n{number}" for number in range(4)]
    for name in names:
        await place.put(name, stored(name))
    for key in ("n0\udcff", "n1/deeper", "n2\udcfe\udcff/x", "", "n3/"):
        await place.put(key, stored("n"))
    for _ in range(2):
        for limit in (0, 1, 2):
            found, token = [], ""
            while True:
                page, reply = await place.listed(limit=limit, continue_token=token)
                found += page
                token = ConfigMapList.FromString(reply.body).metadata.continue_token
                if not token:
                    break
            assert found == names
    async with aclosing(place.api.watch("cm")) as watch:
        response = await anext(watch)
        assert [event.object.metadata.name for event in response.events] == names


@pytest.mark.parametrize("word", ["hpa.v1.autoscaling", "hpa.v2.autoscaling"])
@pytest.mark.parametrize("damage", [b"\xff\xff", b"", b"\x22\x00\x0a\x02v2"])
async def test_of_all_versions_of_a_kind(place: Damaged, word: str, damage: bytes) -> None:
    """A value that would have to be converted is named as one that would not."""
    key = b"/registry/horizontalpodautoscalers.autoscaling/default/"
    resource = place.api.resource(word)
    await place.store.write([Put(key=key + b"bad", value=damage)])
    for selector in ("", "a=b"):
        request = requests_pb2.ListRequest(label_selector=selector)
        reply = await place.api.send(f"/{resource.service}/List", request.SerializeToString())
        listed: Any = resource.list_class.FromString(reply.body)
        assert not listed.items
        assert len(reply.warnings) == 1
    with pytest.raises(errors.Damaged, match="autoscaling/default/bad"):
        await place.api.get(word, "bad")
    await place.api.delete(word, "bad", ignore_store_read_error=True)
    assert await place.store.get(key + b"bad") is None


@pytest.mark.parametrize("harm", [b"", b"\xff", b"[" * 100_000, None])
async def test_the_record_of_a_request_id(place: Damaged, harm: bytes | None) -> None:
    """A call that is repeated with its id is DATA_LOSS, and is not carried out again.

    The record itself may be damaged, or what it keeps of an object that is gone.
    """
    await place.api.create(place.api.make("cm", "a"))
    await place.api.delete("cm", "a", request_id="one")
    (record,) = (await place.store.list(b"/registry/~system/requests/")).records
    head, _, _ = record.value.partition(b"\n")
    value = harm if harm is not None else head + b"\n\xff\xff"
    await place.store.write([Put(key=record.key, value=value)])
    await place.api.create(place.api.make("cm", "a"))
    with pytest.raises(errors.Damaged):
        await place.api.delete("cm", "a", request_id="one")
    assert (await place.api.get("cm", "a")).metadata.name == "a"
