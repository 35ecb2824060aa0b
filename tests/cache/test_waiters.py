"""Who is woken by an event: everybody whom it concerns, and few others."""

from __future__ import annotations

import asyncio
import random
from contextlib import aclosing
from typing import TYPE_CHECKING

import pytest

from protocube.core.v1 import config_map_service_pb2 as services
from protocube_server.cache import Selection, log
from protocube_server.cache.log import Log
from protocube_server.storage.base import Event, Record, Revision
from tests.cache.conftest import value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube_server.kinds.kind import Kind
    from protocube_server.kinds.registry import Registry
    from tests.cache.conftest import Cached

_PATIENCE = 20.0
_NAMES, _LABELS, _PLACES = "abc", ("", "x", "y"), ("default", "other")


@pytest.fixture
def kind(registry: Registry) -> Kind:
    """Provide the kind ConfigMap."""
    return next(kind for kind in registry if kind.resource.kind == "ConfigMap")


def _selections(kind: Kind) -> Iterator[Selection]:
    for namespace in ("", *_PLACES):
        for labels in ("", "label=x", "label=", "label in (x)", "label in (x,y)", "label!=x"):
            for fields in ("", "metadata.name=a", "metadata.name!=a", "metadata.namespace=other"):
                yield Selection(kind, namespace=namespace, labels=labels, fields=fields)
        yield Selection(kind, namespace=namespace, labels="!label")
        yield Selection(kind, namespace=namespace, labels="label=x,other=z")


def _events(kind: Kind, seed: int) -> Iterator[Revision]:
    """Yield what happens to a few objects, some of whose values are damaged or not known."""
    choose = random.Random(seed)  # repeatable, not secret
    there: dict[bytes, Record] = {}
    for number in range(1, 60):
        events = []
        for name in choose.sample(_NAMES, choose.choice((1, 1, 2))):
            key = kind.key(choose.choice(_PLACES), name)
            before = there.pop(key, None)
            record = None
            if before is None or choose.random() < 0.7:
                body = value(name, label=choose.choice(_LABELS))
                record = there[key] = Record(
                    key=key,
                    value=choose.choice((body, body, body, b"\xff" + body)),
                    create_revision=before.create_revision if before else number,
                    mod_revision=number,
                    version=before.version + 1 if before else 1,
                )
            known = before if choose.random() < 0.9 else None
            events.append(Event(key=key, revision=number, record=record, previous=known))
        yield Revision(number=number, events=tuple(events))


@pytest.mark.parametrize("seed", range(10))
def test_everybody_whom_it_concerns_is_woken(kind: Kind, seed: int) -> None:
    """Who gets something of a revision, or an error, was woken, and begins to read there."""

    async def run() -> None:
        kept = Log(since=0)
        for place, revision in enumerate(_events(kind, seed)):
            waiters = [kept.wait(selection) for selection in _selections(kind)]
            kept.append(revision)
            for waiter in waiters:
                if _concerns(revision, waiter.selection):
                    assert waiter.woken.done(), (waiter.selection._asked, revision)
                    assert waiter.place == place
                    assert waiter.seen == revision.number - 1
                goes_on, seen = kept.leave(waiter)
                assert (goes_on, seen) in ((place, place), (place + 1, place + 1))
        assert not [*kept._waiters.all()]
        assert not kept._waiters._by_kind, "what nobody waits for any more is still there"

    asyncio.run(run())


def _concerns(revision: Revision, selection: Selection) -> bool:
    """Tell whether a reader alone, to whom nothing is known of the facts, gets anything."""
    try:
        return bool(log.Entry(revision).responses(selection))
    except Exception:  # noqa: BLE001  # an error is news, too
        return True


def test_nobody_else_is_woken(kind: Kind) -> None:
    """An event of one object wakes none of those who ask for another by an equality."""

    async def run() -> None:
        kept = Log(since=0)
        asked = [Selection(kind, fields=f"metadata.name=n{number}") for number in range(1000)]
        asked += [Selection(kind, namespace=f"s{number}") for number in range(1000)]
        asked += [Selection(kind, labels=f"label=l{number}") for number in range(1000)]
        waiters = [kept.wait(selection) for selection in asked]
        key = kind.key("s7", "n5")
        record = Record(
            key=key, value=value("n5", label="l3"), create_revision=1, mod_revision=1, version=1
        )
        event = Event(key=key, revision=1, record=record, previous=None)
        kept.append(Revision(number=1, events=(event,)))
        woken = [place for place, waiter in enumerate(waiters) if waiter.woken.done()]
        assert woken == [5, 1007, 2003]

    asyncio.run(run())


async def test_who_is_not_woken_need_not_read_what_was_dropped(
    cached: Cached, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others' events fill the log and are compacted away: the watch goes on as if it had read."""
    monkeypatch.setattr(log, "_MOST_REVISIONS", 4)
    first = await cached.create("first", label="mine")
    selection = Selection(cached.kind, namespace="default", labels="label=mine")
    watch = cached.cache.watch(
        selection,
        after=first.mod_revision - 1,
        incarnation=cached.store.incarnation,
        progress=None,
    )

    async def following() -> list[str]:
        async with asyncio.timeout(_PATIENCE):
            response = services.ConfigMapWatchResponse.FromString(await anext(watch))
        return [event.object.metadata.name for event in response.events]

    async with aclosing(watch):
        assert await following() == ["first"]
        waiting = asyncio.create_task(following())
        for number in range(20):
            last = await cached.create(f"other{number}", label="other")
        feed = cached.cache._feed
        async with asyncio.timeout(_PATIENCE):
            while feed.position < last.mod_revision:
                await feed._moved.wait()
        await cached.store.compact(last.mod_revision)
        await cached.create("second", label="mine")
        assert await waiting == ["second"]
