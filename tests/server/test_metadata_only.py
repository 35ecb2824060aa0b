"""Answers with nothing of the objects but their type and metadata."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import pytest

from protocube.meta.v1 import requests_pb2

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tests.server.caller import Caller
    from tests.server.conftest import Serve


def metadata_of(item: Any) -> Any:
    """Return the object without the rest."""
    found = type(item)(api_version=item.api_version, kind=item.kind)
    found.metadata.CopyFrom(item.metadata)
    return found


@pytest.fixture(params=["cached", "from the store"])
async def api(
    request: pytest.FixtureRequest, serve: Serve, other: str
) -> AsyncGenerator[Caller, None]:
    """Provide a server on each store that answers from memory, and one that asks its store."""
    async with serve(store=other, watch_cache=request.param == "cached") as caller:
        yield caller


async def _filled(api: Caller) -> list[Any]:
    made = [
        await api.create(
            api.make("cm", metadata={"name": name, "labels": {"of": name}}, data={"k": "x" * 500})
        )
        for name in ("a", "b", "c")
    ]
    await api.list("cm")  # The cache loads them behind it.
    return made


async def test_get_answers_them(api: Caller) -> None:
    """One object, without what it holds."""
    made = (await _filled(api))[0]
    assert await api.get("cm", "a", metadata_only=True) == metadata_of(made)


async def test_lists_answer_them(api: Caller) -> None:
    """Pages, selectors and versions are those of any list; more objects have room in a page."""
    made = await _filled(api)
    page = await api.list("cm", metadata_only=True)
    assert list(page.items) == [metadata_of(item) for item in made]
    assert page.ByteSize() < 1000
    first = await api.list("cm", metadata_only=True, limit=2)
    assert list(first.items) == [metadata_of(item) for item in made[:2]]
    assert first.metadata.remaining_item_count == 1
    selected = await api.list("cm", metadata_only=True, label_selector="of in (b, c)", limit=1)
    assert list(selected.items) == [metadata_of(made[1])]


async def test_selectors_look_at_the_whole_object(api: Caller) -> None:
    """A field that is not answered can be selected by."""
    await api.create(api.make("secrets", "a", type="example.com/on"))
    await api.create(api.make("secrets", "b"))
    page = await api.list("secrets", metadata_only=True, field_selector="type=example.com/on")
    assert [item.metadata.name for item in page.items] == ["a"]
    assert not page.items[0].type


async def test_watches_tell_them(api: Caller) -> None:
    """What is there, what changes and what goes; another watch of the same sees all of it."""
    made = await _filled(api)
    async with (
        aclosing(api.watch("cm", metadata_only=True)) as short,
        aclosing(api.watch("cm")) as whole,
    ):
        assert [event.object for event in (await anext(short)).events] == [
            metadata_of(item) for item in made
        ]
        assert [event.object for event in (await anext(whole)).events] == made
        made[0].data["k"] = "y"
        changed = await api.update(made[0])
        assert (await anext(short)).events[0].object == metadata_of(changed)
        assert (await anext(whole)).events[0].object == changed
        gone = await api.delete("cm", "b")
        (event,) = (await anext(short)).events
        assert event.type == requests_pb2.EVENT_TYPE_DELETED
        assert event.object == metadata_of(gone)


async def test_they_can_tell_who_owns_the_fields(api: Caller) -> None:
    """That is metadata, too."""
    await _filled(api)
    found = await api.get("cm", "a", metadata_only=True, include_managed_fields=True)
    assert found.metadata.managed_fields
    assert not found.data
    page = await api.list("cm", metadata_only=True, include_managed_fields=True)
    assert page.items[0] == found
