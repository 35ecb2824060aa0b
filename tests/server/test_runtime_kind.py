"""A kind that nobody generated Python for: served from its descriptor alone."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING

import pytest

from protocube import errors
from tests import machines as kind_files

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tests.server.caller import Caller
    from tests.server.conftest import Serve


@pytest.fixture
async def machines(serve: Serve) -> AsyncGenerator[Caller, None]:
    """Provide the caller of a server that also serves machines."""
    async with serve(kind_files.catalog(kind_files.file())) as caller:
        yield caller


async def test_is_served_like_any_other(machines: Caller) -> None:
    """Create, Get, List, Update and Delete work; the service was made from the option."""
    resource = machines.resource("ma")
    assert resource.service == "example.v1.Machines"
    made = await machines.create(machines.make("ma", "a"))
    assert (made.api_version, made.kind) == ("example.com/v1", "Machine")
    assert made.spec.size == "small"
    assert made.metadata.generation == 1
    assert await machines.get("machines", "a") == made
    assert list((await machines.list("machines")).items) == [made]
    assert (await machines.list("machines")).kind == "MachineList"
    made.metadata.labels["x"] = "y"
    changed = await machines.update(made)
    assert int(changed.metadata.resource_version) > int(made.metadata.resource_version)
    await machines.delete("machines", "a")
    with pytest.raises(errors.NotFound, match=r'^machines.example.com "a" not found$'):
        await machines.get("machines", "a")


async def test_is_held_to_its_rules(machines: Caller) -> None:
    """Rules, name format and immutability of the descriptor are checked."""
    with pytest.raises(errors.Invalid) as caught:
        await machines.create(machines.make("ma", "a.b", spec={"size": "huge"}))
    assert {violation.field for violation in caught.value.violations} == {
        "metadata.name",
        "spec.size",
    }
    assert caught.value.message.startswith('Machine.example.com "a.b" is invalid: [')
    made = await machines.create(machines.make("ma", "a"))
    made.spec.size = "large"
    with pytest.raises(errors.Invalid, match="field is immutable"):
        await machines.update(made)


async def test_is_selected_and_watched(machines: Caller) -> None:
    """Its selectable fields select, in lists and in watches."""
    small = await machines.create(machines.make("ma", "a"))
    await machines.create(machines.make("ma", "b", spec={"size": "large"}))
    selector = "spec.size=small"
    assert list((await machines.list("ma", field_selector=selector)).items) == [small]
    async with aclosing(machines.watch("ma", field_selector=selector)) as responses:
        (event,) = (await anext(responses)).events
        assert event.object == small
        await machines.create(machines.make("ma", "c", spec={"size": "large"}))
        last = await machines.create(machines.make("ma", "d"))
        (event,) = (await anext(responses)).events
        assert event.object == last


async def test_goes_with_its_namespace(machines: Caller) -> None:
    """Deleting a namespace deletes kinds that the server learned of at run time."""
    await machines.create(machines.make("ns", "x"))
    await machines.create(machines.make("ma", metadata={"name": "a", "namespace": "x"}))
    await machines.delete("ns", "x")
    await machines.until_gone("ns", "x")
    assert not (await machines.list("ma")).items


def test_cannot_ask_for_what_nobody_can_do() -> None:
    """An option that cannot be honoured is an error of the check, and names the field."""
    from protocube_server.builtin.functions import FUNCTIONS
    from protocube_server.kinds.registry import Registry

    for wrong, said in (
        ('default: "small"', 'computed_default: "nope"'),
        ('[protocube.api.v1.field] { default: "{}" }', '[protocube.api.v1.field] { default: "[" }'),
    ):
        file = kind_files.file((wrong, said))
        registry = Registry(kind_files.catalog(file), "/registry", FUNCTIONS)
        machines = registry.for_service(kind_files.SERVICE)
        assert machines is not None
        with pytest.raises(ValueError, match=r"^example\.v1\.Machine"):
            machines.check()
