"""Objects that an older release stored: without today's defaults, against today's rules.

The store is written behind the server's back, as that release would have left it.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors
from protocube.catalog import Catalog
from protocube_server.app import App, running
from protocube_server.calls.limits import Limits
from protocube_server.settings import Settings
from tests import etcd_process
from tests.server.caller import Caller

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

CATALOG = Catalog.shipped()
HOLD = ["example.com/f"]
_SPEC = {"containers": [{"name": "c", "image": "x:1"}]}
_DEFAULTED = (
    *("restart_policy", "termination_grace_period_seconds", "dns_policy", "security_context"),
    *("scheduler_name", "enable_service_links", "tolerations"),
)
_DEFAULTED_IN_CONTAINERS = (
    *("termination_message_path", "termination_message_policy", "image_pull_policy"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A running server, its store, and a caller."""

    app: App
    caller: Caller

    async def rewrite(self, made: Any, change: Callable[[Any], None]) -> Any:
        """Change what is stored of an object, and return it as it is read then."""
        kind = self.app.api.editions.current.kinds.for_message(made.DESCRIPTOR.full_name)
        assert kind is not None
        store, metadata = self.app.api.store, made.metadata
        record = await store.get(kind.key(metadata.namespace, metadata.name))
        assert record is not None
        stored = kind.parse(record.value)
        change(stored)
        await store.update(record.key, kind.encode(stored), expected=record.mod_revision)
        return await self.caller.get(
            kind.resource.plural, metadata.name, namespace=metadata.namespace
        )


@pytest.fixture(params=["sqlite", pytest.param("etcd", marks=pytest.mark.etcd)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Provide the URL of an empty store of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:{tmp_path}/store.db"
        return
    with etcd_process.running(tmp_path / "etcd") as etcd:
        yield f"etcd://{etcd.endpoint}"


@contextlib.asynccontextmanager
async def serving(store: str, **changed: Any) -> AsyncIterator[Served]:
    """Serve a store."""
    settings = Settings(listen="127.0.0.1:0", store=store, grace=0.5, **changed)
    async with running(settings, CATALOG) as app, Caller(app.address, CATALOG) as caller:
        yield Served(app=app, caller=caller)


def without_defaults(pod: Any) -> None:
    """Take from a Pod what an older release did not fill in."""
    for field in _DEFAULTED:
        pod.spec.ClearField(field)
    for container in pod.spec.containers:
        for field in _DEFAULTED_IN_CONTAINERS:
            container.ClearField(field)


async def test_an_object_without_todays_defaults_can_be_changed(store: str) -> None:
    """A Pod takes a label, a status and an image; the rest of its spec is as fixed as ever."""
    async with serving(store) as served:
        api = served.caller
        pod = await served.rewrite(
            await api.create(api.make("po", "p", spec=_SPEC)), without_defaults
        )
        assert not pod.spec.dns_policy
        pod.metadata.labels["a"] = "b"
        labelled = await api.update(pod)
        assert labelled.metadata.labels["a"] == "b"
        assert labelled.metadata.generation == 1, "defaults are no change of the spec"
        pod = await served.rewrite(labelled, without_defaults)
        pod.status.phase = "Running"
        assert (await api.write("UpdateStatus", pod)).status.phase == "Running"
        pod = await served.rewrite(pod, without_defaults)
        pod.spec.containers[0].image = "x:2"
        changed = await api.update(pod)
        assert changed.metadata.generation == 2
        pod = await served.rewrite(changed, without_defaults)
        pod.spec.dns_policy = "Default"
        with pytest.raises(errors.Invalid, match="pod updates may not change fields other than"):
            await api.update(pod)


def badly_named(pod: Any) -> None:
    """Return a container a name that is refused now, in a field that may not change."""
    pod.spec.containers[0].name = "Bad_Name"


async def test_a_broken_rule_does_not_hold_an_object(store: str) -> None:
    """It takes a label and a status, loses its finalizer, and its namespace ends."""
    async with serving(store) as served:
        api = served.caller
        await api.create(api.make("ns", "x"))
        metadata = {"name": "p", "namespace": "x", "finalizers": HOLD}
        pod = await api.create(api.make("po", metadata=metadata, spec=_SPEC))
        pod = await served.rewrite(pod, badly_named)
        pod.metadata.labels["a"] = "b"
        pod = await api.update(pod)
        pod.status.phase = "Running"
        await api.write("UpdateStatus", pod)
        await api.delete("ns", "x")
        await api.until("ns", "x", lambda namespace: len(namespace.status.conditions) == 5)
        pod = await api.get("po", "p", namespace="x")
        del pod.metadata.finalizers[:]
        await api.update(pod)
        await api.until_gone("ns", "x")


def unheard_of(item: Any) -> None:
    """Break rules at every place that an update would be checked at."""
    item.metadata.finalizers[:] = ["not valid!", "nor/this/one"]
    item.metadata.labels["not valid!"] = "x" * 64
    item.data["bad key"] = "x"


async def test_a_finalizer_can_always_be_removed(store: str) -> None:
    """From an object that is being deleted: whatever is wrong with it, and however large it is."""
    async with serving(store) as served:
        api = served.caller
        metadata = {"name": "a", "finalizers": HOLD}
        made = await api.create(api.make("cm", metadata=metadata, data={"k": "x" * 10_000}))
        await served.rewrite(made, unheard_of)
    async with serving(store, limits=Limits(value=5_000)) as served:
        api = served.caller
        await api.delete("cm", "a")
        for left in (["nor/this/one"], []):
            going = await api.get("cm", "a")
            going.metadata.finalizers[:] = left
            answer = await api.update(going)
            assert list(answer.metadata.finalizers) == left
            assert answer.data == going.data
        with pytest.raises(errors.NotFound):
            await api.get("cm", "a")


async def test_that_is_no_way_around_the_rules(store: str) -> None:
    """An update that changes anything else, or adds one, is an update like any other."""
    async with serving(store) as served:
        api = served.caller
        made = await api.create(api.make("cm", metadata={"name": "a", "finalizers": HOLD}))
        await api.delete("cm", "a")
        going = await api.get("cm", "a")
        going.data["bad key"] = "x"
        del going.metadata.finalizers[:]
        with pytest.raises(errors.Invalid, match=r"data\[bad key\]"):
            await api.update(going)
        going = await api.get("cm", "a")
        going.metadata.finalizers[:] = ["example.com/another"]
        with pytest.raises(errors.Invalid, match="no new finalizers can be added"):
            await api.update(going)
        assert (await api.get("cm", "a")).metadata.uid == made.metadata.uid
