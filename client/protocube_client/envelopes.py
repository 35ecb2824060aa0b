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
        "include_managed_fields": (6, _BOOL, False),
    },
    "PatchRequest": {
        "name": (1, _STRING, False),
        "namespace": (2, _STRING, False),
        "json_patch": (3, _STRING, False),
        "merge_patch": (4, _STRING, False),
        "strategic_merge_patch": (5, _STRING, False),
        "object": (6, _BYTES, False),
        "update_mask": (7, _BYTES, False),
        "subresource": (8, _ENUM, False),
        "dry_run": (9, _BOOL, False),
        "field_manager": (10, _STRING, False),
        "request_id": (11, _STRING, False),
        "field_validation": (12, _ENUM, False),
        "include_managed_fields": (13, _BOOL, False),
    },
    "ApplyRequest": {
        "name": (1, _STRING, False),
        "namespace": (2, _STRING, False),
        "object": (3, _BYTES, False),
        "manifest": (4, _STRING, False),
        "field_manager": (5, _STRING, False),
        "force": (6, _BOOL, False),
        "subresource": (7, _ENUM, False),
        "dry_run": (8, _BOOL, False),
        "request_id": (9, _STRING, False),
        "field_validation": (10, _ENUM, False),
        "include_managed_fields": (11, _BOOL, False),
    },
    "ListAnswer": {"metadata": (3, _BYTES, False), "items": (4, _BYTES, True)},
    "Event": {"type": (1, _ENUM, False), "object": (2, _BYTES, False)},
    "WatchAnswer": {
        "events": (1, "Event", True),
        "resource_version": (2, _STRING, False),
        "progress": (3, _BOOL, False),
    },
}

# Of these one is sent, also when it is empty.
_ONEOFS: dict[str, dict[str, tuple[str, ...]]] = {
    "PatchRequest": {
        "patch": ("json_patch", "merge_patch", "strategic_merge_patch", "object"),
    },
    "ApplyRequest": {"configuration": ("object", "manifest")},
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
        for index, (oneof, members) in enumerate(_ONEOFS.get(name, {}).items()):
            message.oneof_decl.add(name=oneof)
            for added in message.field:
                if added.name in members:
                    added.oneof_index = index
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(file.SerializeToString())
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{_PACKAGE}.{name}"))
        for name in _FIELDS
    }


_CLASSES = _build()

WriteRequest = _CLASSES["WriteRequest"]
"""What Create, Update, UpdateStatus and UpdateScale take."""
PatchRequest = _CLASSES["PatchRequest"]
"""What Patch and PatchScale take; ``update_mask`` is a ``google.protobuf.FieldMask``."""
ApplyRequest = _CLASSES["ApplyRequest"]
"""What Apply and ApplyScale take."""
ListAnswer = _CLASSES["ListAnswer"]
"""What List and DeleteCollection give; ``metadata`` is a ``meta.v1.ListMeta``."""
WatchAnswer = _CLASSES["WatchAnswer"]
"""What Watch streams."""
