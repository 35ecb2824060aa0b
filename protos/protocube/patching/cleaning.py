"""What a patch adds, without what speaks to the patch alone: nulls and directives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube.patching import directives

if TYPE_CHECKING:
    from collections.abc import Callable

    from protocube.steps import Steps

    Predicate = Callable[[Any], bool]


def without_nulls(value: Any) -> Steps[Any]:
    """Return a value without the null members of its objects. Null elements of lists stay."""
    return _without(value, member=_is_null, element=_never)


def without_directives(value: Any) -> Steps[Any]:
    """Return a value without the objects below it that carry ``$patch``."""
    return _without(value, member=directives.has_patch, element=directives.has_patch)


def _without(value: Any, *, member: Predicate, element: Predicate) -> Steps[Any]:
    """Return a value without the members and elements that the predicates hold for."""
    if isinstance(value, dict):
        yield
        members: dict[str, Any] = {}
        for name, item in value.items():
            if not member(item):
                members[name] = yield from _without(item, member=member, element=element)
        return members
    if isinstance(value, list):
        yield
        elements: list[Any] = []
        for item in value:
            if not element(item):
                kept = yield from _without(item, member=member, element=element)
                elements.append(kept)
        return elements
    return value


def _is_null(value: Any) -> bool:
    return value is None


def _never(_: Any) -> bool:
    return False
