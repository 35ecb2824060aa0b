"""How long the CEL of the contract may be, what it may not hold, and how often it may stand.

What goes beyond is a function of the server, which ``computed_rules`` of a message names.
"""

from __future__ import annotations

import collections
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from protocube.catalog import Catalog
from protocube.vendor.buf.validate import validate_pb2

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from google.protobuf.descriptor_pb2 import DescriptorProto

_LONGEST = 300
_MOST_TIMES = 2
_COMPARISON = 75
"""What is no longer is a comparison or two, whose id and text are the rule: ``this != ''``."""
# Among others is a comparison: `this in [0, 1]`.
_FLAGS = re.compile(r"'[01]+'|(?<!in )\[[01](, ?[01])+\]|\? *[01] *: *[01]\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """An expression and what it stands on: a message, a field or a predefined rule."""

    place: str
    id: str
    expression: str

    def __str__(self) -> str:
        """Name the place, for the message of a failed test."""
        return f"{self.place} ({self.id})"


def _rules() -> Iterator[Rule]:
    for file in Catalog.shipped().files:
        if file.package.startswith("protocube."):
            for message in file.message_type:
                yield from _of_message(message, f"{file.package}.{message.name}")
            for extension in file.extension:
                place = f"{file.package}.{extension.name}"
                yield from _cel(extension.options.Extensions[validate_pb2.predefined], place)


def _of_message(message: DescriptorProto, place: str) -> Iterator[Rule]:
    yield from _cel(message.options.Extensions[validate_pb2.message], place)
    for field in message.field:
        where = f"{place}.{field.name}"
        yield from _of_field(field.options.Extensions[validate_pb2.field], where)
    for nested in message.nested_type:
        yield from _of_message(nested, f"{place}.{nested.name}")


def _of_field(rules: Any, place: str) -> Iterator[Rule]:
    yield from _cel(rules, place)
    for name, part in (("repeated", "items"), ("map", "keys"), ("map", "values")):
        if rules.HasField(name) and getattr(rules, name).HasField(part):
            yield from _of_field(getattr(getattr(rules, name), part), f"{place} ({part})")


def _cel(rules: Any, place: str) -> Iterator[Rule]:
    for rule in rules.cel:
        yield Rule(place=place, id=rule.id, expression=rule.expression)
    for expression in getattr(rules, "cel_expression", ()):
        yield Rule(place=place, id=expression, expression=expression)


RULES = tuple(_rules())


def too_long(rules: Iterable[Rule]) -> list[str]:
    """Return the places of expressions that are too long."""
    return [
        f"{rule} has {len(rule.expression)} characters"
        for rule in rules
        if len(rule.expression) > _LONGEST
    ]


def with_flags(rules: Iterable[Rule]) -> list[str]:
    """Return the places of expressions that write down 0 and 1 for what is and is not."""
    return [f"{rule} has {found[0]}" for rule in rules if (found := _FLAGS.search(rule.expression))]


def copied(rules: Iterable[Rule]) -> list[str]:
    """Return the places of each expression that stands too often."""
    places = collections.defaultdict(list)
    for rule in rules:
        if len(rule.expression) > _COMPARISON:
            places[rule.expression].append(str(rule))
    return [", ".join(found) for found in places.values() if len(found) > _MOST_TIMES]


def test_no_expression_is_too_long_to_read() -> None:
    """Beyond 300 characters nobody sees what an expression refuses."""
    assert too_long(RULES) == []


def test_no_expression_keeps_flags() -> None:
    """A text of 0 and 1 stands for a loop with an index, which CEL does not have."""
    assert with_flags(RULES) == []


def test_no_expression_stands_more_than_twice() -> None:
    """Three copies are a predefined rule, or one on a message that all share."""
    assert copied(RULES) == []


@pytest.mark.parametrize(
    ("judge", "expression", "times", "said"),
    [
        (too_long, "this.a == '" + "x" * 290 + "'", 1, "a.B.c (id.c) has 302 characters"),
        (with_flags, "this.map(p, p == '' ? '1' : '').join('')", 1, "a.B.c (id.c) has '1'"),
        (with_flags, "this.map(p, p == '' ? 1 : 0)", 1, "a.B.c (id.c) has ? 1 : 0"),
        (with_flags, "[0, 1, 1].all(p, p)", 1, "a.B.c (id.c) has [0, 1, 1]"),
        (copied, "this == '" + "x" * 80 + "'", 3, "a.B.c (id.c), a.B.c (id.c), a.B.c (id.c)"),
    ],
)
def test_a_bad_expression_is_named(judge: Any, expression: str, times: int, said: str) -> None:
    """Each bound names the place of what breaks it."""
    rule = Rule(place="a.B.c", id="id.c", expression=expression)
    assert judge([rule] * times) == [said]


def test_all_three_places_are_looked_into() -> None:
    """Rules on messages, on fields and their parts, and predefined ones are all among them."""
    places = {rule.place for rule in RULES}
    assert {
        "protocube.core.v1.PodSpec",
        "protocube.core.v1.PodSpec.active_deadline_seconds",
        "protocube.core.v1.PodSpec.init_containers (items)",
        "protocube.api.v1.dns_label",
    } <= places
