"""A kind that nobody generated Python for: served from its descriptor alone."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING

import pytest
from google.protobuf import descriptor_pb2, text_format

from protocube import errors
from protocube.api.v1 import field_pb2, group_version_pb2, resource_pb2
from protocube.catalog import Catalog
from protocube.vendor.buf.validate import validate_pb2

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tests.server.caller import Caller
    from tests.server.conftest import Serve

_TEXT = """
name: "example/v1/machine.proto" package: "example.v1" syntax: "proto3"
dependency: "protocube/api/v1/field.proto"
dependency: "protocube/api/v1/group_version.proto"
dependency: "protocube/api/v1/resource.proto"
dependency: "protocube/meta/v1/object_meta.proto"
dependency: "buf/validate/validate.proto"
options { [protocube.api.v1.group_version] { group: "example.com" version: "v1" } }
message_type {
  name: "Machine"
  field { name: "api_version" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL }
  field { name: "kind" number: 2 type: TYPE_STRING label: LABEL_OPTIONAL }
  field {
    name: "metadata" number: 3 type: TYPE_MESSAGE label: LABEL_OPTIONAL
    type_name: ".protocube.meta.v1.ObjectMeta"
  }
  field {
    name: "spec" number: 4 type: TYPE_MESSAGE label: LABEL_OPTIONAL
    type_name: ".example.v1.MachineSpec"
    options { [protocube.api.v1.field] { default: "{}" } }
  }
  options {
    [protocube.api.v1.resource] {
      plural: "machines" short_names: "ma" scope: SCOPE_NAMESPACED
      name_format: NAME_FORMAT_DNS_LABEL
    }
  }
}
message_type {
  name: "MachineSpec"
  field {
    name: "size" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL
    options {
      [protocube.api.v1.field] { default: "small" immutable: true selectable: true }
      [buf.validate.field] { string { in: "small" in: "large" } }
    }
  }
}
"""
_EXTENSIONS = (field_pb2, group_version_pb2, resource_pb2, validate_pb2)
"""Imported so that the text above can name their options."""


@pytest.fixture
async def machines(serve: Serve) -> AsyncGenerator[Caller, None]:
    """Give the caller of a server that also serves machines."""
    file = text_format.Parse(_TEXT, descriptor_pb2.FileDescriptorProto())
    async with serve(Catalog([*Catalog.shipped().files, file])) as caller:
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
    assert not (await machines.list("ma")).items


def test_cannot_ask_for_what_nobody_can_do() -> None:
    """An option that cannot be honoured is an error of the check, and names the field."""
    from protocube_server.builtin.functions import FUNCTIONS
    from protocube_server.kinds.registry import Registry

    for wrong, said in (
        ('default: "small"', 'computed_default: "nope"'),
        ('[protocube.api.v1.field] { default: "{}" }', '[protocube.api.v1.field] { default: "[" }'),
    ):
        file = text_format.Parse(_TEXT.replace(wrong, said), descriptor_pb2.FileDescriptorProto())
        registry = Registry(Catalog([*Catalog.shipped().files, file]), "/registry", FUNCTIONS)
        machines = registry.for_service("example.v1.Machines")
        assert machines is not None
        with pytest.raises(ValueError, match=r"^example\.v1\.Machine"):
            machines.check()
