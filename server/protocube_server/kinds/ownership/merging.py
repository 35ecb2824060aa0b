"""A configuration laid over the live object.

Maps and structs are joined, sets and keyed lists element by element; all else is the
configuration's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube_server.kinds.ownership import naming
from protocube_server.kinds.ownership.schemas import ABSENT, NodeKind

if TYPE_CHECKING:
    from protocube.steps import Steps
    from protocube_server.kinds.ownership.schemas import Schema


def merge(schema: Schema, live: Any, config: Any) -> Steps[Any]:
    """Return ``live`` with what ``config`` says.

    The elements of a list keep their order in ``config``; those of ``live`` alone stay before
    the next one that both have.
    """
    yield
    if config is ABSENT:
        return live
    if live is ABSENT or schema.atomic or schema.kind is NodeKind.SCALAR:
        return config
    if schema.kind in {NodeKind.SET, NodeKind.KEYED}:
        if not config:
            return live or config
        return (yield from _lists(schema, live, config)) if live else config
    if not config and (config is None or isinstance(config, dict)):
        return live or config
    if not isinstance(live, dict) or not isinstance(config, dict):
        return config
    return (yield from _maps(schema, live, config))


def _maps(schema: Schema, live: Any, config: Any) -> Steps[dict[str, Any]]:
    merged = dict(live)
    for name, value in config.items():
        merged[name] = yield from merge(schema.below(name), live.get(name, ABSENT), value)
    return merged


def _lists(schema: Schema, live: Any, config: Any) -> Steps[list[Any]]:
    ours = yield from naming.steps(schema, live)
    theirs = yield from naming.steps(schema, config)
    # Elements of the live list that share their keys merge with nothing.
    had = {
        step: group[0] if len(group) == 1 else ABSENT
        for step, group in naming.by_step(ours, live).items()
    }
    has = dict(zip(theirs, config, strict=True))
    merged: list[Any] = []
    for step, position in _order(ours, theirs):
        if position is not None:
            merged.append(live[position])
        else:
            merged.append((yield from merge(schema.held, had.get(step, ABSENT), has[step])))
    return merged


def _order(ours: list[str], theirs: list[str]) -> list[tuple[str, int | None]]:
    """Return the steps of a merged list in order, those of the live list alone with their place.

    Both lists are walked together. Equal heads are taken at once; a head of the live list that
    comes later in the other one is left to it; one that is not in the other is taken.
    """
    live, known = set(ours), set(theirs)
    shared = iter([step for step in theirs if step in live])
    awaited = next(shared, None)
    taken: set[str] = set()
    order: list[tuple[str, int | None]] = []
    left = right = 0
    while left < len(ours) or right < len(theirs):
        if left < len(ours):
            head = ours[left]
            both = right < len(theirs)
            if both and head == theirs[right]:
                left += 1
            elif head not in known:
                order.append((head, left))
                left += 1
                continue
            elif both and awaited not in {None, head}:
                left += 1
                continue
            elif head in taken:
                left += 1
        if right < len(theirs):
            step = theirs[right]
            order.append((step, None))
            taken.add(step)
            right += 1
            if step == awaited:
                awaited = next(shared, None)
    return order
