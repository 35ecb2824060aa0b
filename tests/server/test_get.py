"""Get: one object, not parsed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors
from protocube_server.storage import url

if TYPE_CHECKING:
    from protocube_server.settings import Settings
    from tests.server.caller import Caller
    from tests.server.conftest import Serve
    from tests.server.repeating import Served


async def test_gives_the_object_as_it_was_created(api: Caller) -> None:
    """A Get answers with what the Create answered, resource version included."""
    created = await api.create(api.make("cm", "a", data={"k": "v"}))
    assert await api.get("cm", "a") == created


async def test_gives_back_what_is_stored(serve: Serve, settings: Settings) -> None:
    """Bytes behind the metadata come back as they lie in the store, understood or not."""
    async with serve() as api:
        await api.create(api.make("cm", "a"))
    opened = await url.open_store(settings.store)
    key = b"/registry/configmaps/default/a"
    record = await opened.store.get(key)
    assert record is not None
    behind = b"\xfa\x7c\x03abc"  # A field of number 1999.
    changed = await opened.store.update(key, record.value + behind, expected=record.mod_revision)
    await opened.store.close()
    async with serve() as api:
        reply = await api.send("/protocube.core.v1.ConfigMaps/Get", b"\n\x01a")
    assert reply.body.endswith(behind)
    found: Any = api.resource("cm").message_class.FromString(reply.body.removesuffix(behind))
    assert found.metadata.resource_version == str(changed.mod_revision)


async def test_an_empty_namespace_is_default(api: Caller) -> None:
    """An object without a namespace is found in ``default``, and by its name there."""
    created = await api.create(api.make("cm", "a"))
    assert created.metadata.namespace == "default"
    assert await api.get("cm", "a", namespace="default") == created


async def test_a_missing_object_is_not_found(api: Caller) -> None:
    """The error names the plural and the name, as kubectl prints them."""
    with pytest.raises(errors.NotFound, match=r'^configmaps "nope" not found$') as caught:
        await api.get("cm", "nope")
    assert (caught.value.resource, caught.value.name) == ("configmaps", "nope")


async def test_a_namespace_of_a_cluster_scoped_kind_is_ignored(api: Caller) -> None:
    """A cluster-scoped object is found whatever namespace is named."""
    found = await api.get("ns", "default", namespace="elsewhere")
    assert found.metadata.name == "default"


async def test_a_name_is_required(api: Caller) -> None:
    """A Get without a name is not understood."""
    with pytest.raises(errors.BadRequest, match="resource name may not be empty"):
        await api.get("cm", "")


@pytest.mark.parametrize("name", ["..", ".", "a/b", "../namespaces/default", "a\0b"])
async def test_a_name_cannot_leave_its_collection(api: Caller, name: str) -> None:
    """A name that is not one path segment is refused before it becomes a key."""
    with pytest.raises(errors.BadRequest, match="one path segment"):
        await api.get("cm", name)
    with pytest.raises(errors.BadRequest, match="one path segment"):
        await api.get("cm", "a", namespace=name)


async def test_a_version_of_the_future_is_a_timeout(api: Caller) -> None:
    """An answer that is not older than a version to come does not exist yet."""
    created = await api.create(api.make("cm", "a"))
    now = int(created.metadata.resource_version)
    for name in ("a", "nope"):
        said = f"^Timeout: Too large resource version: {now + 9}, current: {now}$"
        with pytest.raises(errors.Timeout, match=said) as caught:
            await api.get("cm", name, resource_version=str(now + 9))
        (cause,) = caught.value.violations
        assert cause.reason == "ResourceVersionTooLarge"


async def test_a_version_of_the_past_is_satisfied(api: Caller) -> None:
    """Anything newer than the version asked for is new enough."""
    created = await api.create(api.make("cm", "a"))
    await api.create(api.make("cm", "b"))
    for version in ("", "0", "1", created.metadata.resource_version):
        assert await api.get("cm", "a", resource_version=version) == created


@pytest.mark.parametrize("version", ["x", "-1", "1.5", "99999999999999999999", "\u0663"])
async def test_a_version_that_is_no_number_is_refused(api: Caller, version: str) -> None:
    """A resource version is text to clients, but not any text."""
    with pytest.raises(errors.BadRequest, match=r"^invalid resource version: resourceVersion: "):
        await api.get("cm", "a", resource_version=version)


async def test_an_object_is_read_as_it_was(served: Served) -> None:
    """Also one that is deleted now, and not what is called longer."""
    api = served.caller
    first = await api.create(api.make("cm", "a", data={"k": "1"}))
    await api.create(api.make("cm", "a-b"))
    second = await api.patch("cm", "a", merge_patch='{"data": {"k": "2"}}')
    await api.delete("cm", "a")

    async def then(version: str, **options: Any) -> Any:
        return await api.get("cm", "a", at_revision=version, **options)

    at = first.metadata.resource_version
    assert await then(at) == first
    assert await then(second.metadata.resource_version) == second
    head = await then(at, metadata_only=True)
    assert (head.metadata, dict(head.data)) == (first.metadata, {})
    for version in (str(int(at) - 1), str(await served.store.revision())):
        with pytest.raises(errors.NotFound):
            await then(version)


async def test_a_version_that_cannot_be_read_is_told_of(served: Served) -> None:
    """One of the future, one that is forgotten, one that is none, and two at a time."""
    api = served.caller
    made = await api.create(api.make("cm", "a"))
    first = made.metadata.resource_version
    await api.patch("cm", "a", merge_patch='{"data": {"k": "2"}}')
    newest = await served.store.revision()
    await served.store.compact(newest)
    told = f"^the version {first} is older than the history that the server keeps"
    with pytest.raises(errors.Expired, match=told):
        await api.get("cm", "a", at_revision=first)
    with pytest.raises(errors.Timeout, match="Too large resource version"):
        await api.get("cm", "a", at_revision=str(newest + 100))
    with pytest.raises(errors.BadRequest, match="invalid resource version"):
        await api.get("cm", "a", at_revision="x")
    with pytest.raises(errors.BadRequest, match="cannot both be given"):
        await api.get("cm", "a", at_revision=str(newest), resource_version=first)
