"""Selectors choose what a look at each object would, in lists, pages and watches."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import random
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors
from protocube.meta.v1 import requests_pb2
from protocube.policy.v1 import eviction_requests_pb2
from protocube.selectors import parse_fields, parse_labels
from protocube_server.cache import objects
from protocube_server.verbs import held

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator

    from tests.server.caller import Caller
    from tests.server.conftest import Serve

ADDED = requests_pb2.EVENT_TYPE_ADDED
MODIFIED = requests_pb2.EVENT_TYPE_MODIFIED
DELETED = requests_pb2.EVENT_TYPE_DELETED
EXACT = requests_pb2.RESOURCE_VERSION_MATCH_EXACT
PLACES = ("default", "other")
FIELDS = ("metadata.name", "metadata.namespace", "spec.nodeName", "status.phase")
PATIENCE = 30.0


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked for, and what of it a look at one object tells."""

    namespace: str = ""
    labels: str = ""
    fields: str = ""

    @property
    def options(self) -> dict[str, str]:
        """The options of a request."""
        return {
            "namespace": self.namespace,
            "label_selector": self.labels,
            "field_selector": self.fields,
        }

    def chooses(self, pod: Any) -> bool:
        """Look at one object."""
        found = {
            "metadata.name": pod.metadata.name,
            "metadata.namespace": pod.metadata.namespace,
            "spec.nodeName": pod.spec.node_name,
            "status.phase": pod.status.phase,
        }
        return (
            self.namespace in ("", pod.metadata.namespace)
            and parse_labels(self.labels).matches(pod.metadata.labels)
            and parse_fields(self.fields, known=FIELDS).matches(found)
        )


ASKED = (
    Asked(),
    Asked(labels="app=x"),
    Asked(labels="app in (x,y)", namespace="other"),
    Asked(labels="app!=x"),
    Asked(labels="app"),
    Asked(labels="!app,tier"),
    Asked(labels="n>1"),
    Asked(labels="app=y,tier notin (1)"),
    Asked(fields="spec.nodeName=n1"),
    Asked(fields="spec.nodeName!=n1,status.phase=Running"),
    Asked(fields="spec.nodeName=", labels="app=x"),
    Asked(fields="metadata.name=p3"),
    Asked(fields="metadata.name=p3", namespace="other"),
    Asked(fields="metadata.namespace=other"),
    Asked(fields="metadata.namespace=other", namespace="default"),
    Asked(fields="metadata.name!=p3,status.phase!=Running"),
)


