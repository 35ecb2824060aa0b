"""What the server keeps with an object is seen by no caller, and survives every write."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import pytest

from protocube.catalog import Catalog
from protocube_server import app
from protocube_server.kinds import kept
from tests.server.caller import Caller

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from protocube_server.settings import Settings

DATA = b"\x12\x03abc"
"""A field that some release keeps, beside the owners of the object."""


class Kept:
    """A server, and what lies in its store."""

    def __init__(self, running: app.App, caller: Caller) -> None:
        self.store = running.api.store
        self.cache = running.api.cache
        self.kinds = running.api.editions.current.kinds
        self.caller = caller

    def key(self, message: str, name: str) -> bytes:
        """Return the storage key of an object."""
        kind = self.kinds.for_message(message)
        assert kind is not None
        return kind.key("default", name)

    async def keep(self, key: bytes) -> None:
        """Put something in front of a stored object."""
        record = await self.store.get(key)
        assert record is not None
        value = kept.with_message(kept.read(record.value) + DATA, kept.message(record.value))
        await self.store.update(key, value, expected=record.mod_revision)

    async def kept(self, key: bytes) -> bytes:
        """Return the end of what is in front of a stored object."""
        record = await self.store.get(key)
        assert record is not None
        return kept.read(record.value)[-len(DATA) :]


@pytest.fixture(params=[True, False], ids=["cached", "store"])
async def server(settings: Settings, request: Any) -> AsyncGenerator[Kept, None]:
    """Provide a server with a watch cache and one without."""
    import dataclasses

    chosen = dataclasses.replace(settings, watch_cache=request.param)
    async with (
        app.running(chosen) as running,
        Caller(running.address, Catalog.shipped()) as caller,
    ):
        yield Kept(running, caller)


DEPLOYMENT: dict[str, Any] = {
    "spec": {
        "selector": {"matchLabels": {"a": "b"}},
        "template": {
            "metadata": {"labels": {"a": "b"}},
            "spec": {"containers": [{"name": "c", "image": "i"}]},
        },
    },
}


async def test_no_reader_sees_it(server: Kept) -> None:
    """Get, lists with and without selectors, and watches give the object alone."""
    api = server.caller
    await api.create(api.make("cm", "a", metadata={"labels": {"x": "y"}}))
    key = server.key("protocube.core.v1.ConfigMap", "a")
    async with aclosing(api.watch("cm")) as responses:
        (first,) = (await anext(responses)).events
        await server.keep(key)
        (changed,) = (await anext(responses)).events
    found = await api.get("cm", "a")
    assert changed.object == found
    for selector in ("", "x=y"):
        for _ in range(2):
            assert list((await api.list("cm", label_selector=selector)).items) == [found]
            await server.cache.loaded()
    found.metadata.resource_version = first.object.metadata.resource_version
    assert found == first.object


async def test_every_write_keeps_it(server: Kept) -> None:
    """Updates of the object and of its status, and a deletion that waits, carry it along."""
    api = server.caller
    made = await api.create(
        api.make("deploy", "a", metadata={"finalizers": ["example.com/x"]}, **DEPLOYMENT)
    )
    key = server.key("protocube.apps.v1.Deployment", "a")
    await server.keep(key)
    made = await api.get("deploy", "a")
    made.metadata.labels["x"] = "y"
    made = await api.update(made)
    assert await server.kept(key) == DATA
    made.status.replicas = 1
    made = await api.write("UpdateStatus", made)
    assert await server.kept(key) == DATA
    unchanged = await api.update(made)
    assert unchanged.metadata.resource_version == made.metadata.resource_version
    await api.delete("deploy", "a")
    assert await server.kept(key) == DATA
    going = await api.get("deploy", "a")
    assert going.metadata.HasField("deletion_timestamp")


async def test_it_is_kept_for_another_version_too(server: Kept) -> None:
    """An object that is served in two versions keeps it whichever of them writes."""
    api = server.caller
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "d"}
    spec = {"maxReplicas": 3, "scaleTargetRef": target}
    await api.create(api.make("horizontalpodautoscalers.v2.autoscaling", "a", spec=spec))
    key = server.key("protocube.autoscaling.v1.HorizontalPodAutoscaler", "a")
    await server.keep(key)
    old = await api.get("horizontalpodautoscalers.v1.autoscaling", "a")
    old.spec.max_replicas = 4
    await api.update(old)
    assert await server.kept(key) == DATA
    new = await api.get("horizontalpodautoscalers.v2.autoscaling", "a")
    assert new.spec.max_replicas == 4
