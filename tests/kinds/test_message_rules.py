"""Rules on whole messages: which messages are asked, and where faults are said to be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from protocube.api.v1 import field_pb2
from protocube.vendor.buf.validate import validate_pb2
from protocube_server import turns
from protocube_server.kinds.contract import Contract
from protocube_server.kinds.named.message_rule import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.protobuf.message import Message

_FIELD = descriptor_pb2.FieldDescriptorProto


def _whole() -> type[Message]:
    """Return a message type that holds parts in all forms; the parts have a rule."""
    file = descriptor_pb2.FileDescriptorProto(name="w.proto", package="w", syntax="proto3")
    part = file.message_type.add(name="Part")
    part.options.Extensions[field_pb2.computed_rules].append("named")
    part.field.add(name="name", number=1, type=_FIELD.TYPE_STRING, label=_FIELD.LABEL_OPTIONAL)
    whole = file.message_type.add(name="Whole")
    entry = whole.nested_type.add(name="ByKeyEntry")
    entry.options.map_entry = True
    entry.field.add(name="key", number=1, type=_FIELD.TYPE_STRING, label=_FIELD.LABEL_OPTIONAL)
    message = {"type": _FIELD.TYPE_MESSAGE, "label": _FIELD.LABEL_OPTIONAL}
    entry.field.add(name="value", number=2, type_name=".w.Part", **message)
    whole.field.add(name="first_one", number=1, type_name=".w.Part", **message)
    many = {**message, "label": _FIELD.LABEL_REPEATED}
    whole.field.add(name="many", number=2, type_name=".w.Part", **many)
    whole.field.add(name="by_key", number=3, type_name=".w.Whole.ByKeyEntry", **many)
    ignored = whole.field.add(name="ignored", number=4, type_name=".w.Part", **message)
    ignored.options.Extensions[validate_pb2.field].ignore = validate_pb2.IGNORE_ALWAYS
    whole.field.add(name="below", number=5, type_name=".w.Whole", **message)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("w.Whole"))


def _named(part: Any) -> Iterator[Fault]:
    if not part.name:
        yield Fault(rule="required.name", text="", at="name")
    elif part.name == "two":
        yield Fault(rule="forbidden.name", text=".a: not here\n.b[1]: nor there")
    elif part.name == "all":
        yield Fault(rule="invalid.part", text="no good")


def _said(whole: Any, path: str = "") -> list[str]:
    """Return what the rule says of a message, at a path in the object."""
    faults = Contract({"named": _named}).faults(whole, path)
    return [str(item) for item in turns.at_once(faults)]


def test_a_message_is_asked_wherever_it_stands() -> None:
    """In a field, a list, a map and further down; not where the contract says to ask nothing."""
    whole: Any = _whole()()
    whole.first_one.SetInParent()
    whole.many.add(name="good")
    whole.many.add()
    whole.by_key["k"].SetInParent()
    whole.ignored.SetInParent()
    whole.below.many.add()
    found = _said(whole, "spec")
    assert found == [
        f"spec.{path}.name: Required value"
        for path in ("firstOne", "many[1]", "byKey[k]", "below.many[0]")
    ]


def test_a_fault_reads_as_if_protovalidate_had_found_it() -> None:
    """The first word of its id gives the reason, and its text may name children, one a line."""
    whole: Any = _whole()()
    whole.first_one.name = "two"
    whole.many.add(name="all")
    assert _said(whole) == [
        "firstOne.a: Forbidden: not here",
        "firstOne.b[1]: Forbidden: nor there",
        'many[0]: Invalid value: {"name":"all"}: no good',
    ]


def test_a_rule_that_nobody_wrote_is_found_before_it_is_asked() -> None:
    """Preparing the type says which rules there are."""
    with pytest.raises(ValueError, match=r"w\.Part: no rule of messages 'named'; there are other"):
        Contract({"other": _named}).prepare(_whole())
