"""Whether two strategic merge patches of one object want different things."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube.patching import differences, directives, elements
from protocube.steps import finished

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from protocube.patching.merge_plans import Members, MergePlan

_APART = (directives.PATCH, directives.RETAIN_KEYS)


def between(one: Mapping[str, Any], other: Mapping[str, Any], members: Members) -> bool:
    """Tell whether two patches set, or delete, something in different ways.

    Members that only one of them has are no clash. Raises what
    :func:`differences.between` raises.
    """
    return any(
        _values(value, other[name], differences.plan_of(members, name))
        for name, value in one.items()
        if name in other and name not in _APART
    )


def _values(one: Any, other: Any, plan: MergePlan) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        if one.get(directives.PATCH) != other.get(directives.PATCH):
            return True
        return not plan.is_replaced and between(one, other, plan.members())
    if isinstance(one, list) and isinstance(other, list):
        return _lists(one, other, plan)
    return not differences.equal(one, other)


def _lists(one: Sequence[Any], other: Sequence[Any], plan: MergePlan) -> bool:
    if not plan.merge_key or not (one or other):
        return not differences.equal(list(one), list(other))
    if finished(elements.kind_of_elements(one, other)) is not dict:
        # Sets are joined.
        return False
    keys = finished(elements.identities(other, plan.merge_key))
    others = dict(zip(keys, other, strict=True))
    return any(
        key in others and _values(element, others[key], plan)
        for key, element in zip(
            finished(elements.identities(one, plan.merge_key)), one, strict=True
        )
    )
