"""The part of a kind's messages that its rules can meet: often little of it.

A rule sees the value that it stands at, and all that is in that. On the way to such a value
nothing is seen but the way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
)

from protocube_server.definitions.crd import forms
from protocube_server.definitions.crd.forms import Held
from protocube_server.definitions.crd.rule_tree import own_rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from protocube_server.definitions.crd.schema import Schema


def met(
    files: Iterable[FileDescriptorProto], roots: Iterable[tuple[str, Schema]]
) -> list[FileDescriptorProto]:
    """Return files of the same names with what rules can meet, and the ways to it.

    ``roots`` are the full names of the messages of whole objects, with their schemas. Messages that
    are not met keep their names, because others are declared within them.
    """
    work = _Meeting(files)
    for name, schema in roots:
        work.look(schema, f".{name}")
    return work.files()


class _Meeting:
    def __init__(self, files: Iterable[FileDescriptorProto]) -> None:
        self._files = [*files]
        self._messages = {
            name: message
            for file in self._files
            for holder in file.message_type
            for name, message in _within(holder, f".{file.package}.{holder.name}")
        }
        self._whole: set[str] = set()
        """Messages that are seen with all that is in them."""
        self._ways: dict[str, set[str]] = {}
        """The JSON names of the fields of other messages that lead to something."""
        self._leads: dict[tuple[int, str], bool] = {}
        """Whether there are rules at a schema or below it, by its identity and its message."""

    def look(self, schema: Schema, name: str) -> bool:
        """Tell whether a value or what is in it has rules, and note what they meet.

        ``name`` is that of the message that it is, or holds; there may be none.
        """
        key = id(schema), name
        if key not in self._leads:
            self._leads[key] = self._look(schema, name)
        return self._leads[key]

    def _look(self, schema: Schema, name: str) -> bool:
        leads = bool(own_rules(schema))
        if leads and name:
            self._see(name)
        for part in (schema.items, schema.additional):
            leads |= part is not None and self.look(part, name)
        if leads and schema.list_type == "map":
            # By them an element is found again.
            self._ways.setdefault(name, set()).update(schema.list_map_keys)
        fields = {field.json_name: field for field in self._fields(name)}
        for below, part in schema.properties.items():
            held = ""
            if below in fields and forms.of(part).held is Held.MESSAGE:
                held = self._held(name, fields[below].type_name)
            if self.look(part, held):
                leads = True
                self._ways.setdefault(name, set()).add(below)
        return leads

    def _see(self, name: str) -> None:
        """Note that a message is seen, with those in it."""
        if name in self._whole or name not in self._messages:
            return
        self._whole.add(name)
        for field in self._fields(name):
            if field.type_name:
                self._see(self._held(name, field.type_name))

    def _fields(self, name: str) -> Iterable[FieldDescriptorProto]:
        return self._messages[name].field if name in self._messages else ()

    def _held(self, holder: str, type_name: str) -> str:
        """Return the message that a field of another one holds one or many of."""
        if type_name.startswith("."):
            return type_name
        # An entry of a map, which is told by its own name.
        _, value = self._messages[f"{holder}.{type_name}"].field
        return value.type_name

    def files(self) -> list[FileDescriptorProto]:
        """Return what was met."""
        return [self._file(file) for file in self._files]

    def _file(self, file: FileDescriptorProto) -> FileDescriptorProto:
        made = FileDescriptorProto()
        made.CopyFrom(file)
        del made.message_type[:]
        for message in file.message_type:
            made.message_type.append(self._message(message, f".{file.package}.{message.name}"))
        return made

    def _message(self, message: DescriptorProto, name: str) -> DescriptorProto:
        if name in self._whole:
            kept = [*message.field]
        else:
            ways = self._ways.get(name, ())
            kept = [field for field in message.field if field.json_name in ways]
        entries = {field.type_name for field in kept}
        made = DescriptorProto(name=message.name, options=message.options, field=kept)
        for nested in message.nested_type:
            if not nested.options.map_entry:
                made.nested_type.append(self._message(nested, f"{name}.{nested.name}"))
            elif nested.name in entries:
                made.nested_type.append(nested)
        return made


def _within(message: DescriptorProto, name: str) -> Iterator[tuple[str, DescriptorProto]]:
    yield name, message
    for nested in message.nested_type:
        yield from _within(nested, f"{name}.{nested.name}")
