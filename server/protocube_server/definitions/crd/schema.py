"""A structural schema as data: what ``openAPIV3Schema`` says of one value, read once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

UNSET: Final = object()
"""The default of a value that has none; ``null`` is a default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One element of ``x-kubernetes-validations``."""

    rule: str
    message: str = ""
    message_expression: str = ""
    reason: str = "FieldValueInvalid"
    field_path: str = ""
    optional_old_self: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Schema:
    """What is said of one value, and of those in it."""

    type: str = ""
    """Empty where any type is allowed, or an integer beside a string."""
    format: str = ""
    description: str = ""
    properties: Mapping[str, Schema]
    """In the order of their names."""
    items: Schema | None = None
    additional: Schema | None = None
    """Of the values of a map."""
    is_open: bool = False
    """``additionalProperties: true``: a map of whatever."""
    required: tuple[str, ...] = ()
    nullable: bool = False
    default: Any = UNSET
    enum: tuple[Any, ...] | None = None
    pattern: str = ""
    min_length: int | None = None
    max_length: int | None = None
    minimum: float | None = None
    maximum: float | None = None
    exclusive_minimum: bool = False
    exclusive_maximum: bool = False
    multiple_of: float | None = None
    min_items: int | None = None
    max_items: int | None = None
    min_properties: int | None = None
    max_properties: int | None = None
    all_of: tuple[Schema, ...] = ()
    any_of: tuple[Schema, ...] = ()
    one_of: tuple[Schema, ...] = ()
    negated: Schema | None = None
    int_or_string: bool = False
    preserve_unknown: bool = False
    embedded: bool = False
    list_type: str = ""
    list_map_keys: tuple[str, ...] = ()
    map_type: str = ""
    rules: tuple[Rule, ...] = ()

    @property
    def has_default(self) -> bool:
        """Tell whether the value has a default, be it ``null``."""
        return self.default is not UNSET

    def parts(self) -> Iterator[tuple[str, Schema]]:
        """Yield the schemas of the values within, by the step that leads to each.

        A property is its name behind a dot, an element of a list ``[]``, a value of a map ``{}``.
        """
        for name, below in self.properties.items():
            yield f".{name}", below
        if self.items is not None:
            yield "[]", self.items
        if self.additional is not None:
            yield "{}", self.additional


_SCALARS: Final = {
    "type": "type",
    "format": "format",
    "description": "description",
    "nullable": "nullable",
    "pattern": "pattern",
    "minLength": "min_length",
    "maxLength": "max_length",
    "minimum": "minimum",
    "maximum": "maximum",
    "exclusiveMinimum": "exclusive_minimum",
    "exclusiveMaximum": "exclusive_maximum",
    "multipleOf": "multiple_of",
    "minItems": "min_items",
    "maxItems": "max_items",
    "minProperties": "min_properties",
    "maxProperties": "max_properties",
    "default": "default",
    "x-kubernetes-int-or-string": "int_or_string",
    "x-kubernetes-preserve-unknown-fields": "preserve_unknown",
    "x-kubernetes-embedded-resource": "embedded",
    "x-kubernetes-list-type": "list_type",
    "x-kubernetes-map-type": "map_type",
}
_TUPLES: Final = {
    "enum": "enum",
    "required": "required",
    "x-kubernetes-list-map-keys": "list_map_keys",
}
_LISTS: Final = {"allOf": "all_of", "anyOf": "any_of", "oneOf": "one_of"}


def read(data: Mapping[str, Any]) -> Schema:
    """Return the schema in ``data``, a JSONSchemaProps as JSON that is known to be structural."""
    found: dict[str, Any] = {"properties": _properties(data)}
    for name, value in data.items():
        if name in _SCALARS:
            found[_SCALARS[name]] = value
        elif name in _TUPLES:
            found[_TUPLES[name]] = tuple(value or ())
        elif name in _LISTS:
            found[_LISTS[name]] = tuple(map(read, value))
    if isinstance(data.get("items"), dict):
        found["items"] = read(data["items"])
    additional = data.get("additionalProperties")
    if isinstance(additional, dict):
        found["additional"] = read(additional)
    elif additional is True:
        found["is_open"] = True
    if isinstance(data.get("not"), dict):
        found["negated"] = read(data["not"])
    found["rules"] = tuple(map(_rule, data.get("x-kubernetes-validations", ())))
    return Schema(**found)


def _properties(data: Mapping[str, Any]) -> dict[str, Schema]:
    below = data.get("properties") or {}
    return {name: read(below[name]) for name in sorted(below)}


def _rule(data: Mapping[str, Any]) -> Rule:
    return Rule(
        rule=data.get("rule", ""),
        message=data.get("message", "").strip(),
        message_expression=data.get("messageExpression", "").strip(),
        reason=data.get("reason") or "FieldValueInvalid",
        field_path=data.get("fieldPath", "").strip(),
        optional_old_self=bool(data.get("optionalOldSelf")),
    )
