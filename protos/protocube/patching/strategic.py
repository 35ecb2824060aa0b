"""Strategic merge patch: objects merge member by member, lists as the contract's options say.

``steps`` does what the API server's library does, with lists in time n log n. Members that a
patch sets and the object does not have are cleaned of nulls and directives; new elements of lists
are taken as they are, so that directives in them are unknown fields.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube.patching import (
    cleaning,
    directives,
    elements,
    merge_plans,
    patch_text,
    unions,
)
from protocube.steps import finished

if TYPE_CHECKING:
    from collections.abc import Mapping

    from google.protobuf.message import Message

    from protocube.patching.merge_plans import Members, MergePlan
    from protocube.patching.patch_text import ObjectPatch
    from protocube.patching.unions import Union
    from protocube.steps import Steps


def read(text: str) -> ObjectPatch:
    """Return the patch that ``text`` says; ``null`` is an empty one.

    Raises ``BadRequest`` when it is no object.
    """
    parsed = patch_text.parse(text)
    value = {} if parsed.value is None else parsed.plain
    return patch_text.object_patch(value, parsed.repeated, called="a strategic merge patch")


def apply(
    document: dict[str, Any], patch: dict[str, Any], message_class: type[Message]
) -> dict[str, Any]:
    """Return what :func:`steps` returns, at once."""
    return finished(steps(document, patch, message_class))


def steps(
    document: dict[str, Any], patch: dict[str, Any], message_class: type[Message]
) -> Steps[dict[str, Any]]:
    """Return the document after the patch; ``message_class`` is that of the whole object.

    Raises ``BadRequest`` for directives that cannot be carried out, and ``Invalid`` for lists of
    lists.
    """
    return _object(document, patch, merge_plans.of_message(message_class))


def _object(
    stored: dict[str, Any], patch: dict[str, Any], members: Members
) -> Steps[dict[str, Any]]:
    if directives.PATCH in patch:
        return _replaced(patch)
    merged = dict(stored)
    left = dict(patch)
    if directives.RETAIN_KEYS in left:
        _retain(merged, left, left.pop(directives.RETAIN_KEYS))
    for member in [name for name in left if name.startswith(directives.ELEMENT_ORDER)]:
        yield from _ordered(merged, left, member, members)
    for member in [name for name in left if name.startswith(directives.DELETE_FROM_LIST)]:
        yield from _delete_from_list(merged, member, left.pop(member))
    for name, value in left.items():
        yield
        yield from _member(merged, name, value, members)
    return merged


def _replaced(patch: dict[str, Any]) -> dict[str, Any]:
    """Return what takes an object's place where the patch says so with ``$patch``."""
    if patch[directives.PATCH] == directives.REPLACE:
        return {name: value for name, value in patch.items() if name != directives.PATCH}
    if patch[directives.PATCH] == directives.DELETE:
        return {}
    raise directives.unknown_patch(patch)


def _retain(merged: dict[str, Any], patch: Mapping[str, Any], keys: Any) -> None:
    """Remove what ``$retainKeys`` does not list; it must list what the patch sets."""
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
        raise errors.BadRequest(directives.BAD_RETAIN_KEYS)
    kept = set(keys)
    apart = (directives.ELEMENT_ORDER, directives.DELETE_FROM_LIST)
    for name, value in patch.items():
        if value is not None and name not in kept and not name.startswith(apart):
            raise errors.BadRequest(directives.BAD_RETAIN_KEYS)
    for name in [name for name in merged if name not in kept]:
        del merged[name]


def _ordered(
    merged: dict[str, Any], patch: dict[str, Any], member: str, members: Members
) -> Steps[None]:
    """Merge the list that ``$setElementOrder`` speaks of, and take both out of the patch."""
    name = directives.target(member, directives.ELEMENT_ORDER, directives.BAD_ORDER)
    order = _list(patch.pop(member), member)
    stored = _list(merged.get(name, []), name)
    added = _list(patch.get(name, []), name)
    plan = members.find(name)
    yield from elements.check_order(added, order, plan.merge_key)
    if name not in patch and name not in merged:
        return
    if not (stored or added):
        raise errors.BadRequest(f"{member}: no elements in any of the given lists")
    if name in patch and name in merged and plan.merge_key:
        union = yield from _union(stored, added, plan)
    elif name in patch and name in merged:
        union = yield from unions.of_one(added, stored, plan.merge_key)
    elif name in patch:
        cleaned = yield from cleaning.without_directives(added)
        union = yield from unions.of_one(cleaned, [], plan.merge_key)
    else:
        union = yield from unions.of_one(stored, stored, plan.merge_key)
    patch.pop(name, None)
    # In Kubernetes, new elements take the memory of deleted ones at the end of the stored list,
    # and count as stored there. It shows in the order of the result.
    known = union.stored + union.new[: union.deleted]
    named = yield from elements.identities(order, plan.merge_key)
    merged[name] = yield from union.arranged(order=named, stored=known)


def _list(value: Any, name: str) -> list[Any]:
    if not isinstance(value, list):
        raise errors.BadRequest(f"{name}: expected a list, but received {patch_text.what(value)}")
    return value


def _delete_from_list(merged: dict[str, Any], member: str, deleted: Any) -> Steps[None]:
    name = directives.target(member, directives.DELETE_FROM_LIST, directives.BAD_DELETION)
    stored = merged.get(name)
    if deleted is None:
        merged.pop(name, None)
    elif isinstance(stored, list) and isinstance(deleted, list):
        merged[name] = yield from elements.without(stored, deleted)


def _member(merged: dict[str, Any], name: str, value: Any, members: Members) -> Steps[None]:
    """Merge one member of the patch, which is no directive."""
    stored = merged.get(name)
    if value is None:
        merged.pop(name, None)
    elif isinstance(stored, dict) and isinstance(value, dict):
        plan = members.find(name)
        if not plan.is_replaced:
            value = yield from _object(stored, value, plan.members())
        merged[name] = value
    elif isinstance(stored, list) and isinstance(value, list):
        merged[name] = yield from _list_merged(stored, value, members.find(name))
    elif directives.has_patch(value):
        merged.pop(name, None)
    else:
        kept = yield from cleaning.without_nulls(value)
        merged[name] = yield from cleaning.without_directives(kept)


def _list_merged(stored: list[Any], patch: list[Any], plan: MergePlan) -> Steps[list[Any]]:
    if not plan.merge_key or not (stored or patch):
        return patch
    union = yield from _union(stored, patch, plan)
    return (yield from union.arranged(order=union.patched, stored=union.stored))


def _union(stored: list[Any], patch: list[Any], plan: MergePlan) -> Steps[Union]:
    kind = yield from elements.kind_of_elements(stored, patch)
    if kind is not dict:
        return (yield from unions.of_scalars(stored, patch, plan.merge_key))
    members = plan.members()
    return (
        yield from unions.of_objects(
            stored, patch, plan.merge_key, lambda old, new: _object(old, new, members)
        )
    )
