"""Whether a message with the resource option has the form of an object."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from google.protobuf import json_format, message_factory
from google.protobuf.descriptor_pb2 import FieldDescriptorProto

from protocube import descriptor_options
from protocube.api.v1 import group_version_pb2, resource_pb2
from protocube.tables import computed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.protobuf.descriptor import Descriptor, FieldDescriptor

    from protocube.checking.declarations import File, Message
    from protocube.checking.fault import Fault

_STRING, _MESSAGE = FieldDescriptorProto.TYPE_STRING, FieldDescriptorProto.TYPE_MESSAGE
_HEAD: Final = (
    (1, "api_version", _STRING, ""),
    (2, "kind", _STRING, ""),
    (3, "metadata", _MESSAGE, ".protocube.meta.v1.ObjectMeta"),
)
_PARTS: Final = {4: "spec", 5: "status"}
_ROOTED: Final = (resource_pb2.SUBRESOURCE_STATUS,)
_INTEGERS: Final = frozenset(("int32", "int64", "uint32", "uint64"))
_SUBSCRIPT: Final = re.compile(r"\[[^\]]*\]")


def form_faults(
    file: File, message: Message, option: resource_pb2.Resource, *, parts: bool
) -> Iterator[Fault]:
    """Yield where an object's own fields are not those that every object has.

    ``parts`` asks that fields 4 and 5 are a spec and a status.
    """
    if not file.proto.options.HasExtension(group_version_pb2.group_version):
        text = "the file declares a kind and has no option (protocube.api.v1.group_version)"
        yield file.fault("group_version", text, symbol=message.name, path=message.path)
    fields = {field.name: (field, path) for field, path in message.fields()}
    numbers = {field.number: field.name for field, _ in message.fields()}
    for number, name, kind, type_name in _HEAD:
        wanted = f"{type_name.removeprefix('.') or 'string'} {name} = {number}"
        field, path = fields.get(name, (None, message.path))
        is_so = (
            field is not None
            and field.number == number
            and field.type == kind
            and field.type_name == type_name
            and field.label != FieldDescriptorProto.LABEL_REPEATED
            and (field.proto3_optional or not field.HasField("oneof_index"))
        )
        if not is_so:
            found = f", not {_written(field)}" if field is not None else ""
            text = f"an object has `{wanted}`{found}"
            yield file.fault("object.form", text, symbol=f"{message.name}.{name}", path=path)
    for number, name in _PARTS.items() if parts else ():
        holder = numbers.get(number, name)
        field, path = fields.get(name, (None, message.path))
        if holder != name or (field is not None and not _is_part(field, number)):
            text = f"the number {number} is for a message called {name}, and {name} has no other"
            yield file.fault("object.form", text, symbol=message.name, path=path)
    for subresource in option.subresources:
        if subresource in _ROOTED and "status" not in fields:
            text = "SUBRESOURCE_STATUS needs a field called status"
            yield file.fault("object.status", text, symbol=message.name, path=message.path)


def column_faults(
    file: File, message: Message, option: resource_pb2.Resource, descriptor: Descriptor
) -> Iterator[Fault]:
    """Yield the columns whose path leads nowhere, or whose function there is not."""
    for column in option.columns:
        if column.computed:
            why = "" if computed.cell(column.computed) else f"no function {column.computed}"
        else:
            why = _path_fault(descriptor, column.path)
        if why:
            text = f"the column {column.name}: {why}"
            yield file.fault("column", text, symbol=message.name, path=message.path)


def default_faults(file: File, message: Message, descriptor: Descriptor) -> Iterator[Fault]:
    """Yield the fields whose default is no value of theirs."""
    for declared, path in message.fields():
        field = descriptor.fields_by_name[declared.name]
        text = descriptor_options.api_field(field).default
        why = _default_fault(field, text) if text else ""
        if why:
            symbol = f"{message.name}.{declared.name}"
            fault = f'the default "{text}" is no value of the field: {why}'
            yield file.fault("default", fault, symbol=symbol, path=path)


def endless_defaults(descriptor: Descriptor) -> str:
    """Return a message type below one that its own default ``{}`` would make again, or nothing."""
    done: set[str] = set()
    stack: list[tuple[Any, tuple[str, ...]]] = [(descriptor, ())]
    while stack:
        at, above = stack.pop()
        if at.full_name in above:
            name: str = at.full_name
            return name
        if at.full_name in done and not above:
            continue
        done.add(at.full_name)
        for field in at.fields:
            below = field.message_type
            if below is None or below.full_name.startswith(("google.", "protocube.meta.")):
                continue
            if descriptor_options.api_field(field).default:
                stack.append((below, (*above, at.full_name)))
            elif below.full_name not in done:
                stack.append((below, ()))
    return ""


def _is_part(field: FieldDescriptorProto, number: int) -> bool:
    is_one = field.label != FieldDescriptorProto.LABEL_REPEATED
    return field.number == number and field.type == _MESSAGE and is_one


def _written(field: FieldDescriptorProto) -> str:
    name = FieldDescriptorProto.Type.Name(field.type).removeprefix("TYPE_").lower()
    many = "repeated " if field.label == FieldDescriptorProto.LABEL_REPEATED else ""
    kind = field.type_name.removeprefix(".") or name
    return f"`{many}{kind} {field.name} = {field.number}`"


def _path_fault(descriptor: Any, path: str) -> str:
    """Return why a path of JSON names leads nowhere, or nothing."""
    at: Any = descriptor
    if not path.startswith("."):
        return f"the path {path!r} does not begin with '.'"
    for step in _SUBSCRIPT.sub("", path).removeprefix(".").split("."):
        if at is None or at.full_name.startswith("google.protobuf."):
            return f"the path {path} leads on below {at.full_name if at else 'a scalar'}"
        if at.GetOptions().map_entry:
            at = at.fields_by_name["value"].message_type
            continue
        field = next((item for item in at.fields if item.json_name == step), None)
        if field is None:
            return f"the path {path}: {at.full_name} has no field {step}"
        at = field.message_type
    return ""


def _default_fault(field: FieldDescriptor, text: str) -> str:
    if field.is_repeated:
        return ""  # Of lists and maps the server knows which it can fill in.
    if field.message_type is not None:
        return _message_fault(field.message_type, text)
    kinds = {
        field.CPPTYPE_BOOL: "bool",
        field.CPPTYPE_STRING: "string",
        field.CPPTYPE_ENUM: "enum",
        field.CPPTYPE_INT32: "int32",
        field.CPPTYPE_INT64: "int64",
        field.CPPTYPE_UINT32: "uint32",
        field.CPPTYPE_UINT64: "uint64",
    }
    kind = kinds.get(field.cpp_type, "number")
    if kind == "enum" or field.type == field.TYPE_BYTES:
        return "enums and bytes have no defaults"
    if kind == "string":
        return ""
    if kind == "bool":
        return "" if text in ("true", "false") else "it is true or false"
    try:
        number = int(text) if kind in _INTEGERS else float(text)
    except ValueError:
        return f"it is no {kind}"
    bits = 31 if kind == "int32" else 32 if kind == "uint32" else 63 if kind == "int64" else 64
    least = -(2**bits) if kind.startswith("int") else 0
    is_within = kind not in _INTEGERS or least <= number < 2**bits
    return "" if is_within else f"it is beyond {kind}"


def _message_fault(descriptor: Descriptor, text: str) -> str:
    holder = message_factory.GetMessageClass(descriptor)()
    try:
        # int-or-string: `25%` and `80` stand without quotes, as in a scalar.
        is_json = text[0] in '{["' or text.lstrip("-").isdigit()
        json_format.Parse(text if is_json else json.dumps(text), holder)
    except json_format.ParseError as error:
        return str(error).removeprefix("Failed to parse ")
    return ""
