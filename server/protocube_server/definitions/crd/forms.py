"""How a value of a schema is held in a message: the type of its field.

docs/custom-resource-definitions.md has the table that people read.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from protocube_server.definitions.crd.schema import Schema


class Held(enum.Enum):
    """The type of one value. Its text is written into the registry of numbers: it never changes."""

    MESSAGE = "message"
    STRING = "string"
    BYTES = "bytes"
    TIMESTAMP = "timestamp"
    BOOL = "bool"
    INT32 = "int32"
    INT64 = "int64"
    DOUBLE = "double"
    INT_OR_STRING = "int-or-string"
    """A Value that is a whole number or a text."""
    VALUE = "value"
    STRUCT = "struct"
    LIST_VALUE = "list-value"
    METADATA = "metadata"
    """An ObjectMeta: of the object itself, or of one in it."""


class Shape(enum.Enum):
    """How many values a field has. The text is part of the registry, too."""

    ONE = "one"
    LIST = "list"
    MAP = "map"


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The type of a field."""

    held: Held
    shape: Shape = Shape.ONE

    @property
    def text(self) -> str:
        """The form as the registry of numbers knows it: ``string``, ``list<message>``."""
        if self.shape is Shape.ONE:
            return self.held.value
        return f"{self.shape.value}<{self.held.value}>"


_INTEGERS: Final = {"int32": Held.INT32}
_STRINGS: Final = {"byte": Held.BYTES, "datetime": Held.TIMESTAMP}


def of(schema: Schema) -> Form:
    """Return the form of the field that holds a value of ``schema``."""
    if schema.preserve_unknown or schema.int_or_string:
        return Form(held=_one(schema))
    if schema.type == "array" and schema.items is not None:
        return Form(held=_one(schema.items), shape=Shape.LIST)
    if schema.type == "object" and schema.additional is not None:
        return Form(held=_one(schema.additional), shape=Shape.MAP)
    return Form(held=_one(schema))


def of_type(name: str, *, form: str = "") -> Held:
    """Return how a scalar of a type and format is held."""
    if name == "string":
        # `date-time` and `datetime` are one, as in go-openapi.
        return _STRINGS.get(form.replace("-", ""), Held.STRING)
    if name == "integer":
        return _INTEGERS.get(form, Held.INT64)
    return Held.BOOL if name == "boolean" else Held.DOUBLE


def _one(schema: Schema) -> Held:
    if schema.int_or_string:
        return Held.INT_OR_STRING
    if schema.type == "object":
        # What a map of a list, or of a map, holds has no message of its own.
        is_free = schema.preserve_unknown or schema.is_open or schema.additional is not None
        return Held.STRUCT if is_free else Held.MESSAGE
    if schema.type == "array":
        return Held.VALUE if schema.preserve_unknown else Held.LIST_VALUE
    if not schema.type or schema.preserve_unknown:
        return Held.VALUE
    return of_type(schema.type, form=schema.format)
