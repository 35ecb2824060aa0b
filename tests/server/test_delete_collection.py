"""DeleteCollection: every object that a list gives."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors
from protocube_server.calls.limits import Limits

if TYPE_CHECKING:
    from tests.server.caller import Caller
    from tests.server.conftest import Serve

HOLD = ["example.com/hold"]


async def test_deletes_what_matches(api: Caller) -> None:
    """Namespace, labels and fields choose; the answer lists what was deleted."""
    await api.create(api.make("ns", "other"))
    for name, namespace, app in (
        ("a", "default", "x"),
        ("b", "default", "y"),
        ("c", "other", "x"),
    ):
        metadata = {"name": name, "namespace": namespace, "labels": {"app": app}}
        await api.create(api.make("cm", metadata=metadata))
    listed = await api.list("cm", namespace="default", label_selector="app=x")
    gone = await api.delete_collection("cm", namespace="default", label_selector="app=x")
    assert [item.metadata.name for item in gone.items] == ["a"]
    assert list(gone.items) == list(listed.items), "they are listed as they were"
    assert (gone.api_version, gone.kind) == ("v1", "ConfigMapList")
    assert int(gone.metadata.resource_version) > 0
    await api.delete_collection("cm", field_selector="metadata.name=b")
    assert [item.metadata.name for item in (await api.list("cm")).items] == ["c"]


async def test_reaches_beyond_a_page(api: Caller) -> None:
    """All of many objects go, in every namespace."""
    names = [f"cm-{number:03}" for number in range(250)]
    await asyncio.gather(*(api.create(api.make("cm", name)) for name in names))
    gone = await api.delete_collection("cm")
    assert [item.metadata.name for item in gone.items] == names
    assert not (await api.list("cm")).items


@pytest.mark.parametrize("watch_cache", [True, False])
async def test_of_one_name_is_one_page(serve: Serve, *, watch_cache: bool) -> None:
    """There is nothing to go on with, whatever comes behind it."""
    async with serve(watch_cache=watch_cache) as api:
        for name in "abc":
            await api.create(api.make("cm", name))
        found = {"namespace": "default", "field_selector": "metadata.name=a", "limit": 1}
        gone = await api.delete_collection("cm", **found)
        assert [item.metadata.name for item in gone.items] == ["a"]
        assert not gone.metadata.continue_token


async def test_goes_page_by_page(api: Caller) -> None:
    """With a limit it deletes a page, and answers with where and how much to go on."""
    for name in "abcde":
        await api.create(api.make("cm", name, metadata={"labels": {"half": str(name > "c")}}))
    first = await api.delete_collection("cm", limit=2)
    assert [item.metadata.name for item in first.items] == ["a", "b"]
    assert first.metadata.remaining_item_count == 3
    token = first.metadata.continue_token
    rest = await api.delete_collection("cm", limit=1, continue_token=token)
    assert [item.metadata.name for item in rest.items] == ["c"]
    assert rest.metadata.resource_version == first.metadata.resource_version
    last = await api.delete_collection("cm", limit=2, label_selector="half=True")
    assert [item.metadata.name for item in last.items] == ["d", "e"]
    assert not last.metadata.continue_token, "nothing is left that is selected"
    with pytest.raises(errors.BadRequest, match="limit must not be negative"):
        await api.delete_collection("cm", limit=-1)


async def test_ends_a_page_where_a_list_does(api: Caller) -> None:
    """What is behind a full page is not looked at, unless the object was named."""
    for name in "abc":
        await api.create(api.make("cm", name))
    for selector, goes_on in (
        ("metadata.name!=b,metadata.name!=c", True),
        ("metadata.name=a", False),
    ):
        options = {"namespace": "default", "limit": 1, "field_selector": selector}
        listed = await api.list("cm", **options)
        deleted = await api.delete_collection("cm", dry_run=True, **options)
        assert deleted == listed
        assert bool(deleted.metadata.continue_token) == goes_on, selector


async def test_only_asks_what_has_finalizers(api: Caller) -> None:
    """Objects with finalizers stay, marked."""
    await api.create(api.make("cm", metadata={"name": "a", "finalizers": HOLD}))
    await api.create(api.make("cm", "b"))
    await api.delete_collection("cm")
    (left,) = (await api.list("cm")).items
    assert left.metadata.name == "a"
    assert left.metadata.HasField("deletion_timestamp")


async def test_dry_run_changes_nothing(api: Caller) -> None:
    """A dry run lists what would go."""
    made = await api.create(api.make("cm", "a"))
    gone = await api.delete_collection("cm", dry_run=True)
    assert list(gone.items) == [made]
    assert await api.get("cm", "a") == made


async def test_is_refused_for_namespaces(api: Caller) -> None:
    """Namespaces have no such method, as in Kubernetes."""
    with pytest.raises(errors.MethodNotSupported, match="does not allow this method"):
        await api.delete_collection("ns")
    assert not any(
        item.metadata.HasField("deletion_timestamp") for item in (await api.list("ns")).items
    )


async def test_answers_in_one_message(serve: Serve) -> None:
    """When not all fit into the answer, all go and a warning counts the others."""
    async with serve(limits=Limits(response=64 * 1024)) as api:
        for name in "abcd":
            await api.create(api.make("cm", name, data={"k": "x" * 20_000}))
        reply = await api.send("/protocube.core.v1.ConfigMaps/DeleteCollection", b"")
        listed: Any = api.resource("cm").list_class.FromString(reply.body)
        assert len(listed.items) == 2
        assert reply.warnings == (
            "2 deleted objects are not listed: the answer would be too large",
        )
        assert not (await api.list("cm")).items
