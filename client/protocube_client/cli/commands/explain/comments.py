"""The comments of a schema, by the messages and fields that they stand above."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from google.protobuf import descriptor_pb2

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from google.protobuf.descriptor import Descriptor, FieldDescriptor

_MESSAGES = descriptor_pb2.FileDescriptorProto.MESSAGE_TYPE_FIELD_NUMBER
_NESTED = descriptor_pb2.DescriptorProto.NESTED_TYPE_FIELD_NUMBER
_FIELDS = descriptor_pb2.DescriptorProto.FIELD_FIELD_NUMBER
_ITEM = re.compile(r"(-|\*|\d+\.)\s")


class Comments:
    """Finds comments; a file is read when one of its comments is asked for."""

    def __init__(self, files: Iterable[descriptor_pb2.FileDescriptorProto]) -> None:
        self._files = {file.name: file for file in files}
        self._read: dict[str, dict[str, str]] = {}

    def of_message(self, message: Descriptor) -> str:
        """Return the comment above a message, a paragraph a line; nothing without one."""
        return self._above(message.full_name, message.file.name)

    def of_field(self, field: FieldDescriptor) -> str:
        """Return the comment above a field, a paragraph a line; nothing without one."""
        message = field.containing_type
        return self._above(field.full_name, message.file.name) if message is not None else ""

    def _above(self, name: str, file: str) -> str:
        if file not in self._read:
            found = self._files.get(file)
            self._read[file] = dict(_comments(found)) if found is not None else {}
        return joined(self._read[file].get(name, "").splitlines())


def _comments(file: descriptor_pb2.FileDescriptorProto) -> Iterator[tuple[str, str]]:
    """Yield the full names of messages and fields with their comments."""
    texts = {tuple(item.path): item.leading_comments for item in file.source_code_info.location}

    def within(
        message: descriptor_pb2.DescriptorProto, above: str, path: tuple[int, ...]
    ) -> Iterator[tuple[str, str]]:
        name = f"{above}.{message.name}"
        yield name, texts.get(path, "")
        for index, field in enumerate(message.field):
            yield f"{name}.{field.name}", texts.get((*path, _FIELDS, index), "")
        for index, nested in enumerate(message.nested_type):
            yield from within(nested, name, (*path, _NESTED, index))

    for index, message in enumerate(file.message_type):
        yield from within(message, file.package, (_MESSAGES, index))


def joined(lines: Sequence[str]) -> str:
    """Return lines with those of a paragraph made one; an item of a list is a paragraph."""
    paragraphs: list[str] = []
    goes_on = False
    for line in lines:
        text = line.strip()
        if goes_on and text and not _ITEM.match(text):
            paragraphs[-1] += f" {text}"
        else:
            paragraphs.append(text)
        goes_on = bool(text)
    return "\n".join(paragraphs).strip("\n")
