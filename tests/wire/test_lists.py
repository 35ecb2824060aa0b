"""Lists and their pages, the same from a store and through a server."""

from __future__ import annotations

import contextlib
from contextlib import aclosing
from typing import TYPE_CHECKING

import pytest

from protocube import errors

if TYPE_CHECKING:
    from tests.wire.everywhere import Everywhere


async def test_a_list_is_of_one_revision(place: Everywhere) -> None:
    """It holds every key in order, with the revision of the newest write."""
    assert (await place.whole()).items == {}
    for name in ("b", "a", "c"):
        newest = await place.subject.create(name, f"of-{name}")
    page = await place.whole()
    assert list(page.items) == ["a", "b", "c"]
    assert (page.revision, page.more) == (newest, False)


async def test_pages_cover_everything_once_at_one_revision(place: Everywhere) -> None:
    """What is written between two pages is in none of them, and what goes stays in them."""
    revisions = {name: await place.subject.create(name, "one") for name in "abcdefg"}
    pages = place.pages(limit=3)
    first = await anext(pages)
    await place.subject.create("cc", "new")
    await place.subject.update("e", "changed", expected=revisions["e"])
    await place.subject.delete("g", expected=revisions["g"])
    seen = dict(first.items)
    async for page in pages:
        assert page.revision == first.revision
        assert not seen.keys() & page.items.keys()
        seen |= page.items
    assert {name: state.revision for name, state in seen.items()} == revisions
    assert list((await place.whole()).items) == ["a", "b", "c", "cc", "d", "e", "f"]


async def test_a_page_behind_a_compaction_is_expired_or_right(place: Everywhere) -> None:
    """A list that was begun before the history was forgotten cannot be gone on with.

    Unless somebody still knows: then the page is of the revision of the first one.
    """
    for name in "abcd":
        await place.subject.create(name, "one")
    async with aclosing(place.pages(limit=2)) as pages:
        assert (await anext(pages)).more
        await place.subject.create("e", "one")
        await place.compact()
        if place.may_remember:
            with contextlib.suppress(errors.Expired):
                assert list((await anext(pages)).items) == ["c", "d"]
        else:
            with pytest.raises(errors.Expired):
                await anext(pages)
    assert list((await place.whole()).items) == list("abcde")
