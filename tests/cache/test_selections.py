"""Watches that differ in one thing share nothing: each gets what it has asked for."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Final

import pytest

from protocube.catalog import Catalog
from protocube.core.v1 import config_map_service_pb2 as services
from protocube_server.builtin.functions import FUNCTIONS
from protocube_server.cache import Selection
from protocube_server.cache.log import Entry
from protocube_server.kinds.registry import Registry
from protocube_server.storage.base import Event, Put, Record, Revision
from tests.cache.conftest import value

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from protocube_server.kinds.kind import Kind
    from tests.cache.conftest import Cached

_PATIENCE = 20.0
_BEGIN: Final[dict[str, Any]] = {"namespace": "default"}
_OTHERS: Final[dict[str, dict[str, Any]]] = {
    "namespace": {"namespace": "other"},
    "all-namespaces": {"namespace": ""},
    "labels": {"labels": "label=x"},
    "other-labels": {"labels": "label=y"},
    "fields": {"fields": "metadata.name=a"},
    "other-fields": {"fields": "metadata.name=b"},
    "unequal-fields": {"fields": "metadata.name!=a"},
    "owners": {"with_owners": True},
    "metadata": {"metadata_only": True},
}
"""What a selection may differ in from that of all in ``default``, and from each other."""


def _events(kind: Kind) -> Revision:
    """Return one revision in which objects of two namespaces are made."""
    events = []
    for namespace, name, label in (
        ("default", "a", "x"),
        ("default", "b", "y"),
        ("other", "o", "x"),
    ):
        key = kind.key(namespace, name)
        record = Record(
            key=key,
            value=value(name, "text", label),
            create_revision=5,
            mod_revision=5,
            version=1,
        )
        events.append(Event(key=key, revision=5, record=record, previous=None))
    return Revision(number=5, events=tuple(events))


@pytest.mark.parametrize("first", [{}, *_OTHERS.values()], ids=["all", *_OTHERS])
@pytest.mark.parametrize("second", [{}, *_OTHERS.values()], ids=["all", *_OTHERS])
def test_an_entry_gives_each_what_it_selects(
    registry: Registry, first: dict[str, Any], second: dict[str, Any]
) -> None:
    """What was encoded for one is not given to another that was asked for in other words."""
    kind = registry.for_message("protocube.core.v1.ConfigMap")
    assert kind is not None
    one, two = (Selection(kind, **{**_BEGIN, **options}) for options in (first, second))
    again = Selection(kind, **{**_BEGIN, **second})
    assert (one == two) == (hash(one) == hash(two)) == (first == second)
    assert two == again
    revision = _events(kind)
    entry = Entry(revision)
    entry.responses(one)
    for index in range(len(revision.events)):
        _ = entry.seen(kind, index).facts  # Readers who were woken have looked at them.
    assert entry.responses(two) == Entry(revision).responses(two)


def test_a_kind_that_was_replaced_is_another(registry: Registry) -> None:
    """What replaces it may read the same bytes otherwise."""
    other = Registry(Catalog.shipped(), "/registry", FUNCTIONS)
    kinds = [each.for_message("protocube.core.v1.ConfigMap") for each in (registry, other)]
    one, two = (Selection(kind) for kind in kinds if kind is not None)
    assert one != two


async def test_of_one_revision_each_gets_its_own(cached: Cached) -> None:
    """A set that writes into two namespaces is told to watches of either, and not whole."""
    await cached.loaded()
    begin = await cached.store.revision()
    watches: dict[str, dict[str, Any]] = {
        "default": {"namespace": "default"},
        "other": {"namespace": "other"},
        "a": {"namespace": "default", "fields": "metadata.name=a"},
        "b": {"namespace": "default", "fields": "metadata.name=b"},
        "x": {"namespace": "", "labels": "label=x"},
        "none": {"namespace": "none"},
    }

    async def read(options: dict[str, Any]) -> list[str]:
        selection = Selection(cached.kind, **options)
        incarnation = cached.store.incarnation
        watch = cached.cache.watch(selection, after=begin, incarnation=incarnation, progress=None)
        return await _until(watch, "last")

    # Twice: they wait side by side, and the end of one must not be that of the other.
    names = [*watches, *watches]
    reading = [asyncio.create_task(read(watches[name])) for name in names]
    for _ in range(20):
        await asyncio.sleep(0)
    events = _events(cached.kind).events
    puts = [Put(key=each.key, value=each.record.value) for each in events if each.record]
    await cached.store.write(puts)
    # What all of them select, so that none waits for what does not come.
    for namespace in ("default", "other", "none"):
        for name in "ab":
            text = value(name, "last", "x")
            await cached.store.write([Put(key=cached.kind.key(namespace, name), value=text)])
    expected = {
        "default": ["a", "b"],
        "other": ["o"],
        "a": ["a"],
        "b": ["b"],
        "x": ["a", "o"],
        "none": [],
    }
    for name, task in zip(names, reading, strict=True):
        assert (name, await task) == (name, expected[name])


async def _until(watch: AsyncGenerator[bytes, None], text: str) -> list[str]:
    """Return what is told before the first object with a text."""
    found: list[str] = []
    async with asyncio.timeout(_PATIENCE), aclosing(watch) as responses:
        async for response in responses:
            for event in services.ConfigMapWatchResponse.FromString(response).events:
                if event.object.data["text"] == text:
                    return found
                found.append(event.object.metadata.name)
    raise AssertionError("a watch does not end by itself")
