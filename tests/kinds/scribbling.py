"""Messages of any type filled with what rules may be about: good, odd and absurd values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from google.protobuf.descriptor import FieldDescriptor

from protocube import descriptor_options
from protocube.vendor.buf.validate import validate_pb2

if TYPE_CHECKING:
    import random

_TEXTS: Final = (
    *("", "a", "A", "0", "-", ".", "..", "/", "*", "1", "-1", "None", "a-b.c", "a/b", "a/b/c"),
    *("a.example.com/name", "Example.com/Name", "x" * 63, "x" * 64, "x.y" * 90, "x" * 600),
    *("a\n", "\n", " a", "a ", "a\x1f", "\x85a", "\u00e4", "\u2003", "a\u0661", "a_b", "A_B=1"),
    *("10.0.0.1", "010.0.0.1", "256.1.1.1", "::1", "fe80::1%eth0", "10.0.0.0/8", "10.0.0.1\n"),
    *("100m", "1Gi", "1e3", "-5", "0.5", "1..2", "+1Ki", "1Kii", "iqn.2001-04.com.example:a"),
    *("/etc", "../etc", "a/../b", "..a", "a..", "a//b", "a--b", "-a", "a-", "8080", "Always"),
    *("limits.cpu", "metadata.labels['a']", "storage", "ReadWriteOncePod", "true", "2026-01-01"),
)
_NUMBERS: Final = (0, 1, -1, 2, 3, 5, 9, 10, 63, 100, 255, 256, 511, 512, 600, 65535, 65536)
_LARGE: Final = (2**31 - 1, -(2**31))
_DEEPEST: Final = 5


class Scribbling:
    """Fills messages; the same draws give the same messages."""

    def __init__(self, draw: random.Random) -> None:
        self._draw = draw

    def fill(self, message: Any, depth: int = 0) -> Any:
        """Set some of the fields of a message, and return it."""
        for field in message.DESCRIPTOR.fields:
            if self._draw.random() < (0.3 if depth else 0.6):
                self.change(message, field, depth)
        return message

    def spoil(self, message: Any) -> None:
        """Change one field somewhere in a message."""
        while True:
            inner = [
                each
                for field, value in message.ListFields()
                for each in _messages(field, value)
                if not each.DESCRIPTOR.full_name.startswith("google.protobuf.")
            ]
            if not inner or self._draw.random() < 0.3:  # as often as not
                break
            message = self._draw.choice(inner)
        if message.DESCRIPTOR.fields:
            self.change(message, self._draw.choice(list(message.DESCRIPTOR.fields)), 0)

    def change(self, message: Any, field: FieldDescriptor, depth: int) -> None:
        """Give a field another value, or none."""
        if self._draw.random() < 0.1:  # now and then
            message.ClearField(field.name)
            return
        values = descriptor_options.map_values(field)
        if values is not None:
            self._put(getattr(message, field.name), field, values, depth)
        elif field.is_repeated:
            self._add(getattr(message, field.name), field, depth)
        elif field.message_type is None:
            setattr(message, field.name, self._scalar(field))
        else:
            getattr(message, field.name).SetInParent()
            if depth < _DEEPEST:
                self.fill(getattr(message, field.name), depth + 1)

    def _put(self, entries: Any, field: Any, values: FieldDescriptor, depth: int) -> None:
        key_type = field.message_type.fields_by_name["key"]
        for _ in range(self._draw.choice((1, 1, 2))):
            key = self._scalar(key_type, field)
            if values.message_type is None:
                entries[key] = self._scalar(values, field)
            elif depth < _DEEPEST:
                self.fill(entries[key], depth + 1)

    def _add(self, items: Any, field: FieldDescriptor, depth: int) -> None:
        for _ in range(self._draw.choice((1, 1, 2, 3))):
            if field.message_type is None:
                items.append(self._scalar(field))
            elif depth < _DEEPEST:
                self.fill(items.add(), depth + 1)

    def _scalar(self, field: FieldDescriptor, ruled: FieldDescriptor | None = None) -> Any:
        draw = self._draw
        if field.type == FieldDescriptor.TYPE_STRING:
            named = _named(ruled or field)
            return draw.choice(named if named and draw.random() < 0.5 else _TEXTS)
        if field.type == FieldDescriptor.TYPE_BYTES:
            return draw.choice(_TEXTS).encode()
        if field.type == FieldDescriptor.TYPE_BOOL:
            return draw.random() < 0.5
        if field.cpp_type in (FieldDescriptor.CPPTYPE_DOUBLE, FieldDescriptor.CPPTYPE_FLOAT):
            return draw.choice((0.0, 1.5, -1.0, float("nan")))
        if field.enum_type is not None:
            return draw.choice([value.number for value in field.enum_type.values])
        number = draw.choice((*_NUMBERS, *_LARGE))
        is_unsigned = field.cpp_type in (
            FieldDescriptor.CPPTYPE_UINT32,
            FieldDescriptor.CPPTYPE_UINT64,
        )
        return abs(number) if is_unsigned else number


def _messages(field: FieldDescriptor, value: Any) -> list[Any]:
    values = descriptor_options.map_values(field)
    if (values or field).message_type is None:
        return []
    if values is not None:
        return [value[key] for key in value]
    return [*value] if field.is_repeated else [value]


def _named(field: FieldDescriptor) -> list[str]:
    """Return the texts that a field's rules name."""
    rules: Any = descriptor_options.of_field(field).Extensions[validate_pb2.field]
    return (
        [getattr(rules.string, "in")[0], *getattr(rules.string, "in")]
        if getattr(rules.string, "in")
        else []
    )
