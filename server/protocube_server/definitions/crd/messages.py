"""The message of a custom kind, written from its schema.

Every object becomes a message within the one that holds it, every other value a field of the
type that :mod:`forms` says. Descriptions become comments.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from google.protobuf import descriptor_pb2

from protocube_server.definitions.crd import constraints, forms, naming, options
from protocube_server.definitions.crd.forms import Form, Held, Shape
from protocube_server.definitions.crd.schema import Schema

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from protocube_server.definitions.crd.numbering import Level

_Field = descriptor_pb2.FieldDescriptorProto
_MESSAGE_FIELD: Final = 2
_NESTED: Final = 3
"""Numbers of ``field`` and ``nested_type`` in a DescriptorProto: steps of a comment's path."""

_SCALARS: Final = {
    Held.STRING: _Field.TYPE_STRING,
    Held.BYTES: _Field.TYPE_BYTES,
    Held.BOOL: _Field.TYPE_BOOL,
    Held.INT32: _Field.TYPE_INT32,
    Held.INT64: _Field.TYPE_INT64,
    Held.DOUBLE: _Field.TYPE_DOUBLE,
}
_MESSAGES: Final = {
    Held.TIMESTAMP: ".google.protobuf.Timestamp",
    Held.VALUE: ".google.protobuf.Value",
    Held.INT_OR_STRING: ".google.protobuf.Value",
    Held.STRUCT: ".google.protobuf.Struct",
    Held.LIST_VALUE: ".google.protobuf.ListValue",
    Held.METADATA: ".protocube.meta.v1.ObjectMeta",
}
_STEPS: Final = {Shape.ONE: "", Shape.LIST: "[]", Shape.MAP: "{}"}
_STRING: Final = Schema(type="string", properties={})
_ANY: Final = Schema(preserve_unknown=True, properties={})
_NOTHING: Final = Schema(type="object", properties={})
_METADATA: Final = Form(held=Held.METADATA)
_DESCRIBED: Final = {
    "apiVersion": "The API version.",
    "kind": "The kind.",
    "metadata": "The name, and what else every object has.",
    "status": "What is known.",
}
"""What is said of fields that no schema describes."""

_OBJECT: Final = ("apiVersion", "kind", "metadata")
"""Fields of every object, which no schema restricts."""

