"""What watches begin with: in turns, so that many of them hold up nobody."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import aclosing
from typing import TYPE_CHECKING

from protocube.core.v1.config_map_service_pb2 import ConfigMapWatchResponse
from protocube.meta.v1 import requests_pb2
from protocube_server.calls.chain import Stages
from protocube_server.calls.user import SYSTEM
from protocube_server.seats import Seats
from protocube_server.storage.base import Put
from protocube_server.verbs.api import Api
from protocube_server.verbs.entrance import Entrance
from tests.cache.conftest import value

if TYPE_CHECKING:
    from tests.cache.conftest import Cached

_OBJECTS, _WATCHES = 1000, 20
_PAGES = 2
"""Of what one of the watches begins with."""


class _Turns(Seats):
    """A seat that notes in which turn of the event loop it was taken."""

    def __init__(self) -> None:
        super().__init__(1)
        self.now = 0
        self.taken: list[int] = []

    async def count(self) -> None:
        """Count turns. Cancel it."""
        while True:
            self.now += 1
            await asyncio.sleep(0)

    async def take(self, *, first: bool = False) -> None:
        """Note the turn."""
        await super().take(first=first)
        self.taken.append(self.now)


async def test_many_watches_begin_page_by_page(cached: Cached) -> None:
    """The event loop gets round to others between the pages of all watches together."""
    names = [f"a-{number:04}" for number in range(_OBJECTS)]
    for begin in range(0, _OBJECTS, 100):
        keys = [(cached.kind.key("default", name), name) for name in names[begin : begin + 100]]
        await cached.store.write([Put(key=key, value=value(name)) for key, name in keys])
    await cached.loaded()
    turns = _Turns()
    api = Api(store=cached.store, cache=cached.cache, editions=cached.editions, beginnings=turns)
    door = Entrance(api, Stages()).door("protocube.core.v1.ConfigMaps", "Watch")
    assert door is not None
    request = requests_pb2.WatchRequest(namespace="default").SerializeToString()

    async def first() -> bytes:
        async with aclosing(door.handler(door.call(SYSTEM, request))) as responses:
            response: bytes = await anext(responses)
            return response

    counting = asyncio.create_task(turns.count())
    found = await asyncio.gather(*(first() for _ in range(_WATCHES)))
    counting.cancel()
    for response in found:
        events = ConfigMapWatchResponse.FromString(response).events
        assert [event.object.metadata.name for event in events] == names
        assert {event.type for event in events} == {requests_pb2.EVENT_TYPE_ADDED}
    assert len(turns.taken) == _WATCHES * _PAGES
    # One that is released late in a turn may be taken once more before the next is counted.
    most = max(Counter(turns.taken).values())
    assert most <= 2, f"{most} pages were made in one turn of the loop"
