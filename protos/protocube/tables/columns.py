"""The columns of a kind's table: what the schema declares, with name and age around it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from google.protobuf.message import Message

from protocube.steps import finished
from protocube.tables import ages, computed

if TYPE_CHECKING:
    from protocube.catalog import Resource

_PLAIN = re.compile(r"([.][A-Za-z0-9_-]+)+")
"""A path of fields, which needs no JSONPath."""

_TEXTS = tuple(f"google.protobuf.{name}" for name in ("Duration", "FieldMask", "Timestamp"))
"""Messages whose JSON is a text."""
NONE = "<none>"
"""What a cell without a value shows."""

Cell = Callable[[Any, float], str]
"""Gives the text of one cell for an object and the present time (seconds since 1970)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """One column to print."""

    name: str
    """As it is printed, in upper case."""
    cell: Cell


def of(resource: Resource, *, wide: bool) -> tuple[Heading, ...]:
    """Return the columns of a kind, those for ``-o wide`` only with ``wide``.

    The name comes first and the age behind the columns that are always shown.
    A kind that declares a column ``Name`` lays its table out itself: neither is added,
    and its columns keep their order.
    """
    shown = [column for column in resource.columns if wide or not column.wide]
    if any(column.name == "Name" for column in resource.columns):
        return tuple(map(_heading, shown))
    name = Heading(name="NAME", cell=lambda item, _: str(item.metadata.name))
    age = Heading(
        name="AGE", cell=lambda item, now: ages.since(item.metadata.creation_timestamp, now)
    )
    narrow = [_heading(column) for column in shown if not column.wide]
    return (name, *narrow, age, *(_heading(column) for column in shown if column.wide))


def _heading(column: Any) -> Heading:
    name = column.name.upper()
    if column.type:
        return Heading(name=name, cell=_Typed(column.path, column.type))
    if column.computed:
        # A column that a newer schema computes is not known here; its cells are empty.
        return Heading(name=name, cell=computed.cell(column.computed) or _unknown)
    steps = column.path.lstrip(".").split(".")
    return Heading(name=name, cell=lambda item, now: _text(_follow(item, steps), now))


class _Typed:
    """The cells of a column of a custom kind: what a JSONPath finds, by the column's type.

    As Kubernetes' server has it: ``k8s.io/apiextensions-apiserver``, ``tableconvertor``.
    """

    def __init__(self, path: str, kind: str) -> None:
        self._kind = kind
        self._steps = path.lstrip(".").split(".")
        self._template: Any = None
        if not _PLAIN.fullmatch(path):
            # Few columns need it, and it takes longer to import than a table to print.
            from protocube.tables.jsonpath.finding import Template
            from protocube.tables.jsonpath.parser import TemplateError

            try:
                self._template = Template(f"{{{path}}}")
            except TemplateError:
                self._steps = []

    def __call__(self, item: Any, now: float) -> str:
        """Return the text of a cell."""
        if self._template is None:
            return self._one(_follow(item, self._steps) if self._steps else None, now)
        from protocube.manifests import encode
        from protocube.tables.jsonpath.finding import FindError

        try:
            (found, *_) = self._template.find(encode.data(item)) or [[]]
        except FindError:
            return NONE
        if self._kind == "string":
            return " ".join(self._one(value, now) for value in found) or NONE
        return self._one(found[0] if found else None, now)

    def _one(self, value: Any, now: float) -> str:
        if self._kind == "date":
            return _since(value, now)
        plain = _plain(value)
        if isinstance(plain, dict | list):
            return _json(plain)
        if isinstance(plain, float) and plain.is_integer():
            plain = int(plain)
        if self._kind in ("integer", "number") and isinstance(plain, str):
            return NONE
        return _text(plain, now)


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), sort_keys=True) if value else NONE


def _plain(value: Any) -> Any:
    """Return what a field holds as JSON data."""
    if isinstance(value, Message):
        from protocube.manifests import encode, field_plans, free_json, layouts

        name = value.DESCRIPTOR.full_name
        if name in _TEXTS:
            return value.ToJsonString()  # type: ignore[attr-defined]  # they have it
        if name in field_plans.WRAPPERS:
            return layouts.wrapped(value)
        if name.startswith("google.protobuf."):
            return finished(free_json.read(value))
        return encode.data(value)
    if hasattr(value, "items"):
        return {key: _plain(item) for key, item in value.items()}
    if hasattr(value, "append"):
        return [_plain(item) for item in value]
    return value


def _since(value: Any, now: float) -> str:
    """Return how long ago a time was; other words stay as they are."""
    if isinstance(value, Message):
        return ages.since(value, now) if ages.is_time(value) else NONE
    if not isinstance(value, str) or not value:
        return NONE
    from google.protobuf.timestamp_pb2 import Timestamp

    stamp = Timestamp()
    try:
        stamp.FromJsonString(value)
    except ValueError:
        return "<invalid>"
    return ages.since(stamp, now)


def _unknown(_item: Any, _now: float) -> str:
    return NONE


def _follow(item: Message, steps: list[str]) -> Any:
    """Return what lies at a path of JSON names below ``item``, ``None`` when nothing does.

    Below a message that is not set, a number without presence is 0 all the same.
    """
    value: Any = item
    field: Any = None
    for step in steps:
        holder, field = value, _field(value, step)
        if field is None:
            return None
        value = getattr(holder, field.name)
    if field.has_presence and not holder.HasField(field.name):
        return None
    return value if field.enum_type is None else _named(field, value)


def _named(field: Any, value: Any) -> Any:
    """Return the names of an enum's numbers, as a manifest has them."""
    names = {item.number: item.name for item in field.enum_type.values}
    if field.is_repeated:
        return [names.get(number, number) for number in value]
    return names.get(value, value)


def _field(message: Any, json_name: str) -> Any:
    if not isinstance(message, Message):
        return None
    for field in message.DESCRIPTOR.fields:
        if field.json_name == json_name:
            return field
    return None


def _text(value: Any, now: float) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value) or NONE
    if isinstance(value, Message):
        if ages.is_time(value):
            return ages.since(value, now)
        if not value.DESCRIPTOR.full_name.startswith("google.protobuf."):
            return NONE
        plain = _plain(value)
        return _json(plain) if isinstance(plain, dict | list) else _text(plain, now)
    if value is None or not value:
        return NONE
    return ",".join(_text(item, now) for item in value)
