"""How much the files of one definition may hold: each bound is work or memory of every server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from protocube.api.v1 import resource_pb2
from protocube.vendor.buf.validate import validate_pb2

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from google.protobuf.message import Message

    from protocube.checking.declarations import File
    from protocube.checking.fault import Fault

FILES: Final = 16
BYTES: Final = 512 * 1024
"""Of all descriptors of a definition, without their source info."""
FIELDS: Final = 1000
"""In one message. upb fails from 64 KiB a message on, which is about 4,000."""
DEPTH: Final = 32
"""Of messages in messages, by their types and by their declarations."""
RULES: Final = 256
"""Of CEL expressions in all files."""
EXPRESSION: Final = 4096
"""Bytes of one of them."""
COLUMNS: Final = 64

_RULE: Final = validate_pb2.Rule.DESCRIPTOR.full_name
_RULES_RULE: Final = "limit.rules"


def faults(files: Sequence[File]) -> Iterator[Fault]:
    """Yield which bounds the files do not keep."""
    if len(files) > FILES:
        text = f"a definition has {len(files)} files, the limit is {FILES}"
        yield files[0].fault("limit.files", text)
        return
    size = sum(file.proto.ByteSize() - file.proto.source_code_info.ByteSize() for file in files)
    if size > BYTES:
        text = f"the descriptors have {size} bytes, the limit is {BYTES}"
        yield files[0].fault("limit.bytes", text)
        return
    count = 0
    for file in files:
        for message in file.messages():
            if message.depth > DEPTH:
                text = f"messages are declared within each other more than {DEPTH} deep"
                yield file.fault("limit.depth", text, symbol=message.name, path=message.path)
                return
            fields = len(message.proto.field)
            if fields > FIELDS:
                text = f"the message has {fields} fields, the limit is {FIELDS}"
                yield file.fault("limit.fields", text, symbol=message.name, path=message.path)
            yield from _columns(file, message)
        for expression in expressions(file.proto):
            count += 1
            if len(expression.encode()) > EXPRESSION:
                text = f"an expression has more than {EXPRESSION} bytes: {expression[:40]}..."
                yield file.fault(_RULES_RULE, text)
    if count > RULES:
        text = f"the files have {count} CEL rules, the limit is {RULES}"
        yield files[0].fault(_RULES_RULE, text)


def _columns(file: File, message: Any) -> Iterator[Fault]:
    options = message.proto.options
    if options.HasExtension(resource_pb2.resource):
        columns = len(options.Extensions[resource_pb2.resource].columns)
        if columns > COLUMNS:
            text = f"the kind has {columns} columns, the limit is {COLUMNS}"
            yield file.fault("limit.columns", text, symbol=message.name, path=message.path)


def expressions(message: Message) -> Iterator[str]:
    """Yield the CEL expressions in the options below a descriptor."""
    return (rule if isinstance(rule, str) else rule.expression for rule in _rules(message))


def rule_ids(message: Message) -> Iterator[str]:
    """Yield what the CEL rules below a descriptor are called; an expression stands for itself."""
    return (rule if isinstance(rule, str) else rule.id for rule in _rules(message))


def _rules(message: Message) -> Iterator[Any]:
    stack: list[Any] = [message]
    while stack:
        item = stack.pop()
        if item.DESCRIPTOR.full_name == _RULE:
            yield item
            continue
        for field, value in item.ListFields():
            if field.name == "cel_expression":
                yield from value
            elif field.message_type is not None and not field.message_type.GetOptions().map_entry:
                stack.extend(value if field.is_repeated else (value,))


def depth_faults(files: Sequence[File]) -> Iterator[Fault]:
    """Yield messages that lead to others, by the types of fields, deeper than :data:`DEPTH`.

    A type that comes back to itself ends the way.
    """
    below: dict[str, list[str]] = {}
    declared: dict[str, tuple[File, Any]] = {}
    for file in files:
        for message in file.messages():
            declared[message.name] = (file, message)
            entries = {
                f".{message.name}.{nested.name}": nested.field[-1].type_name
                for nested in message.proto.nested_type
                if nested.options.map_entry and nested.field
            }
            below[message.name] = [
                entries.get(field.type_name, field.type_name).removeprefix(".")
                for field in message.proto.field
                if field.type_name
            ]
    known: dict[str, int] = {}
    for name, (file, message) in declared.items():
        if _depth(name, below, known, DEPTH + 1) > DEPTH:
            text = f"messages lead to each other more than {DEPTH} deep"
            yield file.fault("limit.depth", text, symbol=name, path=message.path)
            return


def _depth(name: str, below: dict[str, list[str]], known: dict[str, int], room: int) -> int:
    """Return how deep the types below one go; what is on the way already counts nothing.

    It goes no deeper than ``room``.
    """
    if name not in below or not room:
        return 0
    if name in known:
        return known[name]
    known[name] = 0
    deepest = 1 + max((_depth(item, below, known, room - 1) for item in below[name]), default=0)
    known[name] = deepest
    return deepest
