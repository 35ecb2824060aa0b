"""Writes the messages of a file as lines that a person can compare."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from google.protobuf import json_format
from google.protobuf.descriptor_pb2 import FieldDescriptorProto

from protocube.api.v1 import field_pb2, resource_pb2
from protocube.vendor.buf.validate import validate_pb2

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto


def of_file(file: FileDescriptorProto) -> str:
    """Return a line for each message and field of a file, and the resources' options."""
    lines = [f"{file.name}: {file.package}"]
    for index, message in enumerate(file.message_type):
        comments = {tuple(at.path): at.leading_comments for at in file.source_code_info.location}
        lines += _message(message, message.name, (4, index), comments)
        option = message.options.Extensions[resource_pb2.resource]
        lines.append(json.dumps(_json(option), indent=1, sort_keys=True))
    return "\n".join(lines) + "\n"


def _message(
    message: DescriptorProto, name: str, path: tuple[int, ...], comments: dict[tuple[int, ...], str]
) -> Iterator[str]:
    yield f"{name}{_said(comments, path)}"
    for index, field in enumerate(message.field):
        yield f"  {_field(field)}{_said(comments, (*path, 2, index))}"
    yield from (f"  reserved {part.start}..{part.end - 1}" for part in message.reserved_range)
    for index, nested in enumerate(message.nested_type):
        if not nested.options.map_entry:
            yield from _message(nested, f"{name}.{nested.name}", (*path, 3, index), comments)
        else:
            yield f"{name}.{nested.name}: {_field(nested.field[1])}"


def _field(field: FieldDescriptorProto) -> str:
    kind = field.type_name or FieldDescriptorProto.Type.Name(field.type)[5:].lower()
    many = "repeated " if field.label == field.LABEL_REPEATED else ""
    optional = "optional " if field.proto3_optional else ""
    text = f"{field.number} {many}{optional}{kind} {field.name}"
    if field.json_name != field.name:
        text += f" = {field.json_name}"
    extensions: tuple[Any, ...] = (field_pb2.field, validate_pb2.field)
    for extension in extensions:
        if field.options.HasExtension(extension):
            text += f" {json.dumps(_json(field.options.Extensions[extension]), sort_keys=True)}"
    return text


def _said(comments: dict[tuple[int, ...], str], path: tuple[int, ...]) -> str:
    text = comments.get(path, "")
    return f"  // {text.strip()!r}" if text else ""


def _json(message: Any) -> Any:
    return json_format.MessageToDict(message)
