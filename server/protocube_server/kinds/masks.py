"""Field masks: the fields that one message takes over from another of its type.

As ``google.protobuf.FieldMask`` has it: a path goes through single messages only, its last field
may be of any type, and a field that the source has not set is cleared.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from protocube import errors, memo
from protocube_server.kinds import field_names, fields

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from google.protobuf.message import Message

_UPPER = re.compile("[A-Z]")


def apply(target: Any, source: Any, paths: Iterable[str]) -> None:
    """Let ``target`` have the values that ``source`` has at ``paths``.

    A field goes by its name in the contract or in JSON. Raises ``errors.BadRequest`` for a path
    that leads nowhere, before anything is changed.
    """
    resolved = [_resolve(type(source), path) for path in paths]
    if not resolved:
        raise errors.BadRequest("update_mask: it names no field of the object")
    for names in resolved:
        _take(target, source, names)


def _resolve(message_class: type[Message], path: str) -> Sequence[str]:
    names: list[str] = []
    holder: type[Message] | None = message_class
    for step in path.split("."):
        if holder is None:
            text = f"update_mask: {errors.quote(path)}: {names[-1]} has no fields to name"
            raise errors.BadRequest(text)
        field = _fields(holder).get(step)
        if field is None:
            what = holder.DESCRIPTOR.name
            text = f"update_mask: {errors.quote(path)}: {what} has no field {step}"
            raise errors.BadRequest(text)
        names.append(field.name)
        holder = None if field.is_repeated else field_names.held(field)
    return names


@memo.by_message_type
def _fields(descriptor: Any) -> Mapping[str, Any]:
    """Return the fields of a message by all that a mask may call them.

    Masks in JSON are in lowerCamelCase, and readers of JSON turn them into snake_case letter by
    letter, so that ``podIP`` arrives as ``pod_i_p``.
    """
    found: dict[str, Any] = {}
    for field in descriptor.fields:
        found[_UPPER.sub(lambda letter: f"_{letter[0].lower()}", field.json_name)] = field
    for field in descriptor.fields:
        found[field.json_name] = field
    for field in descriptor.fields:
        found[field.name] = field
    return found


def _take(target: Any, source: Any, names: Sequence[str]) -> None:
    *steps, last = names
    for step in steps:
        if not source.HasField(step):
            if not target.HasField(step):
                return
            # What is not set has no fields that are: those of the target are cleared.
            source = type(getattr(source, step))()
        else:
            source = getattr(source, step)
        target = getattr(target, step)
    fields.replace(target, source, last)
