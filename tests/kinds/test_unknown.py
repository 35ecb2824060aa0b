"""Unknown fields: found wherever they are, and taken out."""

from __future__ import annotations

from typing import Any

import pytest

from protocube.catalog import Catalog
from protocube_server.kinds import unknown

_FIELD = b"\xfa\x01\x01?"
"""Field 31, which none of the messages here has."""


def pod() -> Any:
    """Return a pod with a label, two containers and a volume."""
    resource = Catalog.shipped().find("pods")
    assert resource is not None
    message: Any = resource.message_class()
    message.metadata.name = "a"
    message.metadata.labels["k"] = "v"
    for name in ("c", "d"):
        message.spec.containers.add(name=name).resources.limits["cpu"] = "1"
    message.spec.volumes.add(name="v").empty_dir.SetInParent()
    return message


def named(message: Any) -> list[str]:
    """Return the paths of the unknown fields of a message, and take them out of it."""
    found = [path for path in unknown.paths(message) if path is not None]
    assert bool(unknown.discard(message)) == bool(found)
    return found


def test_a_message_without_any_is_left_alone() -> None:
    """Nothing is found, and nothing changes."""
    message = pod()
    before = message.SerializeToString()
    assert named(message) == []
    assert message.SerializeToString() == before


def test_each_is_named_by_its_path() -> None:
    """A path has JSON names, indices and the number of the field."""
    message = pod()
    clean = pod()
    for part in (
        message,
        message.metadata,
        message.spec,
        message.spec.containers[1],
        message.spec.containers[1].resources,
        message.spec.volumes[0].empty_dir,
    ):
        part.MergeFromString(_FIELD)
    assert named(message) == [
        "#31",
        "metadata.#31",
        *sorted(
            [
                "spec.#31",
                "spec.containers[1].#31",
                "spec.containers[1].resources.#31",
                "spec.volumes[0].emptyDir.#31",
            ],
            key=_order(message),
        ),
    ]
    assert message == clean


def _order(message: Any) -> Any:
    """Order paths as the walk does: own fields first, then by field number."""
    numbers = {field.json_name: field.number for field in message.spec.DESCRIPTOR.fields}

    def key(path: str) -> tuple[int, str]:
        name = path.removeprefix("spec.").partition("[")[0]
        return (numbers.get(name, 0), path)

    return key


def test_one_that_is_repeated_is_named_once() -> None:
    """The same unknown number twice is one fault."""
    message = pod()
    message.MergeFromString(_FIELD * 3 + b"\xc2\x02\x01?")
    assert named(message) == ["#31", "#40"]


def test_of_map_values_are_found() -> None:
    """A map of messages is walked by its keys."""
    from google.protobuf import struct_pb2

    message = struct_pb2.Struct()
    message.fields["a"].struct_value.fields["b"].string_value = "x"
    message.fields["a"].struct_value.fields["b"].MergeFromString(_FIELD)
    assert named(message) == ["fields[a].structValue.fields[b].#31"]


def test_no_more_are_named_than_a_caller_can_read() -> None:
    """The work ends with the last one that is named, however many there are."""
    message = pod()
    for _ in range(2 * unknown.MOST):
        message.spec.containers.add().MergeFromString(_FIELD)
    assert len(named(message)) == unknown.MOST + 1
    message = pod()
    message.spec.MergeFromString(_FIELD * 400_000)
    assert unknown.too_many(unknown.discard(message)) == (
        "unknown fields of 1600002 bytes, they are named up to 32768"
    )


@pytest.mark.parametrize("more", [0, 1])
async def test_that_there_are_more_is_said_when_there_are(more: int) -> None:
    """As many as are named are told without it."""
    message = pod()
    for _ in range(unknown.MOST + more):
        message.spec.containers.add().MergeFromString(_FIELD)
    raw = message.SerializeToString()
    faults = await unknown.named(message, raw, unknown.discard(message))
    assert len(faults) == unknown.MOST + more
    assert faults[-1].startswith("and more than" if more else "unknown field")
