"""One value of a manifest as the value of a protobuf field, or why it cannot be one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube.errors import quote
from protocube.manifests import go_base64, go_time, numbers, quantity_text
from protocube.manifests.field_plans import FieldPlan, Form, plans

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.protobuf.message import Message

_NUMBERS = (int, float, numbers.Written)
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


def mismatch(value: Any, go_type: str) -> Mismatch:
    """Return that ``value`` stands where Go has ``go_type``."""
    return Mismatch(word(value), go_type)


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


def element(plan: FieldPlan, value: Any) -> Any:
    """Return ``value`` as one of a list or a map. Raises :class:`Mismatch`.

    As :func:`convert`, but that a JSON schema takes no ``null`` there.
    """
    if value is None and plan.is_of_schema:
        raise Mismatch("null", plan.value_type)
    return convert(plan, value)


def fill(plan: FieldPlan, value: Any, message: Any) -> None:
    """Write ``value`` into the message of one of Google's types. Raises :class:`Mismatch`.

    Not for free JSON, which :mod:`free_json` writes.
    """
    if plan.form is Form.WRAPPER:
        _wrapper(plan, value, message)
    elif value is None:
        return
    elif plan.form is Form.TIMESTAMP:
        _timestamp(plan, value, message)
    else:
        _foreign(plan, value, message)


def _wrapper(plan: FieldPlan, value: Any, message: Any) -> None:
    if value is None:
        # An element: nothing is not what the wrapper would be then.
        raise Mismatch("null", plan.value_type)
    message.value = convert(plans(type(message))["value"], value)
    message.SetInParent()


def _timestamp(plan: FieldPlan, value: Any, message: Any) -> None:
    from google.protobuf import timestamp_pb2

    if not isinstance(value, str):
        raise Mismatch(word(value), plan.value_type)
    fault = go_time.fault(value, is_micro=plan.is_micro)
    if fault is not None:
        raise Mismatch(fault)
    stamp = timestamp_pb2.Timestamp()
    try:
        stamp.FromJsonString(value.replace(",", "."))
    except ValueError:
        # A time of Go that protobuf has no form for: an offset that leads out of its years.
        raise Mismatch(f"parsing time {quote(value)}: year out of range") from None
    # The field's own class may come from another descriptor pool.
    message.SetInParent()
    message.seconds, message.nanos = stamp.seconds, stamp.nanos


def int_or_string(value: Any) -> int | str:
    """Return the value of an int-or-string; ``None`` is 0. Raises :class:`Mismatch`."""
    if isinstance(value, str):
        return value
    if value is None:
        return 0
    found = _whole(value, bits=32, signed=True)
    if isinstance(found, str):
        # Kubernetes reads the number as a text of its own, which has no field.
        raise Mismatch(f"json: cannot unmarshal {found} into Go value of type int32")
    return found


def _integer(plan: FieldPlan, value: Any) -> int:
    found = _whole(value, bits=plan.bits, signed=plan.signed)
    if isinstance(found, str):
        raise Mismatch(found, plan.value_type)
    return found


def _whole(value: Any, *, bits: int, signed: bool) -> int | str:
    """Return the number, or what Go calls a value that is no whole number of so many bits."""
    if value.__class__ is numbers.Written:
        return f"number {value.text}"
    if value.__class__ not in _NUMBERS:
        return word(value)
    least = -(1 << (bits - 1)) if signed else 0
    most = (1 << (bits - signed)) - 1
    if value != int(value) or not least <= value <= most:
        return f"number {numbers.text(value)}"
    return int(value)


def _float(plan: FieldPlan, value: Any) -> float:
    if value.__class__ not in _NUMBERS:
        raise Mismatch(word(value), plan.value_type)
    return float(value)


def _quantity(_: FieldPlan, value: Any) -> str:
    if value.__class__ is numbers.Written:
        # Kubernetes reads the text of the number.
        return str(value.text)
    if value.__class__ in _NUMBERS:
        return numbers.text(value)
    # That of another type cannot be read either, as whatever text.
    text = value.strip(" ") if isinstance(value, str) else word(value)
    try:
        quantity_text.read(text)
    except quantity_text.NoQuantity as error:
        raise Mismatch(str(error)) from None
    return str(text)


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


def _foreign(plan: FieldPlan, value: Any, message: Message) -> None:
    from google.protobuf import json_format

    try:
        json_format.ParseDict(value, message)
    except json_format.ParseError:
        raise Mismatch(word(value), plan.value_type) from None
