"""Options as .proto text: as statements, and in the brackets behind a field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from google.protobuf import text_encoding, text_format
from google.protobuf.unknown_fields import UnknownFieldSet

# Registers the options that the files of kinds have.
from protocube.api.v1 import (
    extension_rules_pb2,
    field_pb2,
    group_version_pb2,
    network_rules_pb2,
    resource_pb2,
    rules_pb2,
    workload_rules_pb2,
)
from protocube.vendor.buf.validate import validate_pb2

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.protobuf.descriptor import FieldDescriptor
    from google.protobuf.message import Message

    from protocube.codegen.proto_names import Scope

KNOWN = (
    extension_rules_pb2,
    field_pb2,
    group_version_pb2,
    network_rules_pb2,
    resource_pb2,
    rules_pb2,
    validate_pb2,
    workload_rules_pb2,
)
"""The modules whose options are printed."""
_SHORT = 60
"""As much of options stays on the line of what has them."""


def statements(options: Message, scope: Scope, indent: str = "") -> Iterator[str]:
    """Yield the lines of ``option ...;`` that a file, a message or a method begins with.

    Raises ``ValueError`` for an option whose extension is not known.
    """
    for name, value in _said(options, scope):
        yield from indented(f"option {name} = {value};", indent)


def brackets(options: Message, scope: Scope, indent: str, *more: str) -> str:
    """Return `` [...]`` for behind a field or value, ``""`` of none; ``more`` is said before them.

    Raises ``ValueError`` for an option whose extension is not known.
    """
    parts = [*more, *(f"{name} = {value}" for name, value in _said(options, scope))]
    if not parts:
        return ""
    line = f" [{', '.join(parts)}]"
    if "\n" not in line and len(line) < _SHORT:
        return line
    inner = "\n".join(indented(",\n".join(parts), f"{indent}  "))
    return f" [\n{inner}\n{indent}]"


def indented(text: str, indent: str) -> list[str]:
    """Return the lines of a text."""
    return [f"{indent}{line}" for line in text.split("\n")]


def quoted(text: str) -> str:
    """Return a text as a literal."""
    return '"' + text_encoding.CEscape(text.encode(), as_utf8=True) + '"'


def _said(options: Any, scope: Scope) -> Iterator[tuple[str, str]]:
    """Yield the name and the value of each option that is set."""
    _check(options)
    for field, value in options.ListFields():
        name = f"({scope.name(field.full_name)})" if field.is_extension else field.name
        for item in value if field.is_repeated else (value,):
            yield name, _value(field, item)


def _check(message: Any) -> None:
    """Raise ``ValueError`` for what is in a message without being known: text would lack it."""
    unknown = UnknownFieldSet(message)
    if len(unknown):
        number = unknown[0].field_number
        raise ValueError(f"no text for {message.DESCRIPTOR.full_name}, number {number}")
    for field, value in message.ListFields():
        if field.message_type is not None:
            for item in value if field.is_repeated else (value,):
                _check(item)


def _value(field: FieldDescriptor, value: Any) -> str:
    if field.message_type is not None:
        return _message(value)
    if field.enum_type is not None:
        return str(field.enum_type.values_by_number[value].name)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, bytes):
        return '"' + text_encoding.CEscape(value, as_utf8=False) + '"'
    return str(value)


def _message(value: Message) -> str:
    """Return a message on one line, or on several where that is long."""
    line = text_format.MessageToString(value, as_one_line=True, as_utf8=True).strip()
    if len(line) < _SHORT:
        return f"{{{line}}}"
    text = text_format.MessageToString(value, as_utf8=True).rstrip("\n")
    return "{\n" + "\n".join(f"  {item}" for item in text.split("\n")) + "\n}"
