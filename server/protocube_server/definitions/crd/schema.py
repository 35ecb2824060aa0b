"""A structural schema as data: what ``openAPIV3Schema`` says of one value, read once."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping

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
_FIELDS: Final = tuple(field.name for field in dataclasses.fields(Schema))
_DEFAULTS: Final = {field.name: field.default for field in dataclasses.fields(Schema)}
_WITHIN: Final = {"properties", "items", "additional", "all_of", "any_of", "one_of", "negated"}
"""Fields that hold schemas."""
_TUPLES: Final = {
    "enum": "enum",
    "required": "required",
    "x-kubernetes-list-map-keys": "list_map_keys",
}
_LISTS: Final = {"allOf": "all_of", "anyOf": "any_of", "oneOf": "one_of"}


def read(data: Mapping[str, Any]) -> Schema:
    """Return the schema in ``data``, a JSONSchemaProps as JSON that is known to be structural."""
    return Reader().read(data)


class Reader:
    """Reads schemas, of which those that say the same are one: large ones repeat themselves."""

    def __init__(self) -> None:
        self._known: dict[Hashable, Schema] = {}
        self._plain: dict[int, Schema] = {}
        """Without descriptions, by the identities of schemas in :attr:`_known`."""

    def read(self, data: Mapping[str, Any]) -> Schema:
        """Return the schema in ``data``, as :func:`read` does."""
        found: dict[str, Any] = {}
        for name, value in data.items():
            if name in _SCALARS:
                found[_SCALARS[name]] = value
            elif name in _TUPLES:
                found[_TUPLES[name]] = tuple(value or ())
            elif name in _LISTS:
                found[_LISTS[name]] = tuple(map(self.read, value))
        below = data.get("properties") or {}
        found["properties"] = {name: self.read(below[name]) for name in sorted(below)}
        if isinstance(data.get("items"), dict):
            found["items"] = self.read(data["items"])
        additional = data.get("additionalProperties")
        if isinstance(additional, dict):
            found["additional"] = self.read(additional)
        elif additional is True:
            found["is_open"] = True
        if isinstance(data.get("not"), dict):
            found["negated"] = self.read(data["not"])
        if "x-kubernetes-validations" in data:
            found["rules"] = tuple(map(_rule, data["x-kubernetes-validations"]))
        return self._one(found)

    def plain(self, schema: Schema) -> Schema:
        """Return a schema that was read here without its descriptions."""
        known = self._plain.get(id(schema))
        if known is None:
            given = ((name, getattr(schema, name)) for name in _FIELDS)
            found = {name: value for name, value in given if value is not _DEFAULTS[name]}
            found.pop("description", None)
            for name in _WITHIN & found.keys():
                found[name] = self._plain_below(found[name])
            known = self._plain[id(schema)] = self._one(found)
        return known

    def _plain_below(self, below: Any) -> Any:
        if isinstance(below, Schema):
            return self.plain(below)
        if isinstance(below, dict):
            return {name: self.plain(part) for name, part in below.items()}
        return tuple(map(self.plain, below))

    def _one(self, found: dict[str, Any]) -> Schema:
        """Return the schema of some fields: the first of those that are equal."""
        key = tuple([(name, _key(name, value)) for name, value in found.items()])
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = Schema(**found)
        return known


def _key(name: str, value: Any) -> Hashable:
    """Return what tells the values of a field apart: of schemas, which are one if they are equal.

    A number is not the same as a bool, nor as one with a fraction, and is shown otherwise.
    """
    if name == "properties":
        return tuple([(below, id(part)) for below, part in value.items()])
    if name in _WITHIN:
        return tuple(map(id, value)) if isinstance(value, tuple) else id(value)
    return value if value.__class__ is str or name == "rules" else (repr(value),)


def _rule(data: Mapping[str, Any]) -> Rule:
    return Rule(
        rule=data.get("rule", ""),
        message=data.get("message", "").strip(),
        message_expression=data.get("messageExpression", "").strip(),
        reason=data.get("reason") or "FieldValueInvalid",
        field_path=data.get("fieldPath", "").strip(),
        optional_old_self=bool(data.get("optionalOldSelf")),
    )
