"""Which part of an object a write through the object or one of its subresources can own."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from protocube.meta.v1 import object_meta_pb2
from protocube_server.kinds.ownership import elements, field_set
from protocube_server.kinds.ownership.field_set import EMPTY, FieldSet

if TYPE_CHECKING:
    from protocube.steps import Steps

Scope = Callable[[FieldSet], FieldSet]
"""Returns what of a set a write can own."""

STATUS: Final = elements.member("status")
_METADATA: Final = elements.member("metadata")
_SYSTEM: Final = (
    "name",
    "namespace",
    "creationTimestamp",
    "selfLink",
    "uid",
    "clusterName",
    "generation",
    "managedFields",
    "resourceVersion",
)
_NOBODYS: Final = FieldSet(
    frozenset({elements.member("apiVersion"), elements.member("kind"), _METADATA}),
    {_METADATA: FieldSet(frozenset(map(elements.member, _SYSTEM)), {})},
)
"""What is never recorded of a writer."""
_DELETION: Final = ("deletionTimestamp", "deletionGracePeriodSeconds")
_OF_DELETION: Final = FieldSet(
    frozenset(), {_METADATA: FieldSet(frozenset(map(elements.member, _DELETION)), {})}
)
SYSTEM_FIELDS: Final = frozenset(
    field.name
    for field in object_meta_pb2.ObjectMeta.DESCRIPTOR.fields
    if field.json_name in {*_SYSTEM, *_DELETION}
)
"""Fields of the metadata, by their names in the contract, that nobody owns."""


def whole(found: FieldSet) -> FieldSet:
    """Return everything: the scope of an object without a separate status."""
    return found


def without_status(found: FieldSet) -> FieldSet:
    """Return all but the status."""
    return field_set.without(found, STATUS)


def status(found: FieldSet) -> FieldSet:
    """Return the status alone."""
    return field_set.within(found, STATUS)


def of(subresource: str, *, has_status: bool) -> Scope:
    """Return the scope of a write."""
    if subresource == "status":
        return status
    return without_status if has_status else whole


def recorded(found: FieldSet) -> Steps[FieldSet]:
    """Return what of a set is recorded of its owner."""
    return (yield from field_set.difference(found, _NOBODYS)) if found else EMPTY


def recorded_of_rest(found: FieldSet) -> Steps[FieldSet]:
    """As :func:`recorded`, of what an owner of all the rest has.

    A deletion is nobody's: no manager can write it.
    """
    return (yield from field_set.difference((yield from recorded(found)), _OF_DELETION))
