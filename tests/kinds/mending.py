"""Mends a manifest by what was said of it, so that good ones follow from descriptors."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from tests.kinds.updating import UID

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor, FieldDescriptor

    from protocube import errors

MARK = "7777"
"""Stands for the number of an element."""
_TEXTS = (
    f"n{MARK}",
    f"/n{MARK}",
    f"{MARK}",
    f"a.example.com/n{MARK}",
    f"n{MARK}.example.com",
    "10.0.0.1",
    "10.0.0.0/24",
    f"0.{MARK}",
    "2026-01-01T00:00:00Z",
    UID[:-4] + MARK,
    f"https://n{MARK}.example.com",
    "a == b",
    f"N{MARK}",
    f"a{MARK}:AA",
    "In",
    "Exists",
    "string",
    f".a{MARK}",
    "",
)
_PART = re.compile(r"([^.\[\]]+)|\[([^\]]*)\]")


class Mending:
    """What was tried so far in one manifest."""

    def __init__(self, manifest: dict[str, Any], descriptor: Descriptor) -> None:
        self._manifest = manifest
        self._descriptor = descriptor
        self._tries: dict[str, int] = {}

    def mend(self, found: errors.Violation) -> bool:
        """Change what ``found`` is about; tell whether there was something left to try."""
        steps = [
            int(inside) if inside.isdigit() else inside or name
            for name, inside in _PART.findall(found.field)
        ]
        field = self._field(steps)
        if field is None:
            return False
        *way, last = steps
        try:
            holder: Any = self._manifest
            for step in way:
                if isinstance(step, int):
                    holder = holder[step]
                else:
                    holder = _element(holder).setdefault(step, {})
            holder = holder if isinstance(last, int) else _element(holder)
            return self._change(holder, last, field, found)
        except (AttributeError, IndexError, KeyError, TypeError):
            return False  # The path leads elsewhere in the manifest than in the message.

    def _field(self, steps: list[Any]) -> FieldDescriptor | None:
        """Return the field that the last step is, or is an element of."""
        descriptor: Descriptor | None = self._descriptor
        field = None
        for step in steps:
            if isinstance(step, str) and descriptor is not None:
                field = next((f for f in descriptor.fields if f.json_name == step), None)
                descriptor = None if field is None else field.message_type
        return field

    def _change(
        self, holder: Any, last: Any, field: FieldDescriptor, found: errors.Violation
    ) -> bool:
        choices = re.findall(r"`(\w+)`", found.message.partition("one of")[2])
        if choices and field.message_type is not None:
            return _choose(holder[last], field.message_type, choices[0])
        if found.reason == "FieldValueDuplicate" and field.message_type is not None:
            return _number(holder[last])
        if found.reason == "FieldValueForbidden":
            return holder.pop(last, None) is not None
        tried = self._tries[found.field] = self._tries.get(found.field, -1) + 1
        supported = re.findall(r'"([^"]+)"', found.message.partition("supported values:")[2])
        new = supported[tried % len(supported)] if supported else value(field, tried)
        holder[last] = [new] if field.is_repeated and not isinstance(last, int) else new
        return tried < len(_TEXTS)


def _element(holder: Any) -> Any:
    """Return what has fields: a path to an element of a list may say no index."""
    return holder[0] if isinstance(holder, list) else holder


def _choose(target: dict[str, Any], descriptor: Descriptor, name: str) -> bool:
    """Set one of several parts, of which one must be."""
    field = descriptor.fields_by_camelcase_name.get(name)
    if field is None or name in target:
        return False
    target[name] = value(field)
    return True


def _number(target: dict[str, Any]) -> bool:
    """Number the texts of an element that another one is equal to."""
    if MARK in json.dumps(target):
        return False
    target.update({key: _TEXTS[0] for key, text in target.items() if isinstance(text, str)})
    return True


def value(field: FieldDescriptor, tried: int = 0) -> Any:
    """Return what a field, or an element of it, could hold, after so many attempts."""
    below = field.message_type
    if below is not None and below.full_name.startswith("google.protobuf."):
        others = {"Timestamp": "2026-01-01T00:00:00Z", "Struct": {}}
        return others.get(below.name, int(MARK))
    if below is not None:
        return {}
    if field.type == field.TYPE_BYTES:
        return "YQ=="
    if field.type == field.TYPE_STRING:
        return _TEXTS[tried % len(_TEXTS)]
    if field.type == field.TYPE_BOOL:
        return tried % 2 == 1
    return int(MARK) if tried % 2 == 0 and field.type != field.TYPE_ENUM else 1
