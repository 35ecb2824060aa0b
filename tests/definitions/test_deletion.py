"""A kind goes with its objects, and tells what holds it up."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors
from protocube.meta.v1 import requests_pb2
from tests import machines
from tests.definitions.defining import NAME

if TYPE_CHECKING:
    from tests.definitions.defining import Definer


async def test_the_objects_go_and_then_the_definition(definer: Definer) -> None:
    """A watch sees each object deleted, and ends; the name is free then."""
    await definer.define()
    caller = await definer.knowing()
    for index in range(30):
        await caller.create(caller.make("machines", f"m{index}"))
    deleted: set[str] = set()
    async with aclosing(caller.watch("machines")) as responses:
        assert len((await anext(responses)).events) == 30
        # A watch goes on over a change of the schema, and ends with the kind all the same.
        await definer.redefine(machines.of_sizes(["small", "huge"]))
        await definer.base.delete("definitions", NAME)
        while len(deleted) < 30:
            for event in (await anext(responses)).events:
                assert event.type == requests_pb2.EVENT_TYPE_DELETED
                deleted.add(event.object.metadata.name)
        with pytest.raises(errors.NotFound, match="definition was deleted"):
            await anext(responses)
    await definer.base.until_gone("definitions", NAME)
    with pytest.raises(errors.MethodNotSupported):
        await caller.list("machines")
    await definer.define()
    assert not (await caller.list("machines")).items


async def test_what_holds_up_the_end_is_named(definer: Definer) -> None:
    """An object with a finalizer keeps the kind, creates are refused, and its end ends it."""
    await definer.define()
    caller = await definer.knowing()
    held = caller.make("machines", "held")
    held.metadata.finalizers.append("example.com/x")
    held = await caller.create(held)
    await definer.base.delete("definitions", NAME)

    def tells(found: Any) -> bool:
        wanted = "1 object waits for finalizers: default/held (example.com/x)"
        return any(item.message == wanted for item in found.status.conditions)

    await definer.base.until("definitions", NAME, tells)
    with pytest.raises(errors.Forbidden, match="create not allowed while definition is terminatin"):
        await caller.create(caller.make("machines", "late"))
    held = await caller.get("machines", "held")
    del held.metadata.finalizers[:]
    await caller.update(held)
    await definer.base.until_gone("definitions", NAME)


async def test_the_finalizer_of_a_definition_cannot_be_taken_off(definer: Definer) -> None:
    """A user who removes it leaves no objects without a kind."""
    made = await definer.define()
    del made.metadata.finalizers[:]
    kept = await definer.base.update(made)
    assert list(kept.metadata.finalizers) == ["definitions.protocube.dev/objects"]


async def test_a_definition_can_ask_to_stay_as_long_as_it_is_used(definer: Definer) -> None:
    """Its deletion is refused with a count; without objects it goes."""
    await definer.define()
    stay = {"protocube.dev/deletion": "refuse-while-used"}
    await definer.redefined(annotations=stay)
    caller = await definer.knowing()
    for index in range(3):
        await caller.create(caller.make("machines", f"m{index}"))
    with pytest.raises(errors.Forbidden, match="3 objects of the kind are stored"):
        await definer.base.delete("definitions", NAME)
    await caller.update(await caller.get("machines", "m1"))
    await caller.delete_collection("machines")
    await definer.base.delete("definitions", NAME)
    await definer.base.until_gone("definitions", NAME)


async def test_a_dry_run_of_the_deletion_counts(definer: Definer) -> None:
    """It warns of what would go, and nothing goes."""
    await definer.define()
    caller = await definer.knowing()
    await caller.create(caller.make("machines", "a"))
    resource = definer.base.resource("definitions")
    request = requests_pb2.DeleteRequest(name=NAME, dry_run=True).SerializeToString()
    reply = await definer.base.send(f"/{resource.service}/Delete", request)
    assert reply.warnings == ("1 object of machines.example.com will be deleted with it",)
    assert (await caller.get("machines", "a")).metadata.name == "a"
