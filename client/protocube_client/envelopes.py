"""The requests and answers of every typed service, with the object left as bytes.

On the wire an embedded message and a bytes field are the same, so one set of
messages speaks to the service of any kind, and an object is parsed once, into
whichever class the caller wants. The field numbers are those that
``protocube.codegen.services`` gives each kind.
"""

from __future__ import annotations

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.descriptor_pb2 import FieldDescriptorProto as _Field

_PACKAGE = "protocube.client.envelopes"

_STRING = _Field.TYPE_STRING
_BYTES = _Field.TYPE_BYTES
_BOOL = _Field.TYPE_BOOL
# An enum is a varint, too; the numbers are those of protocube.meta.v1.
_ENUM = _Field.TYPE_INT32

_FIELDS: dict[str, dict[str, tuple[int, _Field.Type.ValueType | str, bool]]] = {
    "WriteRequest": {
        "object": (1, _BYTES, False),
        "dry_run": (2, _BOOL, False),
        "field_manager": (3, _STRING, False),
        "request_id": (4, _STRING, False),
        "field_validation": (5, _ENUM, False),
    },
    "ListAnswer": {"metadata": (3, _BYTES, False), "items": (4, _BYTES, True)},
    "Event": {"type": (1, _ENUM, False), "object": (2, _BYTES, False)},
    "WatchAnswer": {
        "events": (1, "Event", True),
        "resource_version": (2, _STRING, False),
        "progress": (3, _BOOL, False),
    },
}


def _build() -> dict[str, type[Any]]:
    file = descriptor_pb2.FileDescriptorProto(
        name="protocube/client/envelopes.proto", package=_PACKAGE, syntax="proto3"
    )
    for name, fields in _FIELDS.items():
        message = file.message_type.add(name=name)
        for field, (number, kind, many) in fields.items():
            added = message.field.add(
                name=field,
                number=number,
                label=_Field.LABEL_REPEATED if many else _Field.LABEL_OPTIONAL,
            )
            if isinstance(kind, str):
                added.type, added.type_name = _Field.TYPE_MESSAGE, f".{_PACKAGE}.{kind}"
            else:
                added.type = kind
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(file.SerializeToString())
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{_PACKAGE}.{name}"))
        for name in _FIELDS
    }


_CLASSES = _build()

WriteRequest = _CLASSES["WriteRequest"]
"""What Create, Update and UpdateStatus take."""
ListAnswer = _CLASSES["ListAnswer"]
"""What List and DeleteCollection give; ``metadata`` is a ``meta.v1.ListMeta``."""
WatchAnswer = _CLASSES["WatchAnswer"]
"""What Watch streams."""
