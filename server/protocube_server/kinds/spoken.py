"""Tells of which lists the expressions on a message type speak, and of which only by their size."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from protocube import descriptor_options, memo
from protocube.vendor.buf.validate import validate_pb2

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor

_STRING = re.compile(r"'(?:[^'\\]|\\.)*'")
_SIZE = r"this(?:\.\w+)*\.size\(\)"
_SIZES = re.compile(rf"{_SIZE}(?: \+ {_SIZE})* ?(?:==|!=|<=|>=|<|>) ?(\d+)")
"""Sizes that are compared with a number: whether a list has more elements than that, or fewer, or
as many, does not depend on how many more it has."""
_SIZED = re.compile(r"(\w+)\.size\(\)")
_WORD = re.compile(r"\w+")
_THIS = "this"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """What some expressions speak of."""

    words: frozenset[str] = frozenset()
    """All words, but for texts and for sizes that are compared with a number."""
    sizes: dict[str, int] = field(default_factory=dict)
    """The largest number that the size of a list is compared with, by the list's name."""

    def joined(self, other: Spoken) -> Spoken:
        """Return what both speak of."""
        sizes = {**self.sizes}
        for name, number in other.sizes.items():
            sizes[name] = max(number, sizes.get(name, 0))
        return Spoken(words=self.words | other.words, sizes=sizes)


def by_rules(rules: Any) -> Spoken:
    """Return what the expressions of one message or field speak of; of a field as ``this``."""
    words: set[str] = set()
    sizes: dict[str, int] = {}
    for expression in (*(rule.expression for rule in rules.cel), *rules.cel_expression):
        text = _STRING.sub("''", expression)
        for found in _SIZES.finditer(text):
            for name in _SIZED.findall(found[0]):
                sizes[name] = max(int(found[1]), sizes.get(name, 0))
        words.update(_WORD.findall(_SIZES.sub("", text)))
    return Spoken(words=frozenset(words), sizes=sizes)


def _on(descriptor: Descriptor) -> Spoken:
    found = by_rules(descriptor_options.of_message(descriptor).Extensions[validate_pb2.message])
    for item in descriptor.fields:
        of_field = by_rules(descriptor_options.of_field(item).Extensions[validate_pb2.field])
        # `this` is the field's own value, which only the field itself is asked about.
        sizes = {name: most for name, most in of_field.sizes.items() if name != _THIS}
        found = found.joined(Spoken(words=of_field.words - {_THIS}, sizes=sizes))
    return found


on = memo.by_message_type(_on)
"""Returns what all expressions on a message type and on its fields speak of."""
