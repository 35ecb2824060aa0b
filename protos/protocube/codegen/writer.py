"""Builds a file of flat messages and one service, together with their comments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from google.protobuf.descriptor_pb2 import FieldDescriptorProto

if TYPE_CHECKING:
    from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto

# Tags that SourceCodeInfo paths are made of (descriptor.proto).
_FILE_MESSAGE, _FILE_SERVICE, _FIELD, _ONEOF, _METHOD = 4, 6, 2, 8, 2
_SCALARS = {
    "string": FieldDescriptorProto.TYPE_STRING,
    "bool": FieldDescriptorProto.TYPE_BOOL,
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a message to write."""

    name: str
    type: str
    """``string``, ``bool``, ``enum:.full.Name``, or a message's ``.full.Name``."""
    comment: str
    many: bool = False
    oneof: str = ""
    """The oneof that it is a choice of. All fields of one stand together."""


class Writer:
    """Adds messages and methods to a file together with their comments."""

    def __init__(self, file: FileDescriptorProto) -> None:
        """Write to ``file``."""
        self._file = file

    def message(
        self, name: str, comment: str, *fields: Field, oneofs: dict[str, str] | None = None
    ) -> None:
        """Add a message whose fields are numbered in their order.

        ``oneofs`` has the comments of the oneofs that the fields name.
        """
        path = [_FILE_MESSAGE, len(self._file.message_type)]
        message = self._file.message_type.add(name=name)
        self._comment(path, comment)
        for index, (oneof, text) in enumerate((oneofs or {}).items()):
            message.oneof_decl.add(name=oneof)
            self._comment([*path, _ONEOF, index], text)
        for index, field in enumerate(fields):
            self._field(message, field, index + 1)
            self._comment([*path, _FIELD, index], field.comment)

    def service(self, name: str, comment: str) -> None:
        """Add the service."""
        self._file.service.add(name=name)
        self._comment([_FILE_SERVICE, 0], comment)

    def method(
        self, name: str, request: str, response: str, comment: str, *, many: bool = False
    ) -> None:
        """Add a method to the service; ``many`` streams its responses."""
        methods = self._file.service[0].method
        self._comment([_FILE_SERVICE, 0, _METHOD, len(methods)], comment)
        method = methods.add(name=name, input_type=request, output_type=response)
        if many:
            method.server_streaming = True

    @staticmethod
    def _field(message: DescriptorProto, field: Field, number: int) -> None:
        added = message.field.add(
            name=field.name,
            number=number,
            json_name=_json_name(field.name),
            label=FieldDescriptorProto.LABEL_REPEATED
            if field.many
            else FieldDescriptorProto.LABEL_OPTIONAL,
        )
        if field.oneof:
            names = [oneof.name for oneof in message.oneof_decl]
            added.oneof_index = names.index(field.oneof)
        if field.type in _SCALARS:
            added.type = _SCALARS[field.type]
        elif field.type.startswith("enum:"):
            added.type = FieldDescriptorProto.TYPE_ENUM
            added.type_name = field.type.removeprefix("enum:")
        else:
            added.type = FieldDescriptorProto.TYPE_MESSAGE
            added.type_name = field.type

    def _comment(self, path: list[int], text: str) -> None:
        self._file.source_code_info.location.add(
            path=path, span=[0, 0, 0], leading_comments=f" {text}\n"
        )


def _json_name(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)
