"""Going through many objects lets others have their turn, wherever the objects come from."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import pytest

from protocube.core.v1 import config_map_service_pb2 as services
from protocube.meta.v1 import requests_pb2
from protocube_server import turns
from protocube_server.cache import Selection, leaves
from protocube_server.calls.chain import Stages
from protocube_server.calls.user import SYSTEM
from protocube_server.kinds.kind import Kind
from protocube_server.storage.base import Put
from protocube_server.verbs.api import Api
from protocube_server.verbs.entrance import Entrance
from tests.cache.conftest import value

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tests.cache.conftest import Cached

_OBJECTS, _LEAF = 200, 8
_LEAVES = _OBJECTS // _LEAF


class _Work:
    """Counts what is done in each round of the event loop."""

    def __init__(self) -> None:
        self._round = 0
        self._done: Counter[int] = Counter()

    def note(self, *_: Any) -> None:
        """Note that a part of the work begins."""
        self._done[self._round] += 1

    @contextlib.asynccontextmanager
    async def counted(self, *, parts: int, at_once: int = 1) -> AsyncIterator[None]:
        """Have work done in the context: of ``parts`` at least, ``at_once`` in a round at most."""
        self._done.clear()
        task = asyncio.create_task(self._count())
        try:
            yield
        finally:
            task.cancel()
        assert self._done.total() >= parts
        assert max(self._done.values()) <= at_once

    async def _count(self) -> None:
        while True:
            self._round += 1
            await asyncio.sleep(0)


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> _Work:
    """Provide what notes each leaf that is searched, and each object that is read."""
    work = _Work()
    for owner, name in ((Selection, "chosen"), (Kind, "read"), (Kind, "opened")):
        monkeypatch.setattr(owner, name, _noted(getattr(owner, name), work))
    return work


def _noted(act: Callable[..., Any], work: _Work) -> Callable[..., Any]:
    def acting(*given: Any, **named: Any) -> Any:
        work.note()
        return act(*given, **named)

    return acting


@pytest.fixture
async def api(cached: Cached, monkeypatch: pytest.MonkeyPatch) -> Api:
    """Provide an API with objects; all work is over its time at once."""
    monkeypatch.setattr(turns, "SECONDS", 0.0)
    monkeypatch.setattr(leaves, "MOST", _LEAF)
    for begin in range(0, _OBJECTS, 100):
        names = [f"n{number:04}" for number in range(begin, begin + 100)]
        keys = [(cached.kind.key("default", name), name) for name in names]
        await cached.store.write([Put(key=key, value=value(name, label="x")) for key, name in keys])
    return Api(store=cached.store, cache=cached.cache, editions=cached.editions)


def _listed(api: Api, label_selector: str) -> asyncio.Task[bytes]:
    door = Entrance(api, Stages()).door("protocube.core.v1.ConfigMaps", "List")
    assert door is not None
    request = requests_pb2.ListRequest(label_selector=label_selector).SerializeToString()

    async def answer() -> bytes:
        body: bytes = await door.handler(door.call(SYSTEM, request))
        return body

    return asyncio.create_task(answer())


@pytest.mark.parametrize("selector", ["label!=x", "label=y", "!label", "label>1"])
async def test_a_list_from_memory(api: Api, cached: Cached, work: _Work, selector: str) -> None:
    """Between leaves, also where nothing is found and the index is new."""
    await cached.loaded()
    async with work.counted(parts=_LEAVES):
        answer = await _listed(api, selector)
    assert not services.ConfigMapList.FromString(answer).items


async def test_a_list_of_a_cold_kind(api: Api, work: _Work) -> None:
    """Between the objects that the store gives, and those that are loaded behind it."""
    async with work.counted(parts=_OBJECTS, at_once=2):
        answer = await _listed(api, "label=y")
    assert not services.ConfigMapList.FromString(answer).items


@pytest.mark.usefixtures("api")
async def test_what_loads_a_kind(cached: Cached, work: _Work) -> None:
    """Between the objects that it reads."""
    async with work.counted(parts=_OBJECTS):
        await cached.loaded()


async def test_a_list_after_many_writes(api: Api, cached: Cached, work: _Work) -> None:
    """Between what has happened since the last list, and the list sees all of it."""
    await cached.loaded()
    for number in range(_OBJECTS):
        await cached.create(f"later{number:04}", label="y")
    async with work.counted(parts=_OBJECTS, at_once=32):
        await cached.loaded()
    answer = await _listed(api, "label=y")
    assert len(services.ConfigMapList.FromString(answer).items) == _OBJECTS


async def test_the_beginning_of_a_watch(api: Api, cached: Cached, work: _Work) -> None:
    """Between leaves in which nothing is found."""
    await cached.loaded()
    door = Entrance(api, Stages()).door("protocube.core.v1.ConfigMaps", "Watch")
    assert door is not None
    request = requests_pb2.WatchRequest(label_selector="label=y").SerializeToString()
    responses = door.handler(door.call(SYSTEM, request))
    async with aclosing(responses), work.counted(parts=_LEAVES):
        response = services.ConfigMapWatchResponse.FromString(await anext(responses))
    assert not response.events
