"""Watches with a selector over a compaction: they go on where they can, or say that they cannot.

Without the watch cache, which would still have what the store has forgotten.
"""

from __future__ import annotations

import asyncio
import dataclasses
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors
from protocube.meta.v1 import requests_pb2
from tests.server.caller import SECONDS

if TYPE_CHECKING:
    from protocube_server.settings import Settings
    from tests.server.repeating import Served

ADDED = requests_pb2.EVENT_TYPE_ADDED
MODIFIED = requests_pb2.EVENT_TYPE_MODIFIED
DELETED = requests_pb2.EVENT_TYPE_DELETED


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Provide settings of a server whose watches are those of its store."""
    return dataclasses.replace(settings, watch_cache=False)


async def written(served: Served, *labels: str | None) -> list[str]:
    """Write an object with these labels one after the other; return the versions."""
    api, versions = served.caller, list[str]()
    for label in labels:
        if label is None:
            item = await api.delete("cm", "a")
        elif not versions:
            item = await served.make(metadata={"labels": {"in": label}})
        else:
            patch = {"metadata": {"labels": {"in": label}}, "data": {"at": str(len(versions))}}
            item = await api.patch("cm", "a", namespace="default", merge_patch=patch)
        versions.append(item.metadata.resource_version)
    return versions


async def told(served: Served, label: str, after: str, count: int) -> list[tuple[int, str]]:
    """Return types and labels of the first events behind a version."""
    found: list[tuple[int, str]] = []
    watch = served.caller.watch("cm", label_selector=f"in={label}", resource_version=after)
    async with asyncio.timeout(SECONDS), aclosing(watch) as responses:
        while len(found) < count:
            found += _events(await anext(responses))
    return found


async def test_from_the_compacted_version_on_nothing_is_missing(served: Served) -> None:
    """The state at that version is kept: what left a selection, or came into it, is told."""
    versions = await written(served, "x", "y", "x", "y", "y")
    await served.store.compact(int(versions[1]))
    assert await told(served, "x", versions[1], 2) == [(ADDED, "x"), (DELETED, "x")]
    assert await told(served, "y", versions[1], 3) == [
        (DELETED, "y"),
        (ADDED, "y"),
        (MODIFIED, "y"),
    ]


async def test_an_object_that_went_by_is_told_by_its_last_state(served: Served) -> None:
    """One that was there at the compacted version is deleted as it was then."""
    versions = await written(served, "x", "y", "x", None)
    await served.store.compact(int(versions[2]))
    assert await told(served, "x", versions[2], 1) == [(DELETED, "x")]


@pytest.mark.parametrize("label", ["x", "y"])
async def test_from_before_it_is_expired(served: Served, label: str) -> None:
    """Also where nothing that was compacted was selected: that cannot be known any more."""
    versions = await written(served, "x", "y", "x", "y")
    await served.store.compact(int(versions[2]))
    for version in versions[:2]:
        with pytest.raises(errors.Expired, match=rf"^too old resource version: {version} \("):
            await told(served, label, version, 1)


@pytest.mark.parametrize("label", ["x", "y"])
async def test_a_watch_that_is_open_goes_on(served: Served, label: str) -> None:
    """What it was told before the compaction is what the next event is held against."""
    await written(served, "x")
    found: list[tuple[int, str]] = []
    watch = served.caller.watch("cm", label_selector=f"in={label}")
    wanted = {
        "x": [(ADDED, "x"), (DELETED, "x"), (ADDED, "x")],
        "y": [(ADDED, "y"), (DELETED, "y")],
    }[label]
    async with asyncio.timeout(SECONDS), aclosing(watch) as responses:
        found += _events(await anext(responses))
        for new in "yx":
            patch = {"metadata": {"labels": {"in": new}}}
            await served.caller.patch("cm", "a", namespace="default", merge_patch=patch)
            found += _events(await anext(responses))
            await served.store.compact(await served.store.revision())
    assert found == wanted


def _events(response: Any) -> list[tuple[int, str]]:
    return [(event.type, event.object.metadata.labels["in"]) for event in response.events]