@pytest.fixture(params=["in memory", "labels in memory", "from the store"])
async def api(
    request: pytest.FixtureRequest,
    serve: Serve,
    other: str,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncGenerator[Caller, None]:
    """Provide servers on each store: with objects in memory, labels alone, or neither."""
    if request.param == "labels in memory":
        monkeypatch.setattr(objects, "_MOST_BYTES", 1000)
        monkeypatch.setattr(objects, "_LABEL", 0)
        monkeypatch.setattr(held, "_FEW", 1)
    async with serve(store=other, watch_cache=request.param != "from the store") as caller:
        await caller.create(caller.make("ns", "other"))
        yield caller


class History:
    """Random changes of a few pods."""

    def __init__(self, api: Caller, seed: int) -> None:
        self._api = api
        self._chance = random.Random(seed)  # repeatable, not secret

    async def step(self) -> None:
        """Make one of the changes; what is refused changes nothing."""
        namespace, name = self._chance.choice(PLACES), f"p{self._chance.randrange(12)}"
        with contextlib.suppress(errors.ApiError):
            await self._change(namespace, name)

    async def _change(self, namespace: str, name: str) -> None:
        api, choice = self._api, self._chance.random()
        if choice < 0.35:
            metadata = {"name": name, "namespace": namespace, "labels": self._labels()}
            spec = {"containers": [{"name": "c", "image": "i"}], "nodeName": self._node()}
            await api.create(api.make("pods", metadata=metadata, spec=spec))
        elif choice < 0.6:
            labels: dict[str, str | None] = dict.fromkeys(("app", "tier", "n"))
            patch = {"metadata": {"labels": labels | self._labels()}}
            await api.patch("pods", name, namespace=namespace, merge_patch=patch)
        elif choice < 0.75:
            pod = await api.get("pods", name, namespace=namespace)
            pod.status.phase = self._chance.choice(("Pending", "Running"))
            await api.write("UpdateStatus", pod)
        elif choice < 0.85:
            await self._evict(namespace, name)
        elif choice < 0.95:
            await api.delete("pods", name, namespace=namespace, grace_period_seconds=0)
        else:
            asked = self._chance.choice(("app=y,tier", "tier=1", "n<2"))
            await api.delete_collection("pods", label_selector=asked, grace_period_seconds=0)

    async def _evict(self, namespace: str, name: str) -> None:
        request = eviction_requests_pb2.EvictRequest()
        request.object.metadata.name, request.object.metadata.namespace = name, namespace
        request.object.delete_options.grace_period_seconds = 0
        await self._api.send("/protocube.core.v1.Pods/Evict", request.SerializeToString())

    def _labels(self) -> dict[str, str]:
        values = {"app": ("x", "y", ""), "tier": ("1", "2"), "n": ("1", "2", "30", "x")}
        return {
            key: self._chance.choice(values[key])
            for key in self._chance.sample(sorted(values), self._chance.randrange(4))
        }

    def _node(self) -> str:
        return self._chance.choice(("", "n1", "n2"))


@pytest.mark.parametrize("seed", range(2))
async def test_lists_choose_as_a_look_at_each_object(api: Caller, seed: int) -> None:
    """At any moment: all that is selected, in order, at the version of the list."""
    history = History(api, seed)
    for _ in range(8):
        for _ in range(12):
            await history.step()
        for asked in ASKED:
            found = await api.list("pods", **asked.options)
            assert list(found.items) == await _naive(api, asked, found), asked


@pytest.mark.parametrize("seed", range(2))
async def test_pages_are_of_one_version_under_a_writer(api: Caller, seed: int) -> None:
    """Pages of a selective list, with changes between them, are the list of their version."""
    history = History(api, 100 + seed)
    for _ in range(40):
        await history.step()
    for asked in ASKED:
        items, token, versions = [], "", set()
        while True:
            page = await api.list("pods", limit=2, continue_token=token, **asked.options)
            items += page.items
            assert len(page.items) <= 2
            versions.add(page.metadata.resource_version)
            is_counted = page.metadata.HasField("remaining_item_count")
            assert not is_counted or asked == ASKED[0], "what selectors choose is not counted"
            token = page.metadata.continue_token
            if not token:
                break
            await history.step()
            await history.step()
        assert len(versions) == 1, asked
        assert items == await _naive(api, asked, page), asked


async def _naive(api: Caller, asked: Asked, found: Any) -> list[Any]:
    """Return what of all objects a look at each chooses, at the version of a list."""
    version = found.metadata.resource_version
    everything = await api.list("pods", resource_version=version, resource_version_match=EXACT)
    return [pod for pod in everything.items if asked.chooses(pod)]


@pytest.mark.parametrize("seed", range(2))
async def test_watches_tell_what_enters_and_leaves(api: Caller, seed: int) -> None:
    """Each selector's events follow from those of a watch without one, as they come and later."""
    history = History(api, 200 + seed)
    for _ in range(30):
        await history.step()
    start = await api.list("pods")
    version = start.metadata.resource_version
    live = [Following(asked) for asked in ASKED]
    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
        tasks = [group.create_task(each.run(api, version)) for each in live]
        for _ in range(120):
            await history.step()
        everything = await _all_events(api, version)
        for each in live:
            wanted = [*_told(each.asked, start.items, everything)]
            later = Following(each.asked)
            tasks.append(group.create_task(later.run(api, version)))
            for following in (each, later):
                await following.reach(len(wanted))
                assert following.events == wanted, each.asked
        for task in tasks:
            task.cancel()


class Following:
    """A watch, and what it has told."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.events: list[tuple[int, Any]] = []
        self._told = asyncio.Event()

    async def run(self, api: Caller, version: str) -> None:
        """Watch until that is cancelled."""
        watch = api.watch("pods", resource_version=version, **self.asked.options)
        async with aclosing(watch) as responses:
            async for response in responses:
                self.events += [(event.type, event.object) for event in response.events]
                self._told.set()

    async def reach(self, count: int) -> None:
        """Wait until so many events were told."""
        while len(self.events) < count:
            self._told.clear()
            await self._told.wait()


async def _all_events(api: Caller, version: str) -> list[tuple[int, Any]]:
    """Return what a watch without selectors has told up to now."""
    now = int((await api.list("pods")).metadata.resource_version)
    found: list[tuple[int, Any]] = []
    watch = api.watch("pods", resource_version=version, send_progress=True, timeout_seconds=3)
    async with aclosing(watch) as responses:
        async for response in responses:
            found += [(event.type, event.object) for event in response.events]
            if int(response.resource_version) >= now:
                break
    return found


def _told(asked: Asked, present: Any, events: list[tuple[int, Any]]) -> Iterator[tuple[int, Any]]:
    """Yield what a watch with selectors has to tell."""
    there = {(pod.metadata.namespace, pod.metadata.name): pod for pod in present}
    for change, pod in events:
        names = pod.metadata.namespace, pod.metadata.name
        before = there.pop(names, None)
        was = before is not None and asked.chooses(before)
        if change == DELETED:
            if was:
                yield DELETED, pod
            continue
        there[names] = pod
        if asked.chooses(pod):
            yield MODIFIED if was else ADDED, pod
        elif was:
            left = type(before)()
            left.CopyFrom(before)
            left.metadata.resource_version = pod.metadata.resource_version
            yield DELETED, left


async def test_a_watch_begins_with_what_is_selected(api: Caller) -> None:
    """The present objects of a selector are those of its list."""
    history = History(api, 300)
    for _ in range(40):
        await history.step()
    for asked in ASKED:
        listed = await api.list("pods", **asked.options)
        found: list[Any] = []
        async with aclosing(api.watch("pods", **asked.options)) as responses:
            async for response in responses:
                assert all(event.type == ADDED for event in response.events)
                found += [event.object for event in response.events]
                if response.resource_version:
                    break
        assert found == list(listed.items), asked


async def test_delete_collection_takes_what_is_selected(api: Caller) -> None:
    """Each selector's objects go, and no others."""
    history = History(api, 400)
    for asked in ASKED:
        for _ in range(25):
            await history.step()
        before = (await api.list("pods")).items
        gone = await api.delete_collection("pods", grace_period_seconds=0, **asked.options)
        assert list(gone.items) == [pod for pod in before if asked.chooses(pod)], asked
        left = (await api.list("pods")).items
        assert list(left) == [pod for pod in before if not asked.chooses(pod)], asked
