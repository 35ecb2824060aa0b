"""Turns protovalidate's violations into Kubernetes' words.

Rule ids decide the type: ``required``, ``*.in``, ``*.max_len``, ``*.max_items``, and CEL
ids that begin with ``required.``, ``forbidden.``, ``duplicate.``, ``unsupported.``,
``not_found.`` or ``too_long``; everything else is ``Invalid value``. A rule whose text
begins with ``.child: `` is reported at that child; it may have a line for each of several.
What follows the second word of an id tells the parts of one rule apart: ``string.dns_label``
and ``string.dns_label.size``.
"""

from __future__ import annotations

import dataclasses
import json
import re
from typing import TYPE_CHECKING, Any

from google.protobuf import json_format
from google.protobuf.message import Message

from protocube import descriptor_options, errors
from protocube.manifests import field_plans
from protocube_server.kinds import field_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from google.protobuf.descriptor import Descriptor, FieldDescriptor

WHOLE = "[]"
"""The path of a fault of the whole object, as Kubernetes writes it."""

_REQUIRED = "FieldValueRequired"
_INVALID = "FieldValueInvalid"
_TYPES = {
    "forbidden": ("FieldValueForbidden", "Forbidden"),
    "not_found": ("FieldValueNotFound", "Not found"),
    "too_long": ("FieldValueTooLong", "Too long"),
}
_TOO_LONG = ("max_len", "max_bytes")
_TOO_MANY = ("max_items", "max_pairs")
# Kubernetes reports a bad label or annotation at the map, not at its key.
_WHOLE_MAP_RULES = {"string.qualified_name", "string.qualified_name_any_case", "string.label_value"}
# A subscript is an index or a map's key, which may hold anything but a bracket.
_AT_CHILD = re.compile(r"\.((?:[A-Za-z0-9.$_-]|\[[^\]]*\])+): (.*)", re.DOTALL)


def translate(message: Message, violation: Any) -> Iterator[errors.Violation]:
    """Yield our form of one violation that protovalidate found in ``message``.

    A rule that found several children at fault has a line for each.
    """
    proto = violation.proto
    descriptor: Any = type(message).DESCRIPTOR  # of one implementation or the other
    path = _path(descriptor, proto)
    yield from _each(message, path, proto.rule_id, proto.message, violation)


def of_rule(message: Message, path: str, rule: str, text: str) -> Iterator[errors.Violation]:
    """Yield our form of what the server itself found at ``path``, as :func:`translate` does."""
    yield from _each(message, path, rule, text, None)


def below(path: str, found: errors.Violation) -> errors.Violation:
    """Return what was found in a part of an object as found in the object; ``path`` leads there."""
    if not path:
        return found
    is_all = found.field == WHOLE
    return dataclasses.replace(found, field=path if is_all else f"{path}.{found.field}")


def in_part(path: str, name: str, first: int, found: errors.Violation) -> errors.Violation:
    """Return what was found in some elements of the list ``name`` as found in the whole list.

    ``first`` is the index of the first of them; ``path`` leads to what holds the list, and ends
    with a dot unless it is empty.
    """
    index, bracket, rest = found.field.removeprefix(f"{name}[").partition("]")
    field = found.field
    if first and bracket and index.isdigit():
        field = f"{name}[{int(index) + first}]{rest}"
    return dataclasses.replace(found, field=f"{path}{field}")


def _each(
    message: Message, path: str, rule: str, text: str, violation: Any
) -> Iterator[errors.Violation]:
    lines = text.split("\n")
    if len(lines) > 1 and all(_AT_CHILD.fullmatch(line) for line in lines):
        for line in lines:
            yield _one(message, path, rule, line, violation)
    else:
        yield _one(message, path, rule, text, violation)


def _one(message: Message, path: str, rule: str, text: str, violation: Any) -> errors.Violation:
    child = _AT_CHILD.fullmatch(text)
    if child:
        path, text = f"{path}.{child[1]}" if path else child[1], child[2]
    value = None if child or violation is None else violation.field_value
    if value is None:
        value = at(message, path)
    return _violation(path or WHOLE, rule, text, value, violation)


def required(path: str, detail: str = "") -> errors.Violation:
    """``Required value``, with a detail where it helps."""
    text = f"Required value: {detail}" if detail else "Required value"
    return errors.Violation(field=path, reason=_REQUIRED, message=text)


def invalid(path: str, value: Any, detail: str) -> errors.Violation:
    """``Invalid value: VALUE: DETAIL``."""
    text = f"Invalid value: {shown(value)}: {detail}"
    return errors.Violation(field=path, reason=_INVALID, message=text)


def unchecked(why: str) -> errors.Violation:
    """Return the refusal of a whole object that a rule could not be evaluated for."""
    text = f"Invalid value: a rule cannot be evaluated: {why}"
    return errors.Violation(field=WHOLE, reason=_INVALID, message=text)


def forbidden(path: str, detail: str) -> errors.Violation:
    """``Forbidden: DETAIL``."""
    reason, name = _TYPES["forbidden"]
    return errors.Violation(field=path, reason=reason, message=f"{name}: {detail}")


def too_long(path: str, most: int) -> errors.Violation:
    """``Too long: may not be more than MOST bytes``."""
    reason, name = _TYPES["too_long"]
    text = f"{name}: may not be more than {most} bytes"
    return errors.Violation(field=path, reason=reason, message=text)


