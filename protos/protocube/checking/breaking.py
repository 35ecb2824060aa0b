"""What a change of files does to data that was written with the files before.

The rules, and their names, are those of Buf's category WIRE_JSON. They are stricter in one
place: types are to be equal, because int32 -> uint32, which Buf allows, turns -1 into 4294967295.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from google.protobuf.descriptor_pb2 import FieldDescriptorProto

from protocube.checking.declarations import File

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from google.protobuf.descriptor_pb2 import FileDescriptorProto

    from protocube.checking.declarations import Message, Path
    from protocube.checking.fault import Fault

_REPEATED: Final = FieldDescriptorProto.LABEL_REPEATED


def faults(
    before: Sequence[FileDescriptorProto], after: Sequence[FileDescriptorProto]
) -> list[Fault]:
    """Return what in ``after`` reads data otherwise than ``before``, or not at all.

    Messages and enums that are gone count where a field had their type. Places are in ``after``.
    """
    new = [File(proto) for proto in after]
    messages = {message.name: (file, message) for file in new for message in file.messages()}
    enums = {name: (file, enum, path) for file in new for name, enum, path in file.enums()}
    packages = {file.name: file for file in new}
    found: list[Fault] = []
    for proto in before:
        old = File(proto)
        same = packages.get(old.name)
        if same is not None and same.proto.package != proto.package:
            text = f"the package was {proto.package}, and is {same.proto.package}"
            found.append(same.at_package("FILE_SAME_PACKAGE", text))
        for message in old.messages():
            if message.name in messages:
                file, now = messages[message.name]
                found += _message(old, message, file, now)
        for name, enum, _ in old.enums():
            if name in enums:
                found += _enum(name, enum, *enums[name])
    return found


def _message(old_file: File, old: Message, file: File, new: Message) -> Iterator[Fault]:
    fields = {field.number: (field, path) for field, path in new.fields()}
    for field, _ in old.fields():
        symbol = f"{old.name}.{field.name}"
        if field.number in fields:
            now, path = fields[field.number]
            for rule, text in _field(old_file, old, field, file, new, now):
                yield file.fault(rule, f"{text}", symbol=symbol, path=path)
            continue
        if not any(item.start <= field.number < item.end for item in new.proto.reserved_range):
            text = f"{field.name} ({field.number}) is gone and its number is not reserved"
            rule = "FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED"
            yield file.fault(rule, text, symbol=symbol, path=new.path)
        if field.name not in new.proto.reserved_name:
            text = f"{field.name} ({field.number}) is gone and its name is not reserved"
            rule = "FIELD_NO_DELETE_UNLESS_NAME_RESERVED"
            yield file.fault(rule, text, symbol=symbol, path=new.path)
    lost = [item for item in old.proto.reserved_range if not _is_within(item, new.proto)]
    names = sorted(set(old.proto.reserved_name) - set(new.proto.reserved_name))
    if lost or names:
        words = [f"{item.start} to {item.end - 1}" for item in lost] + names
        text = f"not reserved any more: {', '.join(words)}"
        rule = "RESERVED_MESSAGE_NO_DELETE"
        yield file.fault(rule, text, symbol=old.name, path=new.path)


def _field(
    old_file: File,
    old_holder: Message,
    old: FieldDescriptorProto,
    file: File,
    holder: Message,
    new: FieldDescriptorProto,
) -> Iterator[tuple[str, str]]:
    named = f"field {old.number}"
    if old.name != new.name:
        yield "FIELD_SAME_NAME", f"{named} was called {old.name}, and is called {new.name}"
    if _json(old) != _json(new):
        yield "FIELD_SAME_JSON_NAME", f"{named} was {_json(old)} in JSON, and is {_json(new)}"
    if _type(old) != _type(new) and not _are_alike(old_holder, old, holder, new):
        text = f"{named} had the type {_type(old)}, and has {_type(new)}"
        yield "FIELD_WIRE_JSON_COMPATIBLE_TYPE", text
    if _oneof(old_holder, old) != _oneof(holder, new):
        text = f"{named} was in {_oneof(old_holder, old) or 'no oneof'}, and is in "
        yield "FIELD_SAME_ONEOF", text + (_oneof(holder, new) or "none")
    elif _cardinality(old_file, old) != _cardinality(file, new):
        text = f"{named} was {_cardinality(old_file, old)}, and is {_cardinality(file, new)}"
        yield "FIELD_WIRE_JSON_COMPATIBLE_CARDINALITY", text
    if old.default_value != new.default_value:
        yield "FIELD_SAME_DEFAULT", f"{named} has another default value of protobuf's"


def _enum(name: str, old: Any, file: File, new: Any, path: Path) -> Iterator[Fault]:
    values: dict[int, set[str]] = {}
    for value in new.value:
        values.setdefault(value.number, set()).add(value.name)
    for value in old.value:
        if value.number not in values:
            for rule, is_so in (
                ("NUMBER", any(_has(item, value.number) for item in new.reserved_range)),
                ("NAME", value.name in new.reserved_name),
            ):
                if not is_so:
                    text = f"{value.name} = {value.number} is gone, its {rule.lower()} not reserved"
                    rule = f"ENUM_VALUE_NO_DELETE_UNLESS_{rule}_RESERVED"  # noqa: PLW2901  # spelt out
                    yield file.fault(rule, text, symbol=name, path=path)
        elif value.name not in values[value.number]:
            now = ", ".join(sorted(values[value.number]))
            text = f"{value.number} was called {value.name}, and is called {now}"
            yield file.fault("ENUM_VALUE_SAME_NAME", text, symbol=name, path=path)
    lost = [
        item
        for item in old.reserved_range
        if not any(new.start <= item.start and item.end <= new.end for new in new.reserved_range)
    ]
    names = sorted(set(old.reserved_name) - set(new.reserved_name))
    if lost or names:
        words = [f"{item.start} to {item.end}" for item in lost] + names
        text = f"not reserved any more: {', '.join(words)}"
        yield file.fault("RESERVED_ENUM_NO_DELETE", text, symbol=name, path=path)


def _has(item: Any, number: int) -> bool:
    return bool(item.start <= number <= item.end)


def _is_within(lost: Any, message: Any) -> bool:
    return any(item.start <= lost.start and lost.end <= item.end for item in message.reserved_range)


def _json(field: FieldDescriptorProto) -> str:
    if field.json_name:
        return field.json_name
    first, *rest = field.name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _type(field: FieldDescriptorProto) -> str:
    if field.type_name:
        return field.type_name.removeprefix(".")
    return FieldDescriptorProto.Type.Name(field.type).removeprefix("TYPE_").lower()


def _are_alike(
    old_holder: Message, old: FieldDescriptorProto, holder: Message, new: FieldDescriptorProto
) -> bool:
    """Tell whether both are maps: their entries, whose names follow the field's, are compared."""
    one, other = _entry(old_holder, old), _entry(holder, new)
    if one is None or other is None:
        return False
    return [_type(field) for field in one.field] == [_type(field) for field in other.field]


def _entry(holder: Message, field: FieldDescriptorProto) -> Any:
    for nested in holder.proto.nested_type:
        if nested.options.map_entry and field.type_name.endswith(f".{nested.name}"):
            return nested
    return None


def _cardinality(file: File, field: FieldDescriptorProto) -> str:
    if field.label == _REPEATED:
        return "repeated"
    if field.type == FieldDescriptorProto.TYPE_MESSAGE or field.HasField("oneof_index"):
        return "optional"
    if file.proto.syntax == "proto3":
        return "without presence"
    features = field.options.features
    implicit = features.IMPLICIT
    chosen = features if features.HasField("field_presence") else file.proto.options.features
    return "without presence" if chosen.field_presence == implicit else "optional"


def _oneof(holder: Message, field: FieldDescriptorProto) -> str:
    if not field.HasField("oneof_index") or field.proto3_optional:
        return ""
    return str(holder.proto.oneof_decl[field.oneof_index].name)
