"""A schema changes where stored objects survive it, and is refused, with counts, where not."""

from __future__ import annotations

import asyncio
import collections
from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors
from tests import machines
from tests.definitions.defining import NAME

if TYPE_CHECKING:
    from google.protobuf.descriptor_pb2 import FileDescriptorProto

    from tests.definitions.defining import Definer

_SIZE = (
    'field {\n    name: "size" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL\n'
    "    options {\n"
    '      [protocube.api.v1.field] { default: "small" immutable: true selectable: true }\n'
    '      [buf.validate.field] { string { in: "small" in: "large" } }\n'
    "    }\n  }\n"
)
_SPEC = 'name: "MachineSpec"\n'
_RENAMED: tuple[tuple[str, str], ...] = (('name: "size"', 'name: "extent"'),)
_GONE = ((_SIZE, ""),)
_RESERVED = ((_SIZE, 'reserved_range { start: 1 end: 2 } reserved_name: "size"\n'),)
_RETYPED = ((_SIZE, 'field { name: "size" number: 1 type: TYPE_BYTES label: LABEL_OPTIONAL }\n'),)
_NUMBERED = (('name: "size" number: 1', 'name: "size" number: 2'),)
_MANY = ((_SIZE, 'field { name: "size" number: 1 type: TYPE_STRING label: LABEL_REPEATED }\n'),)
_WIDE = (("SCOPE_NAMESPACED", "SCOPE_CLUSTER"),)


def _changed(*changes: tuple[str, str]) -> FileDescriptorProto:
    return machines.file(*changes)


async def _with_objects(definer: Definer, count: int, **spec: str) -> None:
    await definer.define()
    caller = await definer.knowing()
    for index in range(count):
        await caller.create(caller.make("machines", f"m{index}", spec=spec))


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (_RENAMED, "FIELD_SAME_NAME"),
        (_GONE, "FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED"),
        (_RETYPED, "FIELD_WIRE_JSON_COMPATIBLE_TYPE"),
        (_NUMBERED, "FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED"),
        (_MANY, "FIELD_WIRE_JSON_COMPATIBLE_CARDINALITY"),
        (_WIDE, "SCOPE"),
    ],
    ids=lambda item: item if isinstance(item, str) else "",
)
async def test_what_stored_objects_do_not_survive_is_refused(
    definer: Definer, change: tuple[tuple[str, str], ...], rule: str
) -> None:
    """Rule, field and count are named; without objects it is a warning."""
    await _with_objects(definer, 3)
    for options in ({}, {"dry_run": True}):
        with pytest.raises(errors.Invalid, match=f"{rule}.*; 3 objects are stored"):
            await definer.redefine(_changed(*change), **options)
    caller = await definer.knowing()
    await caller.delete_collection("machines")
    reply = await definer.redefined(_changed(*change))
    assert any(rule in warning for warning in reply.warnings)


async def test_an_override_holds_for_one_change(definer: Definer) -> None:
    """It names the generation that it was given for."""
    await _with_objects(definer, 1)
    found = await definer.base.get("definitions", NAME)
    allow = {"protocube.dev/allow-breaking": str(found.metadata.generation)}
    changed = await definer.redefine(_changed(*_GONE), annotations=allow)
    assert changed.metadata.generation == found.metadata.generation + 1
    with pytest.raises(errors.Invalid, match="1 object is stored"):
        await definer.redefine(_changed(*_WIDE), annotations=allow)


async def test_a_field_can_go_when_its_number_is_reserved(definer: Definer) -> None:
    """It is told how many objects lose something."""
    await _with_objects(definer, 4)
    reply = await definer.redefined(_changed(*_RESERVED))
    assert any(
        "4 of 4 stored objects have data in fields that are gone" in w for w in reply.warnings
    )


async def test_a_stricter_rule_leaves_old_objects_and_holds_new_ones(definer: Definer) -> None:
    """Objects that break it can be changed elsewhere; what is new, or changed there, cannot."""
    await _with_objects(definer, 5, size="large")
    reply = await definer.redefined(machines.of_sizes(["small"]))
    assert any("5 of 5 stored objects break the new rules" in w for w in reply.warnings)
    caller = await definer.knowing()
    old = await caller.get("machines", "m1")
    old.metadata.labels["x"] = "y"
    assert (await caller.update(old)).spec.size == "large"
    with pytest.raises(errors.Invalid):
        await caller.create(caller.make("machines", "new", spec={"size": "large"}))


async def test_an_object_never_slips_in_under_a_breaking_change(definer: Definer) -> None:
    """Of a create and a breaking change at once, one is first and the other one sees it.

    Each round sends the create a call earlier or later than the round before, so that the one who
    was first there is not here.
    """
    await definer.define()
    caller = await definer.knowing()
    calls_before, first = 0, collections.Counter[str]()
    for number in range(60):
        changing = asyncio.create_task(definer.redefine(_changed(*_GONE)))
        for _ in range(calls_before):
            await caller.list("machines")
        outcomes: Any = await asyncio.gather(
            caller.create(caller.make("machines", f"m{number}")), changing, return_exceptions=True
        )
        created, changed = outcomes
        stored = list((await caller.list("machines")).items)
        if isinstance(changed, BaseException):
            first["create"] += 1
            calls_before += 1
            assert isinstance(changed, errors.Invalid | errors.Conflict), changed
            assert stored
            assert not isinstance(created, BaseException)
            assert stored[0].spec.size == "small"
        else:
            first["change"] += 1
            calls_before = max(calls_before - 1, 0)
            # It has come later, under the new schema: nothing is in the field that is gone.
            assert all(not item.spec.size for item in stored)
            assert isinstance(created, errors.BadRequest) or not created.spec.size
        await caller.delete_collection("machines")
        await definer.redefine(machines.file())
    assert min(first["create"], first["change"]) > 5, first


async def test_a_new_field_and_a_new_column_are_no_break(definer: Definer) -> None:
    """Nothing is told of them."""
    await _with_objects(definer, 1)
    more: Any = machines.file()
    field = more.message_type[1].field.add(name="cores", number=2, type=5, label=1)
    assert field.name
    assert not (await definer.redefined(more)).warnings


async def test_what_generated_code_loses_is_told(definer: Definer) -> None:
    """Objects survive another package of a language, and programs are to be changed."""
    await _with_objects(definer, 1)
    packaged: Any = machines.file()
    packaged.options.go_package = "example.com/machines/v1"
    (warning,) = (await definer.redefined(packaged)).warnings
    assert warning.startswith("FILE_SAME_GO_PACKAGE: example/v1/machine.proto")
    assert warning.endswith("stubs change")
