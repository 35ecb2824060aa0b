"""The strategic merge patch that lies between two objects.

It is what Kubernetes' library makes of them, in the order in which the API server wants it. The
objects are JSON data; patches share their parts, so neither must be changed in place.

This is work of whoever writes a patch, on one object, and it is done at once.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from protocube import errors
from protocube.patching import directives, elements, merge_plans, values
from protocube.patching.merge_plans import MergePlan
from protocube.steps import finished

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from google.protobuf.message import Message

    from protocube.patching.merge_plans import Members

_UNKNOWN: Final = MergePlan()
_SCALARS: Final = frozenset({str, int, bool, float, type(None)})


def between(
    original: Mapping[str, Any], modified: Mapping[str, Any], message_class: type[Message]
) -> dict[str, Any]:
    """Return the patch that makes ``modified`` of ``original``, objects of ``message_class``.

    Raises ``BadRequest`` for lists whose elements cannot be told apart, and ``Invalid`` for
    lists of lists.
    """
    return Comparison().objects(original, modified, merge_plans.of_message(message_class))


def plan_of(members: Members, name: str) -> MergePlan:
    """Return how a member is merged; one that the schema does not know is replaced by value."""
    try:
        return members.find(name)
    except errors.BadRequest:
        return _UNKNOWN


def equal(one: Any, other: Any) -> bool:
    """Tell whether two values are the same JSON."""
    if type(one) is type(other) and type(one) in _SCALARS:
        return bool(one == other)
    return finished(values.equal(one, other))


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Which parts of the difference a patch holds."""

    changes: bool = True
    """What is new, and what has another value."""
    deletions: bool = True
    """What is gone."""
    order: bool = True
    """The order of lists that are merged."""

    def objects(
        self,
        original: Mapping[str, Any],
        modified: Mapping[str, Any],
        members: Members,
        *,
        retains_keys: bool = False,
    ) -> dict[str, Any]:
        """Return the patch between two objects. Raises what :func:`between` raises.

        With ``retains_keys`` it says which members are to be kept.
        """
        patch: dict[str, Any] = {}
        for name, value in modified.items():
            old = original.get(name)
            if name not in original:
                self._set(patch, name, value)
            elif not self.changes and old == value:
                continue
            elif isinstance(old, dict) and isinstance(value, dict):
                self._object(patch, name, old, value, plan_of(members, name))
            elif isinstance(old, list) and isinstance(value, list):
                self._list(patch, name, old, value, plan_of(members, name))
            elif not equal(old, value):
                self._set(patch, name, value)
        gone = [name for name in original if name not in modified]
        if self.deletions:
            patch |= dict.fromkeys(gone)
        kept = sorted(name for name, value in modified.items() if value is not None)
        loses = any(original[name] is not None for name in gone)
        if retains_keys and kept and (patch or loses):
            patch[directives.RETAIN_KEYS] = kept
        return patch

    def _set(self, patch: dict[str, Any], name: str, value: Any) -> None:
        if self.changes:
            patch[name] = value

    def _object(
        self,
        patch: dict[str, Any],
        name: str,
        old: dict[str, Any],
        new: dict[str, Any],
        plan: MergePlan,
    ) -> None:
        if plan.is_replaced:
            # Kubernetes sends it also when it is the same.
            self._set(patch, name, new)
            return
        below = self.objects(old, new, plan.members(), retains_keys=plan.retains_keys)
        if below:
            patch[name] = below

    def _list(
        self, patch: dict[str, Any], name: str, old: list[Any], new: list[Any], plan: MergePlan
    ) -> None:
        if not plan.merge_key:
            if not equal(old, new):
                self._set(patch, name, new)
        elif not old:
            if new:
                self._set(patch, name, new)
        elif finished(elements.kind_of_elements(old, new)) is dict:
            self._keyed(patch, name, old, new, plan)
        else:
            self._scalars(patch, name, old, new)

    def _scalars(self, patch: dict[str, Any], name: str, old: list[Any], new: list[Any]) -> None:
        """Compare lists that are sets of scalars."""
        added = _without(new, old) if self.changes else []
        deleted = list(dict.fromkeys(_without(old, new))) if self.deletions else []
        if added:
            patch[name] = added
        if deleted:
            patch[f"{directives.DELETE_FROM_LIST}/{name}"] = sorted(deleted, key=_text)
        # The order that the list had is not looked at, as in Kubernetes.
        moved = self.changes and not equal(sorted(old, key=_text), new)
        if self.order and new and (deleted or moved):
            patch[f"{directives.ELEMENT_ORDER}/{name}"] = new

    def _keyed(
        self,
        patch: dict[str, Any],
        name: str,
        old: list[Any],
        new: list[Any],
        plan: MergePlan,
    ) -> None:
        """Compare lists of objects that a key tells apart."""
        had = finished(elements.identities(old, plan.merge_key))
        wanted = finished(elements.identities(new, plan.merge_key))
        parts = self._changed(_by_key(had, old), zip(wanted, new, strict=True), plan)
        if self.deletions:
            kept = set(wanted)
            parts += [
                {directives.PATCH: directives.DELETE, plan.merge_key: element[plan.merge_key]}
                for key, element in sorted(
                    zip(had, old, strict=True), key=lambda pair: _text(pair[0])
                )
                if key not in kept
            ]
        if parts:
            patch[name] = parts
        if self.order and new and (parts or (self.changes and had != wanted)):
            patch[f"{directives.ELEMENT_ORDER}/{name}"] = [
                {plan.merge_key: element[plan.merge_key]} for element in new
            ]

    def _changed(
        self, old: dict[Hashable, list[Any]], new: Any, plan: MergePlan
    ) -> list[dict[str, Any]]:
        """Return what of the elements of a new list is not as in the old one, by their keys."""
        parts: list[dict[str, Any]] = []
        for key, element in new:
            before = old.get(key)
            if not before:
                if self.changes:
                    parts.append(element)
                continue
            # Elements of one key are paired in their order.
            part = self.objects(
                before.pop(0), element, plan.members(), retains_keys=plan.retains_keys
            )
            if part:
                parts.append({**part, plan.merge_key: element[plan.merge_key]})
        return parts


def _by_key(keys: Sequence[Hashable], found: Sequence[Any]) -> dict[Hashable, list[Any]]:
    groups: dict[Hashable, list[Any]] = {}
    for key, element in zip(keys, found, strict=True):
        groups.setdefault(key, []).append(element)
    return groups


def _without(values: Sequence[Any], others: Sequence[Any]) -> list[Any]:
    """Return the scalars that others do not have, or not as often."""
    left = Counter(map(_text, others))
    found: list[Any] = []
    for value in values:
        text = _text(value)
        if left[text]:
            left[text] -= 1
        else:
            found.append(value)
    return found


def _text(value: Any) -> str:
    """Return a scalar as it is sorted."""
    if isinstance(value, tuple):
        # The identity of a boolean.
        value = value[1]
    return str(value).lower() if isinstance(value, bool) else str(value)
