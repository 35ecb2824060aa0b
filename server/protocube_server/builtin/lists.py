"""Rules on what may stand in a list together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube_server.kinds import field_names, violations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube import errors
    from protocube_server.kinds.marked import Found
    from protocube_server.kinds.named.rule import ComputedRule


def _unique_values(found: Found) -> Iterator[errors.Violation]:
    """No value of the list comes twice."""
    seen: set[Any] = set()
    for index, value in enumerate(found.value):
        if value in seen:
            yield violations.duplicate(f"{found.path}[{index}]", value)
        seen.add(value)


def _one_unnamed(found: Found) -> Iterator[errors.Violation]:
    """One element may be without the name that ``unique_by`` tells apart; two may not."""
    (name,) = found.option.unique_by
    unnamed = False
    for index, item in enumerate(found.value):
        if getattr(item, field_names.by_json_name(type(item))[name]):
            continue
        if unnamed:
            yield violations.duplicate(f"{found.path}[{index}].{name}", "")
        unnamed = True


def _unique_topologies(found: Found) -> Iterator[errors.Violation | None]:
    """No two terms ask for the same; a term without requirements asks for nothing at all."""
    seen: set[frozenset[tuple[str, frozenset[str]]]] = {frozenset()}
    for index, term in enumerate(found.value):
        yield None
        asked = {item.key: frozenset(item.values) for item in term.match_label_expressions}
        key = frozenset(asked.items())
        if key in seen:
            yield violations.duplicate(f"{found.path}[{index}].matchLabelExpressions", "")
        seen.add(key)


def _restart_rules(found: Found) -> Iterator[errors.Violation]:
    """They are exceptions from a policy of the container's own."""
    if not found.parent.HasField("restart_policy"):
        path = f"{found.path.rpartition('.')[0]}.restartPolicy"
        yield violations.required(path, "must specify restartPolicy when restart rules are used")


BY_NAME: dict[str, ComputedRule] = {
    "one_unnamed": _one_unnamed,
    "restart_rules": _restart_rules,
    "unique_topologies": _unique_topologies,
    "unique_values": _unique_values,
}
