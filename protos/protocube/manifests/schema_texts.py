"""What is said of a value that is not of the type which a JSON schema asks for.

Kinds that were made of such schemas are told of in these words, which are Kubernetes'. Source:
``k8s.io/kube-openapi/pkg/validation/errors``.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from protocube.errors import Violation, quote
from protocube.manifests import numbers
from protocube.manifests.field_plans import FieldPlan, Form, Shape

if TYPE_CHECKING:
    from collections.abc import Mapping

NOWHERE: Final = "<nil>"
"""How Kubernetes writes the path of a fault that has none."""
TYPE_INVALID: Final = "FieldValueTypeInvalid"
INVALID: Final = "FieldValueInvalid"

UNCHECKED: Final = Violation(
    field=NOWHERE,
    reason=INVALID,
    message="Invalid value: null: some validation rules were not checked because the object was "
    "invalid; correct the existing errors to complete validation",
)
"""What is told with faults for which rules in CEL were not asked."""

TYPES: Final[Mapping[type, str]] = {
    bool: "boolean",
    str: "string",
    int: "integer",
    float: "number",
    numbers.Written: "number",
    list: "array",
    dict: "object",
    type(None): "null",
}
"""The names of types in schemas, by those of JSON data."""

_ONE: Final = {
    Form.TEXT: "string",
    Form.BYTES: "string",
    Form.TIMESTAMP: "string",
    Form.BOOL: "boolean",
    Form.INTEGER: "integer",
    Form.FLOAT: "number",
    Form.STRUCT: "object",
    Form.MESSAGE: "object",
    Form.LIST_VALUE: "array",
}
_FORMATS: Final = {Form.BYTES: "byte", Form.TIMESTAMP: "date-time"}


def shown(value: Any) -> str:
    """Write a value as it is shown."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return quote(value)
        case int() | float():
            return numbers.text(value)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def not_of_type(path: str, value: Any, wanted: str) -> Violation:
    """``Invalid value: VALUE: PATH in body must be of type WANTED: VALUE``."""
    text = f"Invalid value: {shown(value)}: {path} in body must be of type {wanted}: {quote(value)}"
    return Violation(field=path or NOWHERE, reason=TYPE_INVALID, message=text)


def mismatch(plan: FieldPlan, value: Any, path: str, *, is_element: bool) -> Violation:
    """Return the fault of a value that its field cannot take.

    ``is_element`` tells that it is one of a list or of a map, which the field holds.
    """
    if plan.shape is not Shape.ONE and not is_element:
        wanted = "array" if plan.shape is Shape.LIST else "object"
    else:
        wanted = _ONE.get(plan.form, "object")
        if value.__class__ is str and plan.form in _FORMATS:
            return not_of_type(path, value, _FORMATS[plan.form])
        if plan.form is Form.INTEGER and value.__class__ is int:
            return _out_of_range(plan, value, path)
    return not_of_type(path, TYPES[value.__class__], wanted)


def _out_of_range(plan: FieldPlan, value: int, path: str) -> Violation:
    """A whole number of more bits than the field has."""
    most = (1 << (plan.bits - 1)) - 1
    bound, than = (most, "less") if value > 0 else (-most - 1, "greater")
    text = f"Invalid value: {value}: {path} in body should be {than} than or equal to {bound}"
    return Violation(field=path, reason=INVALID, message=text)
