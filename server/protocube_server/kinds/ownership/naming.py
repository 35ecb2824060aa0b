"""Which step leads to which element of a list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube_server.kinds.ownership import elements
from protocube_server.kinds.ownership.schemas import ABSENT, NodeKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from protocube.steps import Steps
    from protocube_server.kinds.ownership.schemas import Schema

_TURN = 256
"""Elements that are named in one go."""


def step(schema: Schema, element: Any) -> str:
    """Return the step to an element of a set or a keyed list.

    A key that the element leaves out has its default, or is left out.
    """
    if schema.kind is NodeKind.SET:
        return elements.valued(element)
    held = element if isinstance(element, dict) else {}
    keys = {name: held.get(name, default) for name, default in schema.keys.items()}
    return elements.keyed({name: value for name, value in keys.items() if value is not ABSENT})


def steps(schema: Schema, listed: Any) -> Steps[list[str]]:
    """Return the steps to all elements of a list, in its order. What is no list has none."""
    found: list[str] = []
    if isinstance(listed, list):
        for position, element in enumerate(listed):
            if not position % _TURN:
                yield
            found.append(step(schema, element))
    return found


def grouped(schema: Schema, listed: Any) -> Steps[dict[str, list[Any]]]:
    """Return the elements of a list by their steps; more than one where keys are repeated."""
    return by_step((yield from steps(schema, listed)), listed or ())


def by_step(named: Iterable[str], listed: Iterable[Any]) -> dict[str, list[Any]]:
    """Return elements as :func:`grouped` does, by the steps to each of them."""
    found: dict[str, list[Any]] = {}
    for name, element in zip(named, listed, strict=False):
        found.setdefault(name, []).append(element)
    return found
