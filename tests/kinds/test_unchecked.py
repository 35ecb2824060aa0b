"""A rule that cannot be evaluated refuses the object; it is no error of the server's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from protocube.vendor.buf.validate import validate_pb2
from protocube_server import turns
from protocube_server.kinds.contract import Contract

if TYPE_CHECKING:
    from google.protobuf.message import Message

_FIELD = descriptor_pb2.FieldDescriptorProto
_TOO_MANY = 400
"""A rule that compares each with all others goes beyond what the evaluator does."""


def _listing() -> type[Message]:
    file = descriptor_pb2.FileDescriptorProto(name="l.proto", package="l", syntax="proto3")
    listing = file.message_type.add(name="Listing")
    listing.field.add(name="names", number=1, type=_FIELD.TYPE_STRING, label=_FIELD.LABEL_REPEATED)
    listing.options.Extensions[validate_pb2.message].cel.add(
        id="each", expression="this.names.all(a, this.names.exists_one(b, a == b))", message="no"
    )
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("l.Listing"))


def _said(count: int, path: str = "") -> list[str]:
    message: Any = _listing()()
    message.names.extend(f"n{i}" for i in range(count))
    return [str(found) for found in turns.at_once(Contract().faults(message, path))]


def test_what_cannot_be_evaluated_is_refused() -> None:
    """The violation says so, of the object or of the part of it that was looked at."""
    assert _said(3) == []
    for path, place in (("", "[]"), ("spec.template", "spec.template")):
        (said,) = _said(_TOO_MANY, path)
        assert said.startswith(f"{place}: Invalid value: a rule cannot be evaluated: ")
