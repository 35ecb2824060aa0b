"""A manifest into its typed message, with everything that did not fit on record.

The message gets what ``json_format.ParseDict`` would give for the part that fits; the
walk is our own because it names unknown fields and wrong types as Kubernetes' decoder
does, reads quantities that are written as numbers, takes ``null`` for the zero value, and
spares the import. What it finds is told in the order of sorted keys: that is the order of
the JSON that kubectl sends, and so the order of the server's complaints.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube.manifests import field_values, findings, free_json, json_values, schema_texts
from protocube.manifests.field_plans import FieldPlan, Form, Shape, plans
from protocube.manifests.findings import Findings, Path
from protocube.manifests.repeated_names import Repeating
from protocube.steps import finished

if TYPE_CHECKING:
    from collections.abc import Mapping

    from google.protobuf.message import Message

    from protocube.manifests.report import Report
    from protocube.steps import Steps

    Part = tuple[Any, Message, Path, tuple[str, ...]]
    """What a message or one of its fields is filled from, the message, the path of it from the
    outermost message on, and the fields of that path alone, without indices and keys."""

_TURN = 64
"""After so many messages or elements others can have their turn."""


def decode(manifest: Mapping[str, Any], message: Message, *, struct: str = "") -> Report:
    """Fill the empty ``message`` from ``manifest`` and report what did not fit.

    ``struct`` is how messages about wrong types call the outermost message; its own
    name unless given.
    """
    return finished(steps(manifest, message, struct=struct))


def steps(manifest: Mapping[str, Any], message: Message, *, struct: str = "") -> Steps[Report]:
    """Make the steps of :func:`decode`.

    Manifest and message must stay as they are until they are done.
    """
    return _Decoder(struct).steps(manifest, message)


def decode_text(text: str, message: Message, *, struct: str = "") -> Report:
    """As :func:`decode`, from JSON text.

    Raises ``json_values.NotJson`` when the text is anything but one JSON object, and
    ``json_values.Refused`` when it nests too deeply or holds a number out of range.
    """
    value = json_values.parse_alone(text)
    if not isinstance(value, dict):
        raise json_values.NotJson(cut=False)
    return decode(value, message, struct=struct)


class _Decoder:
    # Messages wait until it is their turn, so there is no recursion, and the work can stop
    # anywhere.

    def __init__(self, struct: str) -> None:
        self._struct = struct
        self._waiting: list[Part] = []
        self._findings = Findings()

    def steps(self, manifest: Mapping[str, Any], message: Message) -> Steps[Report]:
        waiting = self._waiting
        waiting.append((manifest, message, (), ()))
        count = 0
        while waiting:
            count += 1
            if count % _TURN == 0:
                yield
            value, message, path, fields = waiting.pop()
            known = plans(type(message))
            if value.__class__ is Repeating:
                self._findings.repeated += [(*path, name) for name in value.names]
            chosen: dict[str, str] = {}
            for key in sorted(value):
                plan = known.get(key)
                item = value[key]
                if plan is None:
                    self._findings.unknown.append((*path, key))
                elif item.__class__ is plan.one_as_it_is:
                    setattr(message, plan.name, item)
                elif item is not None:
                    part = (item, message, (*path, key), (*fields, key))
                    if not plan.oneof or self._is_chosen(plan, value, part, chosen):
                        yield from self._field(plan, part)
        return (yield from self._findings.report())

    def _is_chosen(
        self, plan: FieldPlan, value: Mapping[str, Any], part: Part, chosen: dict[str, str]
    ) -> bool:
        """Tell whether a field is the first of its oneof that has a value, as it is declared."""
        if plan.oneof not in chosen:
            _, message, (*above, _), _ = part
            first, *others = (name for name in plan.members if value.get(name) is not None)
            chosen[plan.oneof] = first
            for name in others:
                path = (*above, name)
                violation = findings.second_choice(plan, message, path)
                self._findings.violations.append((path, violation))
        return chosen[plan.oneof] == plan.json_name

    def _field(self, plan: FieldPlan, part: Part) -> Steps[None]:
        value, message, path, fields = part
        try:
            if plan.shape is Shape.LIST:
                yield from self._list(plan, part)
            elif plan.shape is Shape.MAP:
                yield from self._map(plan, part)
            elif plan.form is Form.MESSAGE:
                if not isinstance(value, dict):
                    raise field_values.mismatch(value, plan.value_type)
                below = getattr(message, plan.name)
                below.SetInParent()
                self._waiting.append((value, below, path, fields))
            elif plan.is_free:
                yield from _free(plan, value, getattr(message, plan.name))
            elif plan.is_google:
                field_values.fill(plan, value, getattr(message, plan.name))
            else:
                setattr(message, plan.name, field_values.convert(plan, value))
        except field_values.Mismatch as error:
            self._mismatch(error, plan, part)

    def _list(self, plan: FieldPlan, part: Part) -> Steps[None]:
        value, message, path, fields = part
        if not isinstance(value, list):
            raise field_values.mismatch(value, plan.go_type)
        items = getattr(message, plan.name)
        for index, item in enumerate(value, start=1):
            if index % _TURN == 0:
                yield
            try:
                if item.__class__ is plan.as_it_is:
                    items.append(item)
                elif plan.is_message:
                    yield from self._element(plan, (item, items.add(), (*path, index - 1), fields))
                else:
                    items.append(field_values.element(plan, item))
            except field_values.Mismatch as error:
                place = (item, message, (*path, index - 1), fields)
                self._mismatch(error, plan, place, is_element=True)

    def _map(self, plan: FieldPlan, part: Part) -> Steps[None]:
        value, message, path, fields = part
        if not isinstance(value, dict):
            raise field_values.mismatch(value, plan.go_type)
        if value.__class__ is Repeating:
            self._findings.repeated += [(*path, name) for name in value.names]
        entries = getattr(message, plan.name)
        for count, (key, item) in enumerate(value.items(), start=1):
            if count % _TURN == 0:
                yield
            try:
                if item.__class__ is plan.as_it_is:
                    entries[key] = item
                elif plan.is_message:
                    yield from self._element(plan, (item, entries[key], (*path, key), fields))
                else:
                    entries[key] = field_values.element(plan, item)
            except field_values.Mismatch as error:
                self._mismatch(error, plan, (item, message, (*path, key), fields), is_element=True)

    def _element(self, plan: FieldPlan, part: Part) -> Steps[None]:
        """Fill one message of a list or a map. Raises ``Mismatch``."""
        value, message, _, _ = part
        if plan.is_free:
            yield from _free(plan, value, message)
        elif plan.is_google:
            field_values.fill(plan, value, message)
        elif isinstance(value, dict):
            self._waiting.append(part)
        elif value is not None or plan.is_of_schema:
            raise field_values.mismatch(value, plan.value_type)

    def _mismatch(
        self,
        error: field_values.Mismatch,
        plan: FieldPlan,
        part: Part,
        *,
        is_element: bool = False,
    ) -> None:
        value, message, path, fields = part
        if plan.is_of_schema:
            place = findings.shown(path)
            found = schema_texts.mismatch(plan, value, place, is_element=is_element)
            self._findings.violations.append((path, found))
            return
        is_outermost = len(fields) == 1
        struct = (is_outermost and self._struct) or message.DESCRIPTOR.name
        self._findings.mismatches.append((path, f"{struct}.{'.'.join(fields)}", error))


def _free(plan: FieldPlan, value: Any, message: Any) -> Steps[None]:
    if plan.form is Form.INT_OR_STRING:
        free_json.write_scalar(field_values.int_or_string(value), message)
    elif plan.form is Form.VALUE:
        if isinstance(value, dict | list):
            yield from free_json.write(value, message)
        else:
            free_json.write_scalar(value, message)
    elif isinstance(value, list if plan.form is Form.LIST_VALUE else dict):
        yield from free_json.write(value, message)
    elif value is not None:
        raise field_values.mismatch(value, plan.value_type)
