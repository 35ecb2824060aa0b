"""Messages and enums as .proto text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
)

from protocube.codegen import proto_options

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from protocube.codegen.proto_names import Scope

_FIELD, _NESTED, _ENUM, _ONEOF, _VALUE = 2, 3, 4, 8, 2
"""Tags that SourceCodeInfo paths are made of (descriptor.proto)."""
_MAX: Final = 2**29
_MAX_OF_ENUM: Final = 2**31 - 1
_NAMED: Final = (FieldDescriptorProto.TYPE_MESSAGE, FieldDescriptorProto.TYPE_ENUM)
_VISIBLE: Final = ("", "local ", "export ")
"""By the number of a SymbolVisibility."""
_LABELS: Final = {
    FieldDescriptorProto.LABEL_OPTIONAL: "optional ",
    FieldDescriptorProto.LABEL_REQUIRED: "required ",
    FieldDescriptorProto.LABEL_REPEATED: "repeated ",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a message is printed."""

    full_name: str
    """With a dot in front."""
    path: tuple[int, ...]
    """Of its comment."""
    indent: str

    @property
    def inner(self) -> str:
        """The indent of what is in it."""
        return f"{self.indent}  "

    def nested(self, index: int, name: str) -> Place:
        """Return that of a message in it."""
        return Place(
            full_name=f"{self.full_name}.{name}",
            path=(*self.path, _NESTED, index),
            indent=self.inner,
        )


def message(proto: DescriptorProto, scope: Scope, place: Place) -> list[str]:
    """Return the lines of a message. Raises ``ValueError`` for what it cannot print."""
    if proto.extension or proto.extension_range:
        raise ValueError(f"{proto.name}: no text for extensions")
    return list(_Message(proto, scope, place).lines())


def enum(
    proto: EnumDescriptorProto, scope: Scope, path: tuple[int, ...], indent: str = ""
) -> Iterator[str]:
    """Yield the lines of an enum."""
    yield from scope.comments.at(path, indent)
    yield f"{indent}{_VISIBLE[proto.visibility]}enum {proto.name} {{"
    inner = f"{indent}  "
    yield from proto_options.statements(proto.options, scope, inner)
    ranges = [(part.start, part.end) for part in proto.reserved_range]
    yield from _reserved(ranges, proto.reserved_name, scope, inner, _MAX_OF_ENUM)
    for index, value in enumerate(proto.value):
        yield from scope.comments.at((*path, _VALUE, index), inner)
        options = proto_options.brackets(value.options, scope, inner)
        yield from f"{inner}{value.name} = {value.number}{options};".split("\n")
    yield f"{indent}}}"


