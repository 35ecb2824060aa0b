"""Finds the fields of a message that its descriptor does not know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from google.protobuf import unknown_fields

from protocube import descriptor_options, errors, memo
from protocube.manifests import wide_integers
from protocube_server import turns
from protocube_server.kinds.walking import Walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from google.protobuf.descriptor import Descriptor, FieldDescriptor
    from google.protobuf.message import Message

    from protocube.catalog import Resource


MOST: Final = 5000
"""So many are named."""
_MOST_BYTES: Final = 32 * 1024
"""Beyond that, the fields are not looked at one by one: there may be one in two bytes."""
_FREE: Final = "google.protobuf.Value"
_TURN: Final = 100
"""Messages that are looked at between two marks."""


def discard(message: Message) -> int:
    """Leave ``message`` without its unknown fields; return how many bytes they had."""
    size = message.ByteSize()
    message.DiscardUnknownFields()
    return size - message.ByteSize()


def keep_integers(source: Message, message: Message) -> Iterator[int | None]:
    """Give ``message`` back the integers of free JSON that :func:`discard` took out of it.

    ``source`` is what ``message`` was before. Yield how many bytes each is, and ``None`` where
    others may have their turn.
    """
    walk = _free_values(type(message))
    for before, after in zip(walk.visits(source), walk.visits(message), strict=True):
        if before is None or after is None:
            yield None
        elif (value := wide_integers.read(before.message)) is not None:
            size: int = after.message.ByteSize()
            wide_integers.write(value, after.message)
            yield after.message.ByteSize() - size


@memo.by_message_type
def _free_values(descriptor: Descriptor) -> Walk[bool]:
    def work(below: Descriptor) -> bool | None:
        return True if below.full_name == _FREE else None

    def leads(field: FieldDescriptor) -> bool:
        return not descriptor_options.api_field(field).int_or_string

    return Walk(descriptor, work, leads=leads)


def too_many(size: int) -> str:
    """Say that unknown fields of so many bytes are not named; empty for those that can be."""
    if size <= _MOST_BYTES:
        return ""
    return f"unknown fields of {size} bytes, they are named up to {_MOST_BYTES}"


def paths(message: Message) -> Iterator[str | None]:
    """Yield where ``message`` has unknown fields, as ``spec.containers[0].#99``.

    A field that is not known has a number and no name. There are :data:`MOST` of them and one
    more at most, and a ``None`` now and then, where others may have their turn.
    """
    found = seen = 0
    for path in _walk(message, ""):
        if path is None:
            seen += 1
            if seen % _TURN == 0:
                yield None
            continue
        yield path
        found += 1
        if found > MOST:
            return


def _walk(message: Message, prefix: str) -> Iterator[str | None]:
    """Yield the unknown fields below ``message``, and ``None`` once for each message."""
    yield None
    unknown: Any = unknown_fields.UnknownFieldSet(message)  # iterable, which its stub forgets
    for number in dict.fromkeys(item.field_number for item in unknown):
        if not is_wide_integer(message, number):
            yield f"{prefix}#{number}"
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        path = f"{prefix}{field.json_name}"
        for below, item in messages(field, value):
            yield from _walk(item, f"{path}{below}.")


def is_wide_integer(message: Message, number: int) -> bool:
    """Tell whether the unknown field is what a Value keeps of an integer that no double holds."""
    return (
        number == wide_integers.NUMBER
        and message.DESCRIPTOR.full_name == _FREE
        and wide_integers.read(message) is not None
    )


def messages(field: FieldDescriptor, value: Any) -> Iterator[tuple[str, Message]]:
    """Yield the messages that are the value of a field, and the subscript of each."""
    if not field.is_repeated:
        yield "", value
        return
    values = descriptor_options.map_values(field)
    if values is None:
        for index, item in enumerate(value):
            yield f"[{index}]", item
    elif values.message_type is not None:
        for key in value:
            yield f"[{key}]", value[key]


async def named(message: Message, raw: bytes, size: int) -> list[str]:
    """Name unknown fields of ``message``, parsed from ``raw``.

    Those of ``size`` bytes were discarded, of which integers of free JSON are put back. Beyond
    :data:`MOST` it is said that there are more.
    """
    before = type(message).FromString(raw)
    size -= sum(await turns.taken(keep_integers(before, message)))
    if not size:
        return []
    if refused := too_many(size):
        return [refused]
    found = await turns.taken(paths(before))
    faults = [f"unknown field {errors.quote(path)}" for path in found[:MOST]]
    if len(found) > MOST:
        faults.append(f"and more than {MOST} unknown fields in all")
    return faults


def refusal(resource: Resource, faults: Iterable[str]) -> errors.BadRequest:
    """``Pod in version "v1" cannot be handled as a Pod: strict decoding error: ...``."""
    kind = resource.kind
    message = (
        f"{kind} in version {errors.quote(resource.api_version)} cannot be handled as "
        f"a {kind}: strict decoding error: {', '.join(faults)}"
    )
    return errors.BadRequest(message, resource=resource.qualified_kind)
