"""What a file declares, each with its place in the text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from protocube.checking.fault import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.protobuf.descriptor_pb2 import (
        DescriptorProto,
        FieldDescriptorProto,
        FileDescriptorProto,
    )

_MESSAGES, _ENUMS, _FIELDS, _NESTED, _NESTED_ENUMS = 4, 5, 2, 3, 4
"""Numbers of fields in a descriptor, of which paths in source info are made."""

_PACKAGE, _SYNTAX, _OPTIONS = (2,), (12,), (8,)
Path = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message type, wherever in its file it is declared."""

    name: str
    """Its full name."""
    proto: DescriptorProto
    path: Path
    depth: int
    """1 at the top of the file."""

    def fields(self) -> Iterator[tuple[FieldDescriptorProto, Path]]:
        """Yield the fields, each with its path."""
        for index, field in enumerate(self.proto.field):
            yield field, (*self.path, _FIELDS, index)


class File:
    """A file, and where in its text things are."""

    def __init__(self, proto: FileDescriptorProto) -> None:
        self.proto = proto
        self.name = proto.name
        self._spans: dict[Path, Any] | None = None

    def fault(self, rule: str, text: str, *, symbol: str = "", path: Path = ()) -> Fault:
        """Return a fault at a path, or at the nearest one around it whose place is known."""
        line = column = 0
        spans = self._places()
        while path and path not in spans:
            path = path[:-1]
        if path in spans:
            line, column = spans[path][0] + 1, spans[path][1] + 1
        return Fault(file=self.name, symbol=symbol, rule=rule, text=text, line=line, column=column)

    def at_package(self, rule: str, text: str) -> Fault:
        """Return a fault of the package's name."""
        return self.fault(rule, text, path=_PACKAGE)

    def at_syntax(self, rule: str, text: str) -> Fault:
        """Return a fault of the syntax."""
        return self.fault(rule, text, path=_SYNTAX)

    def messages(self) -> Iterator[Message]:
        """Yield all messages but the entries of maps, each before those that are nested in it."""
        for index, message in enumerate(self.proto.message_type):
            yield from _below(self.proto.package, message, (_MESSAGES, index), 1)

    def enums(self) -> Iterator[tuple[str, Any, Path]]:
        """Yield all enums: the full name, the declaration and its path."""
        for index, enum in enumerate(self.proto.enum_type):
            yield f"{self.proto.package}.{enum.name}", enum, (_ENUMS, index)
        for message in self.messages():
            for index, enum in enumerate(message.proto.enum_type):
                path = (*message.path, _NESTED_ENUMS, index)
                yield f"{message.name}.{enum.name}", enum, path

    def _places(self) -> dict[Path, Any]:
        if self._spans is None:
            self._spans = {
                tuple(location.path): location.span
                for location in self.proto.source_code_info.location
            }
        return self._spans


def _below(scope: str, message: DescriptorProto, path: Path, depth: int) -> Iterator[Message]:
    name = f"{scope}.{message.name}" if scope else message.name
    yield Message(name=name, proto=message, path=path, depth=depth)
    for index, nested in enumerate(message.nested_type):
        if not nested.options.map_entry:
            yield from _below(name, nested, (*path, _NESTED, index), depth + 1)
