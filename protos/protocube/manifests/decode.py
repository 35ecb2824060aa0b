"""A manifest into its typed message, with everything that did not fit on record.

The message gets what ``json_format.ParseDict`` would give for the part that fits; the
walk is our own because it names unknown fields and wrong types as Kubernetes' decoder
does, reads quantities that are written as numbers, takes ``null`` for the zero value, and
spares the import. Keys are visited in sorted order: that is the order of the JSON that
kubectl sends, and so the order of the server's complaints.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube.errors import Violation
from protocube.manifests import field_values, json_values
from protocube.manifests.field_plans import FieldPlan, Form, Shape, plans
from protocube.manifests.report import CLEAN, Fault, Report

if TYPE_CHECKING:
    from collections.abc import Mapping

    from google.protobuf.message import Message

_BLANKS = " \t\r\n"
"""What JSON takes for white space."""
_MOST_UNKNOWN = 100
"""Kubernetes names no more; the rest is left out there, too."""


def decode(manifest: Mapping[str, Any], message: Message, *, struct: str = "") -> Report:
    """Fill the empty ``message`` from ``manifest`` and report what did not fit.

    ``struct`` is how messages about wrong types call the outermost message; its own
    name unless given.
    """
    decoder = _Decoder()
    decoder.message(manifest, message, struct or message.DESCRIPTOR.name)
    return decoder.report()


def decode_text(text: str, message: Message, *, struct: str = "") -> Report:
    """As :func:`decode`, from JSON text.

    Raises ``json_values.NotJson`` when the text is anything but one JSON object, and
    ``json_values.Refused`` when it nests too deeply or holds a number out of range.
    """
    begin = len(text) - len(text.lstrip(_BLANKS))
    parsed = json_values.parse(text, begin)
    if not isinstance(parsed.value, dict) or text[parsed.end :].strip(_BLANKS):
        raise json_values.NotJson(cut=False)
    return decode(parsed.value, message, struct=struct)


class _Decoder:
    def __init__(self) -> None:
        self._path: list[str | int] = []
        """Fields, indices and keys of where the walk is."""
        self._fields: list[str] = []
        """The fields alone: Go's messages leave out indices and keys."""
        self._unknown: dict[str, None] = {}
        self._faults: list[Fault] = []
        self._violations: list[Violation] = []

    def report(self) -> Report:
        if not (self._unknown or self._faults or self._violations):
            return CLEAN
        return Report(
            unknown=tuple(self._unknown)[:_MOST_UNKNOWN],
            faults=tuple(self._faults),
            violations=tuple(self._violations),
        )

    def message(self, value: Mapping[str, Any], message: Message, struct: str) -> None:
        known = plans(type(message))
        chosen: dict[str, str] = {}
        for key in sorted(value):
            plan = known.get(key)
            self._path.append(key)
            if plan is None:
                self._unknown[self._here()] = None
            elif value[key] is not None and self._may_choose(plan, message, chosen):
                self._fields.append(key)
                self._field(plan, value[key], message, struct)
                self._fields.pop()
            self._path.pop()

    def _may_choose(self, plan: FieldPlan, message: Message, chosen: dict[str, str]) -> bool:
        """Tell whether no other member of the field's oneof was there before it."""
        if not plan.oneof or chosen.setdefault(plan.oneof, plan.json_name) == plan.json_name:
            return True
        self._violations.append(_second_choice(plan, message, self._path))
        return False

    def _field(self, plan: FieldPlan, value: Any, message: Message, struct: str) -> None:
        if plan.shape is Shape.ONE:
            if plan.form is Form.MESSAGE:
                self._one_message(plan, value, message, struct)
            else:
                self._scalar(plan, value, message, struct)
        elif plan.shape is Shape.LIST:
            if isinstance(value, list):
                self._list(plan, value, message, struct)
            else:
                self._mismatch(value, struct, plan.go_type)
        elif isinstance(value, dict):
            self._map(plan, value, message, struct)
        else:
            self._mismatch(value, struct, plan.go_type)

    def _one_message(self, plan: FieldPlan, value: Any, message: Message, struct: str) -> None:
        if not isinstance(value, dict):
            self._mismatch(value, struct, plan.value_type)
            return
        inner = getattr(message, plan.name)
        inner.SetInParent()
        self.message(value, inner, inner.DESCRIPTOR.name)

    def _scalar(self, plan: FieldPlan, value: Any, message: Message, struct: str) -> None:
        try:
            if plan.is_google:
                field_values.fill(plan, value, getattr(message, plan.name))
            else:
                setattr(message, plan.name, field_values.convert(plan, value))
        except field_values.Mismatch as error:
            self._fault(error, struct)

    def _list(self, plan: FieldPlan, value: list[Any], message: Message, struct: str) -> None:
        items = getattr(message, plan.name)
        for index, item in enumerate(value):
            self._path.append(index)
            try:
                if plan.form is Form.MESSAGE:
                    self._element(plan, item, items.add(), struct)
                elif plan.is_google:
                    field_values.fill(plan, item, items.add())
                else:
                    items.append(field_values.convert(plan, item))
            except field_values.Mismatch as error:
                self._fault(error, struct)
            self._path.pop()

    def _map(self, plan: FieldPlan, value: dict[str, Any], message: Message, struct: str) -> None:
        entries = getattr(message, plan.name)
        for key in sorted(value):
            item = value[key]
            self._path.append(key)
            try:
                if plan.form is Form.MESSAGE:
                    self._element(plan, item, entries[key], struct)
                elif plan.is_google:
                    field_values.fill(plan, item, entries[key])
                else:
                    entries[key] = field_values.convert(plan, item)
            except field_values.Mismatch as error:
                self._fault(error, struct)
            self._path.pop()

    def _element(self, plan: FieldPlan, item: Any, inner: Message, struct: str) -> None:
        if isinstance(item, dict):
            self.message(item, inner, inner.DESCRIPTOR.name)
        elif item is not None:
            self._mismatch(item, struct, plan.value_type)

    def _mismatch(self, value: Any, struct: str, go_type: str) -> None:
        self._fault(field_values.Mismatch(field_values.word(value), go_type), struct)

    def _fault(self, error: field_values.Mismatch, struct: str) -> None:
        message = error.describe(f"{struct}.{'.'.join(self._fields)}")
        self._faults.append(Fault(field=self._here(), message=message))

    def _here(self) -> str:
        return _shown(self._path)


def _shown(path: list[str | int]) -> str:
    """Write a path as Kubernetes does: ``spec.containers[0].name``."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


def _second_choice(plan: FieldPlan, message: Message, path: list[str | int]) -> Violation:
    """Say that a second member of a oneof is set, as Kubernetes' validation would."""
    owner = message.DESCRIPTOR.name
    noun = "handler" if plan.oneof == "handler" else "volume" if "Volume" in owner else ""
    if noun:
        return Violation(
            field=_shown(path),
            reason="FieldValueForbidden",
            message=f"Forbidden: may not specify more than 1 {noun} type",
        )
    return Violation(
        field=_shown(path[:-1]),
        reason="FieldValueInvalid",
        message='Invalid value: "": may not have more than one field specified at a time',
    )
