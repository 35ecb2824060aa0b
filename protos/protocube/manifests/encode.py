"""A message as the manifest it would be written as: Kubernetes' JSON, as Python data.

It comes in two forms. ``data`` has the fields that are set: what a typed client would send.
``shown`` has those beside them that Kubernetes writes into every object, such as
``status: {}``: what its API server would answer. They are shown and not stored; the option
``always_present`` names them.

Either is protobuf's own JSON form, but for one thing: protobuf writes 64-bit integers as
strings, Kubernetes as numbers.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from protocube.manifests import free_json, json_text, layouts
from protocube.steps import finished

if TYPE_CHECKING:
    from collections.abc import Iterable

    from google.protobuf.message import Message

    from protocube.manifests.layouts import Layout, Member
    from protocube.steps import Steps

    Waiting = list[tuple[Iterable[tuple[Any, dict[str, Any]]], Layout]]
    """Messages of one type that are still to be written, each with the place it goes to."""

_TURN = 64
"""After so many messages a writer can let others have their turn."""
_LONG = 512
"""Lists and maps with more elements are written in parts of so many."""


def data(message: Message) -> dict[str, Any]:
    """Return ``message`` as data for JSON or YAML, without the fields that are not set."""
    return finished(steps(message))


def shown(message: Message) -> dict[str, Any]:
    """Return ``message`` as Kubernetes shows it, with the fields that are always present."""
    return finished(steps(message, shown=True))


def text(message: Message) -> str:
    """Return ``message`` as JSON on one line, keys sorted, in the bytes that Go writes."""
    return json_text.compact(data(message))


def steps(message: Message, *, shown: bool = False) -> Steps[dict[str, Any]]:
    """Make the steps to the data of ``message``, or to how it is shown.

    The message must stay as it is until they are done.
    """
    # Each message is written into the dict that already stands in its place, so there is no
    # recursion, and the work can stop anywhere.
    found: dict[str, Any] = {}
    waiting: Waiting = [(((message, found),), layouts.of_message(type(message)))]
    count = 0
    while waiting:
        pairs, layout = waiting.pop()
        members = layout.members
        for part, into in pairs:
            count += 1
            if count % _TURN == 0:
                yield
            for field, value in part.ListFields():
                member = members[field]
                if member.as_it_is:
                    into[member.name] = value
                elif member.is_one_message:
                    below = into[member.name] = {}
                    waiting.append((((value, below),), member.layout()))
                elif member.is_free or (member.is_many and len(value) > _LONG):
                    into[member.name] = yield from _long(value, member, waiting)
                else:
                    into[member.name] = _short(value, member, waiting)
            if shown:
                _complete(into, layout)
    return found


def _complete(into: dict[str, Any], layout: Layout) -> None:
    for member in layout.always:
        if member.name not in into:
            into[member.name] = member.blank()


def _short(value: Any, member: Member, waiting: Waiting) -> Any:
    """Return a value, a list or a map; messages in it are still to be written."""
    if member.is_map:
        keys = list(value) if member.key is None else map(member.key, value)
        return dict(zip(keys, _elements(value.values(), member, waiting), strict=True))
    if member.is_many:
        return _elements(value, member, waiting)
    return value if member.convert is None else member.convert(value)


def _long(value: Any, member: Member, waiting: Waiting) -> Steps[Any]:
    """As :func:`_short`, with pauses."""
    if not member.is_many:
        return (yield from free_json.read(value))
    if not member.is_map:
        items: list[Any] = []
        for start in range(0, len(value), _LONG):
            items += yield from _paused(value[start : start + _LONG], member, waiting)
        return items
    entries: dict[str, Any] = {}
    pairs = iter(value.items())
    while part := dict(islice(pairs, _LONG)):
        keys = part if member.key is None else map(member.key, part)
        written = yield from _paused(list(part.values()), member, waiting)
        entries.update(zip(keys, written, strict=True))
    return entries


def _paused(values: Any, member: Member, waiting: Waiting) -> Steps[list[Any]]:
    """Return the next elements after a pause; each may be long where JSON is free."""
    yield
    if not member.is_free:
        return _elements(values, member, waiting)
    found: list[Any] = []
    for value in values:
        item = yield from free_json.read(value)
        found.append(item)
    return found


def _elements(values: Any, member: Member, waiting: Waiting) -> list[Any]:
    if member.is_message:
        written: list[Any] = [{} for _ in values]
        waiting.append((zip(values, written, strict=True), member.layout()))
        return written
    return list(values) if member.convert is None else [member.convert(item) for item in values]
