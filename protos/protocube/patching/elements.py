"""Elements of lists under a strategic merge patch: what tells them apart, what is said of them.

Objects are told apart by their merge key, scalars by themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from protocube import errors
from protocube.patching import directives, patch_text
from protocube.patching.merge_plans import SET
from protocube.patching.refusal import unprocessable

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from protocube.steps import Steps

_TOGETHER: Final = 64
"""Elements that are looked at between two steps."""
_MANY: Final = 4096
"""Elements of which only the type is looked at between two steps."""


def identities(elements: Sequence[Any], merge_key: str) -> Steps[list[Hashable]]:
    """Return what each element is told from others by.

    Raises ``BadRequest`` when one has no merge key, or is no object and must be one.
    """
    found: list[Hashable] = []
    for count, element in enumerate(elements):
        if count % _TOGETHER == 0:
            yield
        found.append(_identity(element, merge_key))
    return found


def places(keys: Sequence[Hashable]) -> dict[Hashable, int]:
    """Return where each identity stands first."""
    found: dict[Hashable, int] = {}
    for place, key in enumerate(keys):
        found.setdefault(key, place)
    return found


def kind_of_elements(*lists: Sequence[Any]) -> Steps[type]:
    """Return the one type of all elements, of which there must be some.

    Raises ``BadRequest`` when there are several, and ``Invalid`` for lists.
    """
    kinds: set[type] = set()
    for elements in lists:
        for first in range(0, len(elements), _MANY):
            yield
            kinds.update(map(_kind, elements[first : first + _MANY]))
    if kinds == {list}:
        raise unprocessable()
    if len(kinds) > 1 or type(None) in kinds:
        shown = ", ".join(directives.shown(elements) for elements in lists)
        raise errors.BadRequest(f"list element types are not identical: [{shown}]")
    return kinds.pop()


def without(stored: Sequence[Any], deleted: Sequence[Any]) -> Steps[list[Any]]:
    """Return a list of scalars without those that are to be deleted."""
    if stored and deleted:
        kind = yield from kind_of_elements(stored, deleted)
        if kind is dict:
            raise errors.BadRequest(directives.BAD_DELETION)
    gone = set(deleted)
    return [element for element in stored if element not in gone]


@dataclass(frozen=True, slots=True, kw_only=True)
class Instructions:
    """What a list of objects in a patch says."""

    plain: list[Any]
    """The elements without ``$patch``."""
    deleted: set[Hashable]
    """The identities of elements that are to be deleted."""
    is_replaced: bool
    """The plain elements are the whole list."""


def instructions(patch: Sequence[dict[str, Any]], merge_key: str) -> Steps[Instructions]:
    """Return what a list says. Raises ``BadRequest`` for a ``$patch`` that it cannot have."""
    plain: list[Any] = []
    deleted: set[Hashable] = set()
    is_replaced = False
    for count, element in enumerate(patch):
        if count % _TOGETHER == 0:
            yield
        if directives.PATCH not in element:
            plain.append(element)
        elif element[directives.PATCH] == directives.DELETE:
            deleted.add(_identity(element, merge_key))
        elif element[directives.PATCH] == directives.REPLACE:
            is_replaced = True
        elif element[directives.PATCH] == directives.MERGE:
            raise errors.BadRequest("merging lists cannot yet be specified in the patch")
        else:
            raise directives.unknown_patch(element)
    return Instructions(plain=plain, deleted=deleted, is_replaced=is_replaced)


def check_order(patch: Sequence[Any], order: Sequence[Any], merge_key: str) -> Steps[None]:
    """Raise ``BadRequest`` unless the patch's elements stand in ``order``, in this order.

    Those that are to be deleted need not. Others that carry ``$patch`` need not either, but for
    them something must be left in ``order``, as in Kubernetes.
    """
    if not order or not patch:
        return
    wanted = yield from identities(order, merge_key)
    place = 0
    for count, element in enumerate(patch):
        if count % _TOGETHER == 0:
            yield
        if _is_deleted(element):
            continue
        if place < len(wanted) and directives.has_patch(element):
            continue
        key = None if place == len(wanted) else _identity(element, merge_key)
        while place < len(wanted) and wanted[place] != key:
            place += 1
        if place == len(wanted):
            raise _other_order(patch, order)
        place += 1


def _is_deleted(element: Any) -> bool:
    return directives.has_patch(element) and element[directives.PATCH] == directives.DELETE


def _other_order(patch: Sequence[Any], order: Sequence[Any]) -> errors.BadRequest:
    return errors.BadRequest(
        f"The order in patch list:\n{directives.shown(patch)}\n doesn't match "
        f"{directives.ELEMENT_ORDER} list:\n{directives.shown(order)}\n"
    )


def _identity(element: Any, merge_key: str) -> Hashable:
    if merge_key in ("", SET):
        return _scalar(element)
    if not isinstance(element, dict):
        raise errors.BadRequest(f"expected an object, but received {patch_text.what(element)}")
    if merge_key not in element:
        raise errors.BadRequest(
            f"map: {directives.shown(element)} does not contain declared merge key: {merge_key}"
        )
    return _scalar(element[merge_key])


def _scalar(value: Any) -> Hashable:
    if isinstance(value, dict | list):
        raise errors.BadRequest(f"expected a scalar, but received {patch_text.what(value)}")
    # True equals 1 in Python.
    return ("bool", value) if isinstance(value, bool) else value


def _kind(element: Any) -> type:
    return int if isinstance(element, float) else type(element)