class _Message:
    """Prints one message.

    protoc declares the entries of a map where it reads the field. So what is declared in front of
    them stands in front of that field, and the rest behind all fields.
    """

    def __init__(self, proto: DescriptorProto, scope: Scope, place: Place) -> None:
        self._proto = proto
        self._scope = scope
        self._place = place
        self._entries = {
            f"{place.full_name}.{item.name}": index
            for index, item in enumerate(proto.nested_type)
            if item.options.map_entry
        }
        self._printed = 0
        """How many nested messages."""

    def lines(self) -> Iterator[str]:
        proto, scope, place = self._proto, self._scope, self._place
        yield from scope.comments.at(place.path, place.indent)
        yield f"{place.indent}{_VISIBLE[proto.visibility]}message {proto.name} {{"
        yield from proto_options.statements(proto.options, scope, place.inner)
        ranges = [(part.start, part.end - 1) for part in proto.reserved_range]
        yield from _reserved(ranges, proto.reserved_name, scope, place.inner, _MAX - 1)
        for index, item in enumerate(proto.enum_type):
            yield from enum(item, scope, (*place.path, _ENUM, index), place.inner)
        chosen: set[int] = set()
        for index, field in enumerate(proto.field):
            if not _is_chosen(field):
                yield from self._nested(self._entries.get(field.type_name, 0))
                yield from self._field(index, field, place.inner)
            elif field.oneof_index not in chosen:
                chosen.add(field.oneof_index)
                yield from self._oneof(field.oneof_index)
        yield from self._nested(len(proto.nested_type))
        yield f"{place.indent}}}"

    def _oneof(self, number: int) -> Iterator[str]:
        proto, inner = self._proto.oneof_decl[number], self._place.inner
        yield from self._scope.comments.at((*self._place.path, _ONEOF, number), inner)
        yield f"{inner}oneof {proto.name} {{"
        yield from proto_options.statements(proto.options, self._scope, f"{inner}  ")
        for index, field in enumerate(self._proto.field):
            if _is_chosen(field) and field.oneof_index == number:
                yield from self._field(index, field, f"{inner}  ")
        yield f"{inner}}}"

    def _nested(self, until: int) -> Iterator[str]:
        """Yield the nested messages in front of one."""
        while self._printed < until:
            index, self._printed = self._printed, self._printed + 1
            proto = self._proto.nested_type[index]
            if not proto.options.map_entry:
                yield from message(proto, self._scope, self._place.nested(index, proto.name))

    def _field(self, index: int, field: FieldDescriptorProto, indent: str) -> Iterator[str]:
        yield from self._scope.comments.at((*self._place.path, _FIELD, index), indent)
        more = []
        if field.HasField("default_value"):
            more.append(f"default = {_default(field)}")
        if field.json_name not in ("", _json_name(field.name)):
            more.append(f"json_name = {proto_options.quoted(field.json_name)}")
        options = proto_options.brackets(field.options, self._scope, indent, *more)
        text = f"{indent}{self._type(field)} {field.name} = {field.number}{options};"
        yield from text.split("\n")

    def _type(self, field: FieldDescriptorProto) -> str:
        entry = self._entries.get(field.type_name)
        if entry is not None:
            key, value = self._proto.nested_type[entry].field
            return f"map<{self._plain_type(key)}, {self._plain_type(value)}>"
        is_said = (
            field.label == FieldDescriptorProto.LABEL_REPEATED
            or field.proto3_optional
            or (self._scope.is_labelled and not _is_chosen(field))
        )
        return f"{_LABELS[field.label] if is_said else ''}{self._plain_type(field)}"

    def _plain_type(self, field: FieldDescriptorProto) -> str:
        if field.type == FieldDescriptorProto.TYPE_GROUP:
            raise ValueError(f"{self._proto.name}.{field.name}: no text for groups")
        if field.type not in _NAMED:
            return FieldDescriptorProto.Type.Name(field.type).removeprefix("TYPE_").lower()
        above, _, name = field.type_name.rpartition(".")
        return name if above == self._place.full_name else self._scope.name(field.type_name)


def _is_chosen(field: FieldDescriptorProto) -> bool:
    """Tell whether a field is a choice of a oneof that somebody wrote."""
    return field.HasField("oneof_index") and not field.proto3_optional


def _default(field: FieldDescriptorProto) -> str:
    if field.type == FieldDescriptorProto.TYPE_BYTES:
        # A descriptor has it escaped.
        return f'"{field.default_value}"'
    is_text = field.type == FieldDescriptorProto.TYPE_STRING
    return proto_options.quoted(field.default_value) if is_text else field.default_value


def _reserved(
    ranges: list[tuple[int, int]],
    names: Sequence[str],
    scope: Scope,
    indent: str,
    highest: int,
) -> Iterator[str]:
    """Yield what is reserved; the last number of a range is in it."""
    numbers = [_range(first, last, highest) for first, last in ranges]
    if numbers:
        yield f"{indent}reserved {', '.join(numbers)};"
    if names:
        words = [name if scope.is_edition else f'"{name}"' for name in names]
        yield f"{indent}reserved {', '.join(words)};"


def _range(first: int, last: int, highest: int) -> str:
    if first == last:
        return str(first)
    return f"{first} to {'max' if last == highest else last}"


def _json_name(name: str) -> str:
    """Return what protoc calls a field in JSON that says nothing of it."""
    head, *rest = name.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in rest)
