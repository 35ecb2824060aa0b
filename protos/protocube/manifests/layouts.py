"""How a message's fields are written into a manifest, worked out once from its descriptor."""

from __future__ import annotations

import base64
import math
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from google.protobuf import message_factory
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from protocube import descriptor_options, memo
from protocube.manifests import field_plans, numbers
from protocube.manifests.field_plans import FieldPlan, Form, Shape

if TYPE_CHECKING:
    from collections.abc import Callable

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  # the form ends in Z, which isoformat has not
_EMPTY: Final[dict[Form, Any]] = {
    Form.TEXT: "",
    Form.QUANTITY: "0",
    Form.BOOL: False,
    Form.INTEGER: 0,
    Form.FLOAT: 0,
    Form.ENUM: "",
    Form.INT_OR_STRING: 0,
}
"""What an always present field reads when it is not set; all other forms read null."""


class Member:
    """One field of a message, as the writer sees it."""

    __slots__ = (
        "_field",
        "_layout",
        "as_it_is",
        "convert",
        "empty",
        "is_free",
        "is_many",
        "is_map",
        "is_message",
        "is_one_message",
        "key",
        "name",
        "reads_null",
    )

    def __init__(self, plan: FieldPlan, field: FieldDescriptor, *, nullable: bool) -> None:
        self._field = plan.descriptor
        self._layout: Layout | None = None
        self.name = plan.json_name
        """Its name in a manifest."""
        self.is_message = plan.form is Form.MESSAGE
        self.is_one_message = self.is_message and plan.shape is Shape.ONE
        self.is_free = plan.is_free
        self.is_many = plan.shape is not Shape.ONE
        self.is_map = plan.shape is Shape.MAP
        self.convert = _converter(plan)
        """Makes one value that of a manifest; ``None`` where they are the same."""
        self.as_it_is = not (self.convert or self.is_many or self.is_message or self.is_free)
        self.key = _key_converter(field) if self.is_map else None
        """As ``convert``, for the keys of a map."""
        self.reads_null = nullable or self.is_many or not (self.is_message or plan.form in _EMPTY)
        """It is null where it is always present and not set."""
        self.empty = None if self.reads_null else _EMPTY.get(plan.form)

    def layout(self) -> Layout:
        """Return the layout of the message, or of the messages, that the field holds."""
        if self._layout is None:
            held = self._field.message_type
            assert held is not None  # noqa: S101  # asked for messages alone
            self._layout = of_message(message_factory.GetMessageClass(held))
        return self._layout

    def blank(self) -> Any:
        """Return what the field reads where it is always present and not set."""
        if self.reads_null or not self.is_message:
            return self.empty
        return {member.name: member.blank() for member in self.layout().always}


class Layout:
    """The fields of a message type."""

    __slots__ = ("always", "members")

    def __init__(self, descriptor: Descriptor) -> None:
        plans = field_plans.plans(message_factory.GetMessageClass(descriptor))
        options = [(field, descriptor_options.api_field(field)) for field in descriptor.fields]
        self.members = {
            field: Member(plans[field.json_name], field, nullable=option.nullable)
            for field, option in options
        }
        self.always = tuple(
            self.members[field] for field, option in options if option.always_present
        )
        """Those that Kubernetes' JSON always has."""


@memo.by_message_type
def of_message(descriptor: Descriptor) -> Layout:
    """Return the layout of a message type."""
    return Layout(descriptor)


def _converter(plan: FieldPlan) -> Callable[[Any], Any] | None:
    match plan.form:
        case Form.BYTES:
            return _base64
        case Form.FLOAT:
            is_single = plan.descriptor.type == FieldDescriptor.TYPE_FLOAT
            return _single if is_single else _float
        case Form.TIMESTAMP:
            return _micro_time if plan.is_micro else _time
        case Form.ENUM:
            return _enum_names(plan.descriptor)
        case Form.WRAPPER:
            return wrapped
        case Form.FOREIGN:
            return _foreign
    return None


def wrapped(wrapper: Any) -> Any:
    """Return the scalar in a wrapper, as a manifest has it."""
    (member,) = of_message(type(wrapper)).members.values()
    return wrapper.value if member.convert is None else member.convert(wrapper.value)


def _key_converter(field: FieldDescriptor) -> Callable[[Any], str] | None:
    entry = field.message_type
    assert entry is not None  # noqa: S101  # a map is a list of such
    kind = entry.fields_by_name["key"].type
    if kind == FieldDescriptor.TYPE_STRING:
        return None
    return _bool_text if kind == FieldDescriptor.TYPE_BOOL else str


def _bool_text(value: bool) -> str:  # noqa: FBT001  # called with a key alone
    return "true" if value else "false"


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _float(value: float) -> float | str:
    """Return a number as JSON is read, or protobuf's word for what JSON has no number for."""
    if math.isfinite(value):
        return numbers.from_json(value)
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _single(value: float) -> float | str:
    return _float(numbers.shortest_single(value) if math.isfinite(value) else value)


def _time(value: Any) -> str:
    if value.nanos:
        return str(value.ToJsonString())
    return f"{_second(value)}Z"


def _micro_time(value: Any) -> str:
    return f"{_second(value)}.{value.nanos // 1000:06d}Z"


def _second(value: Any) -> str:
    return (_EPOCH + timedelta(seconds=value.seconds)).isoformat()


def _enum_names(field: FieldDescriptor) -> Callable[[int], Any]:
    kind: Any = field.enum_type
    if kind.full_name == "google.protobuf.NullValue":
        return lambda _: None
    names = {value.number: value.name for value in kind.values}
    return lambda number: names.get(number, number)


def _foreign(value: Any) -> Any:
    # It takes longer to import than most objects to write.
    from google.protobuf import json_format

    return json_format.MessageToDict(value)
