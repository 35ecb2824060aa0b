"""How large a schema may be: what is larger is refused before anything is made of it.

The largest that are published have a few hundred rules, and a hundred properties at one place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protocube_server.definitions.crd import texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube.errors import Violation
    from protocube_server.definitions.crd.schema import Schema

DEEPEST: Final = 32
"""Objects and lists within each other; protobuf's own parsers stop at a hundred messages."""
MOST_PROPERTIES: Final = 2_000
"""Of one object. protobuf itself has room for some more."""
MOST_RULES: Final = 1_000
"""In CEL, of one version."""
LONGEST_RULE: Final = 16 * 1024
"""Characters."""


def faults(schema: Schema, where: str) -> Iterator[Violation]:
    """Yield the first bound that a schema at the path ``where`` breaks, if it breaks one."""
    rules = 0
    left = [(schema, where, 0)]
    while left:
        part, place, depth = left.pop()
        if depth > DEEPEST:
            yield texts.invalid(place, part.type, f"must not be more than {DEEPEST} levels deep")
            return
        if len(part.properties) > MOST_PROPERTIES:
            yield texts.too_many(f"{place}.properties", len(part.properties), MOST_PROPERTIES)
            return
        for index, rule in enumerate(part.rules):
            if max(len(rule.rule), len(rule.message_expression)) > LONGEST_RULE:
                here = f"{place}.x-kubernetes-validations[{index}].rule"
                yield texts.too_long(here, LONGEST_RULE)
                return
        rules += len(part.rules)
        if rules > MOST_RULES:
            detail = f"must not be the place of more than {MOST_RULES} rules in all"
            yield texts.invalid(f"{where}.x-kubernetes-validations", "array", detail)
            return
        left += [(below, f"{place}{shown(step)}", depth + 1) for step, below in part.parts()]
        several = (*part.all_of, *part.any_of, *part.one_of)
        left += [(below, place, depth + 1) for below in several]
        if part.negated is not None:
            left.append((part.negated, place, depth + 1))


def shown(step: str) -> str:
    """Return a step of :meth:`Schema.parts` as paths in definitions have it."""
    if step == "[]":
        return ".items"
    return ".additionalProperties" if step == "{}" else f".properties[{step[1:]}]"
