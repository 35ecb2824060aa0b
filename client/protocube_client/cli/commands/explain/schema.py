"""The fields of messages as Kubernetes would say them, with the comments of the schema."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from google.protobuf import message_factory

from protocube import descriptor_options
from protocube.manifests import field_plans
from protocube.manifests.field_plans import Form, Shape
from protocube.vendor.buf.validate import validate_pb2

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor, FieldDescriptor

    from protocube.manifests.field_plans import FieldPlan
    from protocube_client.cli.commands.explain.comments import Comments

_TYPES = {
    Form.BOOL: "boolean",
    Form.BYTES: "string",
    Form.ENUM: "string",
    Form.FLOAT: "number",
    Form.FOREIGN: "string",
    Form.INTEGER: "integer",
    Form.INT_OR_STRING: "IntOrString",
    Form.QUANTITY: "Quantity",
    Form.STRUCT: "Object",
    Form.TEXT: "string",
    Form.TIMESTAMP: "string",
    Form.VALUE: "Object",
}
_PREFIXES = {Shape.ONE: "", Shape.LIST: "[]", Shape.MAP: "map[string]"}
_ENTRIES = "FieldsV1"
"""How Kubernetes calls the free JSON that says who owns which fields."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field of a message."""

    name: str
    """As in manifests."""
    prefix: str
    """``[]`` of a list, ``map[string]`` of a map."""
    kind: str
    """The type of one value: ``string``, ``PodSpec``."""
    required: bool
    values: tuple[str, ...]
    """The texts that it may hold; empty for any."""
    description: str
    below: Descriptor | None
    """The message that one value is."""

    @property
    def type(self) -> str:
        """The type of the field: ``[]Container``."""
        return f"{self.prefix}{self.kind}"


class Schema:
    """Reads descriptors and comments."""

    def __init__(self, comments: Comments) -> None:
        self._comments = comments

    def description(self, message: Descriptor) -> str:
        """Return what a message is for."""
        return self._comments.of_message(message)

    def fields(self, message: Descriptor) -> list[Field]:
        """Return the fields of a message, sorted by name."""
        plans = field_plans.plans(message_factory.GetMessageClass(message))
        return [self._field(message, plans[name]) for name in sorted(plans)]

    def field(self, message: Descriptor, path: tuple[str, ...]) -> Field | None:
        """Return the field that ``path`` leads to; ``None`` when there is none."""
        place: Descriptor | None = message
        found: Field | None = None
        for name in path:
            fields = self.fields(place) if place is not None else []
            found = next((item for item in fields if item.name == name), None)
            if found is None:
                return None
            place = found.below
        return found

    def _field(self, message: Descriptor, plan: FieldPlan) -> Field:
        below = plan.descriptor.message_type if plan.form is Form.MESSAGE else None
        declared = message.fields_by_name[plan.name]
        rules = descriptor_options.of_field(declared).Extensions[validate_pb2.field]
        kind = below.name if below is not None else _TYPES[plan.form]
        if plan.json_name == "fieldsV1":
            kind = _ENTRIES
        return Field(
            name=plan.json_name,
            prefix=_PREFIXES[plan.shape],
            kind=kind,
            required=rules.required or _is_always_there(plan, declared),
            values=tuple(getattr(rules.string, "in")),
            description=self._comments.of_field(declared),
            below=below,
        )


def _is_always_there(plan: FieldPlan, field: FieldDescriptor) -> bool:
    """Tell whether Kubernetes' JSON always has a field, and so calls it required.

    Messages and quantities are in it, too, but may be left out of what one writes.
    """
    option = descriptor_options.api_field(field)
    may_be_left_out = plan.form in (Form.MESSAGE, Form.QUANTITY)
    return option.always_present and not option.nullable and not may_be_left_out
