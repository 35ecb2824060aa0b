"""Writes that leave an object as it is: no version, no event, in whatever order they say it."""

from __future__ import annotations

import json
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Final

import pytest

from protocube.meta.v1 import requests_pb2

if TYPE_CHECKING:
    from tests.server.caller import Caller

_ENTRIES: Final = {f"key-{number:02}": str(number) for number in range(40)}
_TURNED: Final = dict(reversed(_ENTRIES.items()))
_MAPS: Final = {"labels": "metadata", "annotations": "metadata", "data": ""}


def fields(entries: dict[str, str]) -> dict[str, Any]:
    """Return a ConfigMap with these entries in all of its maps."""
    metadata = {"name": "a", "labels": entries, "annotations": entries}
    return {"metadata": metadata, "data": entries}


def encoded(api: Caller, entries: dict[str, str], *, version: str) -> bytes:
    """Return the bytes of an update, with its entries in just this order.

    No library writes them in the order in which it was given them: a message that is behind
    another one in the bytes is merged into it, so each entry can come with one of its own.
    """
    resource = api.resource("cm")
    made = api.make("cm", "a")
    made.metadata.resource_version = version
    wire: bytes = resource.update_request_class(object=made).SerializeToString()
    for key, value in entries.items():
        part = api.make("cm", **fields({key: value}))
        part.metadata.ClearField("name")
        wire += resource.update_request_class(object=part).SerializeToString()
    return wire


@pytest.mark.parametrize("entries", [_ENTRIES, _TURNED], ids=["in-order", "turned"])
@pytest.mark.parametrize("has_version", [True, False], ids=["of-a-version", "of-any"])
async def test_an_update_in_another_order(
    api: Caller, entries: dict[str, str], *, has_version: bool
) -> None:
    """Entries of a map have no order: labels, annotations and data."""
    made = await api.create(api.make("cm", **fields(_TURNED)))
    version = made.metadata.resource_version if has_version else ""
    wire = encoded(api, entries, version=version)
    method = f"/{api.resource('cm').service}/Update"
    found = type(made).FromString((await api.send(method, wire)).body)
    assert found == made
    await _nothing_happened(api, made)


@pytest.mark.parametrize("form", ["merge_patch", "strategic_merge_patch", "json_patch", "object"])
async def test_a_patch_in_another_order(api: Caller, form: str) -> None:
    """What a patch says is there already, in another order."""
    made = await api.create(api.make("cm", **fields(_ENTRIES)))
    patch: Any = fields(_TURNED)
    if form == "json_patch":
        patch = [
            {"op": "replace", "path": "/data", "value": _TURNED},
            {"op": "replace", "path": "/metadata/labels", "value": _TURNED},
        ]
    options: dict[str, Any] = {form: patch}
    if form == "object":
        mask = {"paths": ["data", "metadata.labels", "metadata.annotations"]}
        options = {"object": api.make("cm", **patch), "update_mask": mask}
    assert await api.patch("cm", "a", **options) == made
    await _nothing_happened(api, made)


async def test_an_apply_in_another_order(api: Caller) -> None:
    """The manifest of its manager, with its entries turned round."""
    wanted = {"apiVersion": "v1", "kind": "ConfigMap", **fields(_ENTRIES)}
    made = await api.apply(wanted)
    turned = {"apiVersion": "v1", "kind": "ConfigMap", **fields(_TURNED)}
    assert json.dumps(turned) != json.dumps(wanted)
    assert await api.apply(turned) == made
    await _nothing_happened(api, made)


async def test_lists_have_an_order(api: Caller) -> None:
    """Where the order means something, another one is a change."""
    made = await api.create(
        api.make("cm", "a", metadata={"finalizers": ["example.com/a", "example.com/b"]})
    )
    made.metadata.finalizers.reverse()
    found = await api.update(made)
    assert found.metadata.resource_version != made.metadata.resource_version


async def _nothing_happened(api: Caller, made: Any) -> None:
    """Check that the object has its version, and that a watch from there on has no event."""
    version = made.metadata.resource_version
    assert await api.get("cm", "a") == made
    await api.create(api.make("cm", "z"))
    async with aclosing(api.watch("cm", resource_version=version)) as responses:
        events = (await anext(responses)).events
    assert [(event.type, event.object.metadata.name) for event in events] == [
        (requests_pb2.EVENT_TYPE_ADDED, "z")
    ]