def duplicate(path: str, value: Any) -> errors.Violation:
    """``Duplicate value: VALUE``."""
    text = f"Duplicate value: {shown(value)}"
    return errors.Violation(field=path, reason="FieldValueDuplicate", message=text)


def too_many(path: str, count: int, most: int) -> errors.Violation:
    """``Too many: COUNT: must have at most MOST items``."""
    message = f"Too many: {count}: must have at most {most} items"
    return errors.Violation(field=path, reason="FieldValueTooMany", message=message)


def not_found(path: str, value: Any) -> errors.Violation:
    """``Not found: VALUE``."""
    reason, name = _TYPES["not_found"]
    return errors.Violation(field=path, reason=reason, message=f"{name}: {shown(value)}")


def unsupported(path: str, value: Any, supported: Iterable[str]) -> errors.Violation:
    """``Unsupported value: VALUE: supported values: ...``."""
    choices = ", ".join(errors.quote(item) for item in supported)
    text = f"Unsupported value: {shown(value)}: supported values: {choices}"
    return errors.Violation(field=path, reason="FieldValueNotSupported", message=text)


def _violation(path: str, rule: str, text: str, value: Any, violation: Any) -> errors.Violation:
    head, _, last = rule.partition(".")[0], ".", rule.rpartition(".")[2]
    if rule == "required":
        return required(path)
    if head == "required":
        return required(path, text)
    if last == "in":
        return unsupported(path, value, map(str, violation.rule_value))
    if head == "unsupported":
        message = f"Unsupported value: {shown(value)}: {text}"
        return errors.Violation(field=path, reason="FieldValueNotSupported", message=message)
    if head == "duplicate":
        return duplicate(path, text or value)
    if last in _TOO_MANY:
        return too_many(path, len(value), violation.rule_value)
    if last in _TOO_LONG:
        return too_long(path, violation.rule_value)
    if head in _TYPES:
        reason, name = _TYPES[head]
        return errors.Violation(field=path, reason=reason, message=f"{name}: {text}")
    return invalid(path, value, text)


def _path(descriptor: Descriptor, proto: Any) -> str:
    """Return the path in JSON names, with ``[index]`` and ``[key]`` as Kubernetes writes them."""
    if proto.field is None:
        return ""
    parts: list[str] = []
    current: Descriptor | None = descriptor
    for element in proto.field.elements:
        if current is None:
            break
        field = current.fields_by_number[element.field_number]
        part = field.json_name
        if element.subscript is not None and not _drops_subscript(element, proto):
            part += f"[{element.subscript.value}]"
        parts.append(part)
        current = _below(field)
    return ".".join(parts)


def _drops_subscript(element: Any, proto: Any) -> bool:
    return _family(proto.rule_id) in _WHOLE_MAP_RULES and element.subscript.field != "index"


def _family(rule: str) -> str:
    """Return the rule that this is a part of, or itself."""
    return ".".join(rule.split(".")[:2])


def _below(field: FieldDescriptor) -> Descriptor | None:
    held: Any = descriptor_options.map_values(field) or field
    message: Descriptor | None = held.message_type
    return message


def at(message: Message, path: str) -> Any:
    """Return the value at a path of JSON names, ``None`` when it is not there."""
    value: Any = message
    for name, subscript in re.findall(r"([A-Za-z0-9$_-]+)(?:\[([^\]]*)\])?", path):
        if not isinstance(value, Message):
            return None
        field = field_names.by_json_name(type(value)).get(name)
        if field is None:
            return None
        value = _held(value, field)
        if subscript:
            try:
                value = value[subscript] if hasattr(value, "keys") else value[int(subscript)]
            except (KeyError, IndexError, ValueError):
                return None
    return value


def _held(message: Message, field: str) -> Any:
    """Return the value of a field; ``None`` for a message that is not set."""
    value = getattr(message, field)
    return value if not isinstance(value, Message) or message.HasField(field) else None


def shown(value: Any) -> str:
    """Write a value as Kubernetes does in its texts."""
    if isinstance(value, str):
        return errors.quote(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return f"<{len(value)} bytes>"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else f"{value:g}"
    if isinstance(value, int):
        return str(value)
    if value is None:
        return "null"
    if isinstance(value, Message) and value.DESCRIPTOR.full_name in field_plans.WRAPPERS:
        return shown(value.value)  # type: ignore[attr-defined]  # they have it
    if isinstance(value, Message) and value.DESCRIPTOR.full_name == "google.protobuf.Value":
        # int-or-string: a whole number is shown as one.
        return shown(json_format.MessageToDict(value))
    if not isinstance(value, Message) and not len(value):
        return "null"  # No list and no map: Go has none, where protobuf has an empty one.
    return json.dumps(_plain(value), separators=(",", ":"), default=str)


def _plain(value: Any) -> Any:
    if isinstance(value, Message):
        if value.DESCRIPTOR.full_name.startswith("google.protobuf."):
            return json_format.MessageToDict(value)
        # In the order of the contract, which is that of Kubernetes' types.
        return {field.json_name: _plain(item) for field, item in value.ListFields()}
    if hasattr(value, "items"):
        return {key: _plain(item) for key, item in sorted(value.items())}
    if hasattr(value, "append"):
        return [_plain(item) for item in value]
    return value