Path = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a message is written to."""

    proto: descriptor_pb2.DescriptorProto
    full_name: str
    """With a dot in front."""
    path: Path
    """Of its comment."""
    level: Level
    schema: str
    """The path of its schema below the root: ``.spec.ports[]``."""


class Writer:
    """Writes the messages of one file."""

    def __init__(
        self, file: descriptor_pb2.FileDescriptorProto, selectable: Iterable[str] = ()
    ) -> None:
        """Begin. ``selectable`` are the paths of fields that can be selected by."""
        self.file = file
        self._selectable = frozenset(selectable)
        self._messages: dict[str, set[str]] = {}
        """The names that messages in a message may have, by its own."""
        self._written: list[tuple[descriptor_pb2.DescriptorProto, Level]] = []

    def root(self, name: str, schema: Schema, level: Level, *, has_status: bool) -> Any:
        """Write the message of the kind, and return it. Numbers are allocated in ``level``."""
        index = len(self.file.message_type)
        proto = self.file.message_type.add(name=name)
        place = Place(
            proto=proto,
            full_name=f".{self.file.package}.{name}",
            path=(4, index),
            level=level,
            schema="",
        )
        self._comment(place.path, schema.description or f"A {name}.")
        properties = {**schema.properties, "apiVersion": _STRING, "kind": _STRING}
        properties["metadata"] = _NOTHING
        if schema.preserve_unknown:
            # What else there may be at the root has no place in a message.
            properties = {"spec": _ANY, "status": _ANY} | properties
        elif has_status:
            properties.setdefault("status", _NOTHING)
        self._fields(place, schema, properties, is_root=True)
        return proto

    def reserve(self) -> None:
        """Reserve the numbers that other versions or earlier schemas use.

        Call it when all versions are written.
        """
        for proto, level in self._written:
            used = {field.number for field in proto.field}
            for number in level.numbers():
                if number not in used:
                    _reserve(proto, number)

    def _fields(
        self, place: Place, schema: Schema, properties: Mapping[str, Schema], *, is_root: bool
    ) -> None:
        """Write a field for each property, in the order of their numbers."""
        is_object = is_root or schema.embedded
        planned = {
            name: _METADATA if is_object and name == "metadata" else forms.of(below)
            for name, below in properties.items()
        }
        wanted = {name: form.text for name, form in planned.items()}
        numbers = place.level.allocate(wanted, is_root=is_root)
        names = _names(place.level)
        self._messages[place.full_name] = {naming.camel(name) for name in names.values()}
        for name in sorted(properties, key=numbers.__getitem__):
            form = planned[name]
            field = place.proto.field.add(
                name=names[name], number=numbers[name], json_name=name, label=_Field.LABEL_OPTIONAL
            )
            self._type(place, field, name, properties[name], form)
            if not (is_object and name in _OBJECT):
                if form.shape is Shape.ONE and form.held in _SCALARS:
                    _make_optional(place.proto, field)
                path = f"{place.schema}.{name}"
                options.write(field, properties[name], form, is_selectable=path in self._selectable)
                constraints.write(
                    field, properties[name], form, is_required=name in schema.required
                )
            said = properties[name].description or (_DESCRIBED.get(name, "") if is_object else "")
            self._comment((*place.path, _MESSAGE_FIELD, len(place.proto.field) - 1), said)
        if _has_conflict(place.proto):
            place.proto.options.deprecated_legacy_json_field_conflicts = True
        self._written.append((place.proto, place.level))

    def _type(self, place: Place, field: Any, name: str, schema: Schema, form: Form) -> None:
        """Give a field its type, and write the messages that it needs."""
        held = form.held
        if held is Held.MESSAGE:
            type_name = self._below(place, field, name, schema, form)
        else:
            type_name = _MESSAGES.get(held, "")
        kind = _SCALARS.get(held, _Field.TYPE_MESSAGE)
        if form.shape is Shape.MAP:
            entry = place.proto.nested_type.add(name=_entry(field.name))
            entry.options.map_entry = True
            entry.field.add(
                name="key",
                number=1,
                json_name="key",
                label=_Field.LABEL_OPTIONAL,
                type=_Field.TYPE_STRING,
            )
            value = entry.field.add(
                name="value", number=2, json_name="value", label=_Field.LABEL_OPTIONAL, type=kind
            )
            if type_name:
                value.type_name = type_name
            kind, type_name = _Field.TYPE_MESSAGE, f"{place.full_name}.{entry.name}"
        if form.shape is not Shape.ONE:
            field.label = _Field.LABEL_REPEATED
        field.type = kind
        if type_name:
            field.type_name = type_name

    def _below(self, place: Place, field: Any, name: str, schema: Schema, form: Form) -> str:
        """Write the message that a field holds one or many of; return its name."""
        inner = schema
        if form.shape is Shape.LIST:
            inner = schema.items or _NOTHING
        elif form.shape is Shape.MAP:
            inner = schema.additional or _NOTHING
        step = _STEPS[form.shape]
        index = len(place.proto.nested_type)
        message_name = self._message_name(place, field.name)
        below = Place(
            proto=place.proto.nested_type.add(name=message_name),
            full_name=f"{place.full_name}.{message_name}",
            path=(*place.path, _NESTED, index),
            level=place.level.fields[name].below(step),
            schema=f"{place.schema}.{name}{step}",
        )
        self._comment(below.path, inner.description)
        properties = inner.properties
        if inner.embedded:
            implied = {"apiVersion": _STRING, "kind": _STRING, "metadata": _NOTHING}
            properties = {**properties, **implied}
        self._fields(below, inner, properties, is_root=False)
        return below.full_name

    def _message_name(self, place: Place, field: str) -> str:
        """Return the name of the message in a field: none that it is within, for Java's sake."""
        above = place.full_name.removeprefix(f".{self.file.package}.").split(".")
        own = found = naming.camel(field)
        while found in above or (found != own and found in self._messages[place.full_name]):
            found = f"{above[-1]}{found}"
        return found

    def _comment(self, path: Path, text: str) -> None:
        if text:
            lines = "".join(f" {line}".rstrip() + "\n" for line in text.strip().split("\n"))
            self.file.source_code_info.location.add(
                path=path, span=(0, 0, 0), leading_comments=lines
            )


def _make_optional(proto: descriptor_pb2.DescriptorProto, field: Any) -> None:
    """Let a scalar have presence: zero and unset differ in JSON."""
    field.proto3_optional = True
    field.oneof_index = len(proto.oneof_decl)
    proto.oneof_decl.add(name=f"_{field.name}")


def _names(level: Level) -> dict[str, str]:
    """Return the fields' names of all properties that a level has, or had.

    Two that would be called alike are told apart by the number of the later one. A name is no
    other field's JSON name either, nor is that of the oneof of an optional field, which is the
    field's with ``_`` in front: protobuf refuses both.
    """
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name in sorted(level.fields, key=lambda name: min(level.fields[name].numbers.values())):
        plain = naming.snake(name)
        while (
            naming.camel(plain).lower() in taken
            or (plain != name and plain in level.fields)
            or f"_{plain}" in level.fields
        ):
            plain = f"{plain}_{min(level.fields[name].numbers.values())}"
        taken.add(naming.camel(plain).lower())
        found[name] = plain
    return found


def _has_conflict(proto: descriptor_pb2.DescriptorProto) -> bool:
    """Tell whether a field is called in JSON as another one would be by its own name.

    Compilers refuse that unless the message allows it.
    """
    own = {field.json_name: field.name for field in proto.field}
    for field in proto.field:
        first, *rest = field.name.split("_")
        made = first + "".join(part[:1].upper() + part[1:] for part in rest)
        if own.get(made, field.name) != field.name:
            return True
    return False


def _entry(field: str) -> str:
    """Return the name that protobuf asks the message of a map's entries to have."""
    return "".join(part[:1].upper() + part[1:] for part in field.split("_")) + "Entry"


def _reserve(proto: descriptor_pb2.DescriptorProto, number: int) -> None:
    """Reserve a number, the next higher one of a message."""
    if proto.reserved_range and proto.reserved_range[-1].end == number:
        proto.reserved_range[-1].end = number + 1
    else:
        proto.reserved_range.add(start=number, end=number + 1)
