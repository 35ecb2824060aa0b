"""The rules of a field as protovalidate has them, for clients that check before they call.

The server does not ask them: it holds objects to the schema itself, in Kubernetes' words, and
that knows more than a rule of one field can say.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from protocube.vendor.buf.validate import validate_pb2
from protocube_server.definitions.crd.forms import Held, Shape

if TYPE_CHECKING:
    from protocube_server.definitions.crd.forms import Form
    from protocube_server.definitions.crd.schema import Schema

_NUMBERS: Final = {Held.INT32: "int32", Held.INT64: "int64", Held.DOUBLE: "double"}
_LIMITS: Final = {
    Held.INT32: (-(2**31), 2**31 - 1),
    Held.INT64: (-(2**63), 2**63 - 1),
    Held.DOUBLE: (-math.inf, math.inf),
}


def write(field: Any, schema: Schema, form: Form, *, is_required: bool) -> None:
    """Write the rules of a field, if it has any."""
    rules = validate_pb2.FieldRules()
    if form.shape is Shape.LIST:
        _list(rules, schema, form.held)
    elif form.shape is Shape.MAP:
        _map(rules, schema, form.held)
    else:
        rules = _one(schema, form.held)
        # What has a default is never missing, and null is as good as nothing.
        if is_required and not schema.has_default and not schema.nullable:
            rules.required = True
    if rules.ByteSize():
        field.options.Extensions[validate_pb2.field].CopyFrom(rules)


def _list(rules: validate_pb2.FieldRules, schema: Schema, held: Held) -> None:
    if schema.min_items:
        rules.repeated.min_items = schema.min_items
    if schema.max_items is not None:
        rules.repeated.max_items = schema.max_items
    if schema.items is not None:
        _merge(rules.repeated, "items", _one(schema.items, held))


def _map(rules: validate_pb2.FieldRules, schema: Schema, held: Held) -> None:
    if schema.min_properties:
        rules.map.min_pairs = schema.min_properties
    if schema.max_properties is not None:
        rules.map.max_pairs = schema.max_properties
    if schema.additional is not None:
        _merge(rules.map, "values", _one(schema.additional, held))


def _merge(holder: Any, name: str, rules: validate_pb2.FieldRules) -> None:
    if rules.ByteSize():
        getattr(holder, name).CopyFrom(rules)


def _one(schema: Schema, held: Held) -> validate_pb2.FieldRules:
    """Return the rules of one value."""
    rules = validate_pb2.FieldRules()
    if held is Held.STRING:
        _text(rules.string, schema)
        if not rules.string.ByteSize():
            rules.ClearField("string")
    elif held in _NUMBERS:
        name = _NUMBERS[held]
        _number(getattr(rules, name), schema, held)
        if not getattr(rules, name).ByteSize():
            rules.ClearField(name)  # type: ignore[arg-type]  # one of three names
    return rules


def _text(rules: Any, schema: Schema) -> None:
    if schema.min_length:
        rules.min_len = schema.min_length
    if schema.max_length is not None:
        rules.max_len = schema.max_length
    if schema.pattern:
        rules.pattern = schema.pattern
    if schema.enum:
        getattr(rules, "in").extend(item for item in schema.enum if isinstance(item, str))


def _number(rules: Any, schema: Schema, held: Held) -> None:
    is_double = held is Held.DOUBLE
    least, most = _LIMITS[held]

    def fitting(bound: float) -> Any:
        return float(bound) if is_double else int(bound)

    if schema.minimum is not None and least < schema.minimum <= most:
        low = schema.minimum if is_double else math.ceil(schema.minimum)
        is_open = schema.exclusive_minimum and low == schema.minimum
        setattr(rules, "gt" if is_open else "gte", fitting(low))
    if schema.maximum is not None and least <= schema.maximum < most:
        high = schema.maximum if is_double else math.floor(schema.maximum)
        is_open = schema.exclusive_maximum and high == schema.maximum
        setattr(rules, "lt" if is_open else "lte", fitting(high))
    if schema.enum:
        numbers = [item for item in schema.enum if isinstance(item, int | float)]
        getattr(rules, "in").extend(fitting(item) for item in numbers)
