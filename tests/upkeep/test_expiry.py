"""The records of requests are removed when they are old, and by the leader alone."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

import pytest

from protocube_server.storage import keys
from protocube_server.storage.base import GuardFailed
from protocube_server.upkeep.expiry import Expiry, expiring
from tests.upkeep.conftest import KEY, PATIENCE, taking_part

if TYPE_CHECKING:
    from protocube_server.storage.base import Store

AREA = keys.system("/registry", keys.Area.REQUESTS) + b"/"


def _record(name: str) -> bytes:
    return keys.system("/registry", keys.Area.REQUESTS, name)


async def _left(store: Store) -> list[str]:
    page = await store.list(AREA)
    return [record.key.removeprefix(AREA).decode() for record in page.records]


async def test_what_is_old_is_removed_in_batches(store: Store) -> None:
    """Up to a revision, over several pages; what is newer and what is no record stays."""
    async with taking_part(store) as (server,):
        server.start()
        term = await server.led()
        other = keys.system("/registry", keys.Area.RESERVATIONS, "a")
        await store.create(other, b"")
        await asyncio.gather(*(store.create(_record(f"{n:03}"), b"x") for n in range(230)))
        newest = await store.revision()
        await store.create(_record("115-new"), b"x")
        assert await Expiry(store, "/registry", term).remove(newest) == 230
        assert await _left(store) == ["115-new"]
        assert await store.get(other) is not None


async def test_a_server_that_does_not_lead_any_more_removes_nothing(store: Store) -> None:
    """Each removal is under the guard of its term."""
    async with taking_part(store) as (server,):
        server.start()
        term = await server.led()
        await store.create(_record("a"), b"x")
        claim = await store.get(KEY)
        assert claim is not None
        taken = claim.value.replace(b'"holder": "a"', b'"holder": "b"')
        assert taken != claim.value
        await store.delete(KEY)
        await store.create(KEY, taken)
        with pytest.raises(GuardFailed):
            await Expiry(store, "/registry", term).remove(await store.revision())
        assert await _left(store) == ["a"]


async def test_a_record_is_kept_for_its_time(store: Store) -> None:
    """It is there until the leader has led for so long, and is gone a turn later."""
    keep = 1.0
    now = asyncio.get_running_loop().time
    async with taking_part(store) as (server,):
        await store.create(_record("a"), b"x")
        begun = now()
        async with aclosing(store.watch(AREA, after=await store.revision())) as changes:
            server.start(expiring(store, "/registry", keep))
            async with asyncio.timeout(PATIENCE):
                (event,) = (await anext(changes)).events
        assert event.record is None
        assert now() - begun >= keep
