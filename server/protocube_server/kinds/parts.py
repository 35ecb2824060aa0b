"""Large messages taken apart, so that each part can be held to the contract in a turn of its own.

protovalidate takes a message whole, and lets nobody else run meanwhile. Its rules on the elements
of a list or a map say nothing of the other elements, so that a message with some of them at a
time is found to have the same faults at them: provided that no expression on what holds the list
speaks of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from google.protobuf.message import Message

from protocube import memo
from protocube.vendor.buf.validate import validate_pb2
from protocube_server.kinds import unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from google.protobuf.descriptor import Descriptor, FieldDescriptor

_SMALL: Final = 2048
"""Bytes. What is no larger has no part that would be worth a turn."""
_TOGETHER: Final = 64
"""Elements that are looked at in one go."""
_WORD = re.compile(r"\w+")
_APART = {"items", "keys", "values"}
"""Rules of a list or a map that are on its elements."""
_LEAST = {"min_items", "min_pairs"}
_MOST = {"max_items", "max_pairs"}
MOST: Final = 10_000
"""Elements of a list that cannot be taken apart, where the contract itself sets no bound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some elements of one list in what holds it, and nothing else there; or the whole rest."""

    message: Message
    path: str = ""
    """Where the message is in the object; ends with a dot unless empty."""
    only: str = ""
    """The JSON name of the list that the faults must be in; empty for any fault."""
    first: int = 0
    """The index of the first element in the list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TooMany:
    """A list that is too long to be looked at."""

    path: str
    count: int
    most: int


def is_small(message: Message) -> bool:
    """Tell whether no part of a message would be worth a turn."""
    return message.ByteSize() <= _SMALL


def of(message: Message) -> Iterator[Part | TooMany]:
    """Yield the parts of a message: what its long lists hold, and itself with short ones.

    Nothing more comes after the first :class:`TooMany`.
    """
    if is_small(message) or not _has_long(message):
        yield Part(message=message)
        return
    rest = type(message)()
    rest.CopyFrom(message)
    for part in _cut(rest, "", frozenset()):
        yield part
        if isinstance(part, TooMany):
            return
    yield Part(message=rest)


def _has_long(message: Message) -> bool:
    """Tell whether there is a list to be cut.

    Most objects have none, and what has no lists by its type is not looked into.
    """
    if not _can_have_lists(type(message)):
        return False
    for field, value in message.ListFields():
        if field.is_repeated and len(value) > _TOGETHER:
            return True
        if field.message_type is None:
            continue
        if not field.is_repeated:
            held: Iterable[Any] = (value,)
        else:
            held = value.values() if hasattr(value, "keys") else value
        if any(isinstance(item, Message) and _has_long(item) for item in held):
            return True
    return False


def _has_lists(descriptor: Descriptor) -> bool:
    """Tell whether messages of a type, or what is in them, can have lists or maps."""
    seen: set[str] = set()
    left = [descriptor]
    while left:
        current = left.pop()
        if current.full_name in seen:
            continue
        seen.add(current.full_name)
        if any(field.is_repeated for field in current.fields):
            return True
        left += [field.message_type for field in current.fields if field.message_type is not None]
    return False


def _cut(message: Any, path: str, outer: frozenset[str]) -> Iterator[Part | TooMany]:
    """Shorten the long lists in ``message``, and yield parts with what they lose."""
    words = outer | _words_of(type(message))
    for field, value in message.ListFields():
        rules = field.GetOptions().Extensions[validate_pb2.field]
        if rules.ignore == validate_pb2.IGNORE_ALWAYS:
            continue
        if field.is_repeated and len(value) > _TOGETHER:
            most = _most(rules)
            is_apart = _is_apart(rules) and field.name not in words
            if len(value) > (most or (len(value) if is_apart else MOST)):
                yield TooMany(path=f"{path}{field.json_name}", count=len(value), most=most or MOST)
                return
            if is_apart:
                yield from _shorten(message, field, path, words)
        for below, item in _messages(field, value):
            yield from _cut(item, f"{path}{field.json_name}{below}.", words)


def _shorten(
    message: Any, field: FieldDescriptor, path: str, words: frozenset[str]
) -> Iterator[Part | TooMany]:
    """Yield all elements but the first ones, some at a time, and then take them away."""
    value = getattr(message, field.name)
    is_map = hasattr(value, "keys")
    keys = list(value) if is_map else []
    for first in range(_TOGETHER, len(value), _TOGETHER):
        part = type(message)()
        some = getattr(part, field.name)
        if not is_map:
            some.extend(value[first : first + _TOGETHER])
        for key in keys[first : first + _TOGETHER]:
            if isinstance(value[key], Message):
                some[key].CopyFrom(value[key])
            else:
                some[key] = value[key]
        for below, item in _messages(field, some, first):
            yield from _cut(item, f"{path}{field.json_name}{below}.", words)
        yield Part(message=part, path=path, only=field.json_name, first=0 if is_map else first)
    if not is_map:
        del value[_TOGETHER:]
    for key in keys[_TOGETHER:]:
        del value[key]


def _messages(field: FieldDescriptor, value: Any, first: int = 0) -> Iterator[tuple[str, Message]]:
    """Yield the messages of the contract that a field holds, and the subscript of each."""
    below = field.message_type
    if below is None or below.full_name.startswith("google.protobuf."):
        return
    for index, (subscript, item) in enumerate(unknown.messages(field, value), first):
        yield (f"[{index}]" if subscript == f"[{index - first}]" else subscript), item


def _most(rules: Any) -> int | None:
    """Return how many elements the contract allows a list or a map, ``None`` for any number."""
    if rules.repeated.HasField("max_items"):
        return int(rules.repeated.max_items)
    return int(rules.map.max_pairs) if rules.map.HasField("max_pairs") else None


def _is_apart(rules: Any) -> bool:
    """Tell whether the rules on a list hold for some of its elements as they do for all."""
    if {field.name for field, _ in rules.ListFields()} - {"required", "repeated", "map"}:
        return False
    for part in (rules.repeated, rules.map):
        for field, value in part.ListFields():
            if field.name in _LEAST and value > _TOGETHER:
                return False
            if field.name not in _APART | _LEAST | _MOST:
                return False
    return True


def _words(descriptor: Descriptor) -> frozenset[str]:
    """Return the words of all expressions on a message type and on its fields."""
    own = descriptor.GetOptions().Extensions[validate_pb2.message]
    found: set[str] = set()
    every: list[Any] = [own]
    every += [field.GetOptions().Extensions[validate_pb2.field] for field in descriptor.fields]
    for rules in every:
        for expression in (*(rule.expression for rule in rules.cel), *rules.cel_expression):
            found.update(_WORD.findall(expression))
    return frozenset(found)


_can_have_lists = memo.by_message_type(_has_lists)
_words_of = memo.by_message_type(_words)
