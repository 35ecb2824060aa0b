"""The strategic merge patch of a configuration that is applied again.

There are three objects: the configuration as it was applied last, the one to apply now, and the
object as it is. The patch sets what the new configuration says, deletes what only the last one
said, and leaves alone what neither speaks of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube.patching import clashes, differences, directives, elements, merge_plans
from protocube.patching.differences import Comparison
from protocube.steps import finished

if TYPE_CHECKING:
    from collections.abc import Mapping

    from google.protobuf.message import Message

    from protocube.patching.merge_plans import Members, MergePlan


class ChangedByOthers(Exception):
    """The patch would change what somebody else has changed since the last apply."""

    def __init__(self, patch: dict[str, Any], changes: dict[str, Any]) -> None:
        super().__init__("the patch conflicts with changes that were made since the last apply")
        self.patch = patch
        self.changes = changes
        """The patch from the last configuration to the object as it is."""


def patch(
    last: Mapping[str, Any],
    modified: Mapping[str, Any],
    current: Mapping[str, Any],
    message_class: type[Message],
    *,
    overwrite: bool = True,
) -> dict[str, Any]:
    """Return the patch that applies ``modified`` to ``current`` after ``last``.

    Without ``overwrite`` it raises :class:`ChangedByOthers` where others have changed the
    object in another way. Raises what :func:`differences.between` raises, too.
    """
    members = merge_plans.of_message(message_class)
    wanted = Comparison(deletions=False).objects(current, modified, members)
    gone = Comparison(changes=False).objects(last, modified, members)
    found = _joined(gone, wanted, members)
    if not overwrite:
        changes = Comparison(order=False).objects(last, current, members)
        if clashes.between(found, changes, members):
            raise ChangedByOthers(found, changes)
    return found


def _joined(gone: dict[str, Any], wanted: dict[str, Any], members: Members) -> dict[str, Any]:
    """Return one patch of two; directives of both agree, because both lead to one object."""
    joined = {**gone, **wanted}
    for name in gone.keys() & wanted.keys():
        first, second = gone[name], wanted[name]
        plan = differences.plan_of(members, name)
        if isinstance(first, dict) and isinstance(second, dict) and not plan.is_replaced:
            joined[name] = _joined(first, second, plan.members())
        elif isinstance(first, list) and isinstance(second, list) and plan.merge_key:
            order = joined.get(f"{directives.ELEMENT_ORDER}/{name}", second)
            joined[name] = _joined_lists(first, second, order, plan)
    return joined


def _joined_lists(
    gone: list[Any], wanted: list[Any], order: list[Any], plan: MergePlan
) -> list[Any]:
    """Return the elements of two patches of a list in ``order``, then those to delete."""
    if finished(elements.kind_of_elements(gone, wanted)) is not dict:
        return wanted
    deleted = [element for element in gone if directives.has_patch(element)]
    changed = [element for element in gone if not directives.has_patch(element)]
    parts = dict(zip(finished(elements.identities(changed, plan.merge_key)), changed, strict=True))
    keys = finished(elements.identities(wanted, plan.merge_key))
    left = list(zip(keys, wanted, strict=True))
    places = elements.places(finished(elements.identities(order, plan.merge_key)))
    found = [
        (key, _joined(parts.pop(key), element, plan.members()) if key in parts else element)
        for key, element in left
    ]
    found += parts.items()
    found.sort(key=lambda pair: places.get(pair[0], len(places)))
    return [element for _, element in found] + deleted
