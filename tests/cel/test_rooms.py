"""Environments that programs of several kinds run in."""

from __future__ import annotations

import gc
import weakref
from typing import TYPE_CHECKING, Any

import pytest
from google.protobuf import text_format
from google.protobuf.descriptor_pb2 import FileDescriptorProto

from protocube_server.cel import escaping, rooms
from protocube_server.cel.engine import Environment
from protocube_server.cel.faults import EvaluationError

if TYPE_CHECKING:
    from protocube_server.cel.engine import Program
    from protocube_server.cel.rooms import Room
    from protocube_server.cel.shadows import Shadows


def _put(package: str, field: str = "cores") -> tuple[Room, Shadows]:
    file = text_format.Parse(
        f"""
        name: "{package}.proto" package: "{package}" syntax: "proto3"
        message_type {{
          name: "Machine"
          field {{ name: "{field}" number: 1 type: TYPE_INT64 label: LABEL_OPTIONAL }}
        }}
        """,
        FileDescriptorProto(),
    )
    return rooms.put([file], [file.name], escaping.rule_field)


def _compiled(shadows: Shadows, package: str, expression: str) -> Program:
    return Environment(shadows.pool, {"self": f"{package}.Machine"}).compile(expression)


def _machine(shadows: Shadows, package: str, **fields: int) -> Any:
    return shadows.message_class(f"{package}.Machine")(**fields)


def test_programs_of_several_kinds_run_in_one_environment() -> None:
    """Each finds the messages of its own kind, though the room was there before they were."""
    places = {package: _put(package) for package in ("rooms_a", "rooms_b")}
    (room, _), (other, _) = places.values()
    assert room is other
    for package, (_, shadows) in places.items():
        program = room.environment.adopt(_compiled(shadows, package, "self.cores > 3"))
        for cores in (3, 4):
            bound = room.environment.bind({"self": _machine(shadows, package, cores=cores)})
            assert program(bound) is (cores > 3)
        with pytest.raises(EvaluationError, match="self"):
            program(room.environment.bind({}))


def test_a_kind_that_has_changed_has_another_room() -> None:
    """Nothing leaves a pool: what is called the same and is another comes into another one."""
    before, old = _put("rooms_c", "cores")
    after, new = _put("rooms_c", "sockets")
    assert after is not before
    for room, shadows, field in ((before, old, "cores"), (after, new, "sockets")):
        program = room.environment.adopt(_compiled(shadows, "rooms_c", f"self.{field} == 1"))
        bound = room.environment.bind({"self": _machine(shadows, "rooms_c", **{field: 1})})
        assert program(bound) is True


def test_a_room_goes_with_the_last_that_holds_it() -> None:
    """Where definitions change again and again, what they were is let go."""
    held = [_put("rooms_d", f"field_{number}") for number in range(3)]
    gone = [weakref.ref(room) for room, _ in held[1:]]
    assert all(ref() is not None for ref in gone)
    del held
    gc.collect()
    assert [ref() for ref in gone] == [None, None]
