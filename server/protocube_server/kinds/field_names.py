"""The fields of a message by the names that they have in JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from google.protobuf import message_factory

from protocube import memo

if TYPE_CHECKING:
    from collections.abc import Mapping

    from google.protobuf.descriptor import Descriptor
    from google.protobuf.message import Message


@memo.by_message_type
def by_json_name(message: Descriptor) -> Mapping[str, str]:
    """Return the contract's name of each field by its JSON name: ``podCIDR``, ``pod_cidr``."""
    return {field.json_name: field.name for field in message.fields}


def held(field: Any) -> type[Message] | None:
    """Return the class of the messages in a field; ``None`` where it holds none."""
    # Descriptors are of one implementation or the other.
    found = field.message_type
    return message_factory.GetMessageClass(found) if found is not None else None


def path(message_class: type[Message], text: str) -> tuple[str, ...]:
    """Return the contract's names of a path of JSON names down messages: ``spec.podCIDR``.

    Raises ``ValueError`` when it leads to no field.
    """
    names: list[str] = []
    holder: type[Message] | None = message_class
    for step in text.split("."):
        name = by_json_name(holder).get(step) if holder is not None else None
        if holder is None or name is None:
            raise ValueError(f"{message_class.DESCRIPTOR.full_name}: {text} is no field")
        names.append(name)
        field = holder.DESCRIPTOR.fields_by_name[name]
        holder = None if field.is_repeated else held(field)
    return tuple(names)
