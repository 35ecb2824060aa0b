"""A kind that is defined while a server runs is served at once, as any other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from protocube import errors
from tests import machines
from tests.definitions.defining import NAME

if TYPE_CHECKING:
    from tests.definitions.defining import Definer


async def test_a_kind_is_served_when_its_definition_is_answered(definer: Definer) -> None:
    """Objects are created, filled in, checked, read and listed from the next call on."""
    made = await definer.define()
    established = {item.type: item.status for item in made.status.conditions}
    assert established == {"NamesAccepted": "True", "Established": "True"}
    assert [item.service for item in made.status.kinds] == [machines.SERVICE]
    caller = await definer.knowing()
    machine = await caller.create(caller.make("machines", "a"))
    assert machine.spec.size == "small"
    with pytest.raises(errors.Invalid, match=r"spec\.size"):
        await caller.create(caller.make("machines", "b", spec={"size": "huge"}))
    assert (await caller.get("machines", "a")) == machine
    assert len((await caller.list("machines")).items) == 1


async def test_a_new_schema_holds_for_the_next_write(definer: Definer) -> None:
    """After an update of the definition new rules and defaults apply."""
    await definer.define()
    await definer.redefine(machines.of_sizes(["medium", "small"]))
    caller = await definer.knowing()
    assert (await caller.create(caller.make("machines", "a"))).spec.size == "medium"
    with pytest.raises(errors.Invalid):
        await caller.create(caller.make("machines", "b", spec={"size": "large"}))


async def test_a_definition_is_made_once(definer: Definer) -> None:
    """A second one of the same name is refused, and serves nothing else."""
    await definer.define()
    with pytest.raises(errors.AlreadyExists, match=NAME):
        await definer.define()


async def test_a_dry_run_serves_nothing(definer: Definer) -> None:
    """The answer tells the service that there would be."""
    made = await definer.define(dry_run=True)
    assert [item.service for item in made.status.kinds] == [machines.SERVICE]
    caller = await definer.knowing()
    with pytest.raises(errors.MethodNotSupported):
        await caller.list("machines")
