"""One field of a message as another message of the same type has it."""

from __future__ import annotations

from typing import Any


def replace(target: Any, source: Any, name: str) -> None:
    """Make a field of ``target``, of any type, equal to that of ``source``."""
    target.ClearField(name)
    field = source.DESCRIPTOR.fields_by_name[name]
    if field.is_repeated:
        getattr(target, name).MergeFrom(getattr(source, name))
    elif not field.has_presence:
        setattr(target, name, getattr(source, name))
    elif source.HasField(name):
        if field.message_type is None:
            setattr(target, name, getattr(source, name))
        else:
            getattr(target, name).CopyFrom(getattr(source, name))
