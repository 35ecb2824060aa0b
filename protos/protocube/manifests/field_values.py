"""One value of a manifest as the value of a protobuf field, or why it cannot be one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from protocube.errors import quote
from protocube.manifests import go_base64, go_time, numbers
from protocube.manifests.field_plans import FieldPlan, Form

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.protobuf.message import Message

_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,18}|1[0-9]{19})")
_BAD_QUANTITY = (
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
)
_ZERO: dict[Form, Any] = {
    Form.TEXT: "",
    Form.QUANTITY: "0",
    Form.BYTES: b"",
    Form.BOOL: False,
    Form.INTEGER: 0,
    Form.FLOAT: 0.0,
    Form.ENUM: 0,
}


class Mismatch(Exception):  # reads as the statement it is
    """A value that its field cannot take: a type in place of another, or other words."""

    def __init__(self, value: str, go_type: str = "") -> None:
        super().__init__(value)
        self._value = value
        self._go_type = go_type

    def describe(self, field: str) -> str:
        """Return the text for the field, which is named ``Struct.path.of.fields``."""
        if not self._go_type:
            return self._value
        return (
            f"json: cannot unmarshal {self._value} into Go struct field {field} "
            f"of type {self._go_type}"
        )


def word(value: Any) -> str:
    """Return what Go calls the type of a JSON value."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, dict):
        return "object"
    if isinstance(value, list):
        return "array"
    return "string" if isinstance(value, str) else "number"


def convert(plan: FieldPlan, value: Any) -> Any:
    """Return ``value`` as the field's Python value; ``None`` is the zero value.

    Raises :class:`Mismatch`.
    """
    if value is None:
        return _ZERO[plan.form]
    if value.__class__ is plan.as_it_is:
        return value
    reader = _READERS.get(plan.form)
    if reader is None:
        raise Mismatch(word(value), plan.value_type)
    return reader(plan, value)


def fill(plan: FieldPlan, value: Any, message: Any) -> None:
    """Write ``value`` into the message of one of Google's types. Raises :class:`Mismatch`."""
    if plan.form is Form.VALUE:
        _value(value, message)
    elif value is None:
        return
    elif plan.form is Form.TIMESTAMP:
        _timestamp(plan, value, message)
    elif plan.form is Form.STRUCT:
        if not isinstance(value, dict):
            raise Mismatch(word(value), plan.value_type)
        message.SetInParent()
        for key, item in value.items():
            _value(item, message.fields[key])
    else:
        _foreign(value, message)


def _timestamp(plan: FieldPlan, value: Any, message: Any) -> None:
    from google.protobuf import timestamp_pb2

    if not isinstance(value, str):
        raise Mismatch(word(value), plan.value_type)
    fault = go_time.fault(value)
    if fault is not None:
        raise Mismatch(fault)
    stamp = timestamp_pb2.Timestamp()
    try:
        stamp.FromJsonString(value.replace(",", "."))
    except ValueError as error:
        raise Mismatch(str(error)) from None
    # The field's own class may come from another descriptor pool.
    message.SetInParent()
    message.seconds, message.nanos = stamp.seconds, stamp.nanos


def _integer(plan: FieldPlan, value: Any) -> int:
    if isinstance(value, str) and plan.bits == 64 and _INTEGER.fullmatch(value):  # noqa: PLR2004  # bits of a type
        # Protobuf's own JSON writes 64-bit integers as strings.
        value = int(value)
    if value.__class__ not in (int, float):
        raise Mismatch(word(value), plan.value_type)
    least = -(1 << (plan.bits - 1)) if plan.signed else 0
    most = (1 << (plan.bits - plan.signed)) - 1
    if value != int(value) or not least <= value <= most:
        raise Mismatch(f"number {numbers.text(value)}", plan.value_type)
    return int(value)


def _float(plan: FieldPlan, value: Any) -> float:
    if value.__class__ not in (int, float):
        raise Mismatch(word(value), plan.value_type)
    return float(value)


def _quantity(_: FieldPlan, value: Any) -> str:
    if isinstance(value, str):
        return value
    if value.__class__ in (int, float):
        return numbers.text(value)
    raise Mismatch(_BAD_QUANTITY)


def _bytes(plan: FieldPlan, value: Any) -> bytes:
    if not isinstance(value, str):
        raise Mismatch(word(value), plan.value_type)
    try:
        return go_base64.decode(value)
    except ValueError as error:
        raise Mismatch(str(error)) from None


def _enum(plan: FieldPlan, value: Any) -> int:
    if not isinstance(value, str):
        raise Mismatch(word(value), plan.value_type)
    kinds: Any = plan.descriptor.enum_type
    found = kinds.values_by_name.get(value)
    if found is None:
        raise Mismatch(f"unknown value {quote(value)}")
    return int(found.number)


_READERS: dict[Form, Callable[[FieldPlan, Any], Any]] = {
    Form.QUANTITY: _quantity,
    Form.BYTES: _bytes,
    Form.INTEGER: _integer,
    Form.FLOAT: _float,
    Form.ENUM: _enum,
}


def _value(value: Any, message: Any) -> None:
    """Write any JSON value into a ``google.protobuf.Value``."""
    match value:
        case None:
            message.null_value = 0
        case bool():
            message.bool_value = value
        case str():
            message.string_value = value
        case int() | float():
            message.number_value = value
        case list():
            message.list_value.SetInParent()
            for item in value:
                _value(item, message.list_value.values.add())
        case dict():
            message.struct_value.SetInParent()
            for key, item in value.items():
                _value(item, message.struct_value.fields[key])


def _foreign(value: Any, message: Message) -> None:
    from google.protobuf import json_format

    try:
        json_format.ParseDict(value, message)
    except json_format.ParseError as error:
        raise Mismatch(str(error)) from None
