"""What a write takes from the object that it carries: that depends on the part it is for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from protocube import errors
from protocube.api.v1 import resource_pb2
from protocube_server.kinds import field_names, fields

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from protocube_server.calls.call import Call
    from protocube_server.kinds.kind import Kind

_OF_ALL = ("api_version", "kind", "metadata", "status")
_METADATA = ("labels", "annotations", "finalizers", "owner_references")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The part of an object that a write is for."""

    keep: Callable[[Kind, Any, Any], None]
    """Gives the new object, in place, what the write leaves as it is in the old one."""
    is_counted: bool = True
    """Whether a change is a new generation: that counts what is wanted, not what is."""
    is_given: bool = False
    """Whether the object is given what it needs by then, such as addresses."""


def _keep_for_object(kind: Kind, old: Any, new: Any) -> None:
    """Keep the status, where it has a method of its own, and what the kind's option names."""
    if kind.has_status:
        fields.replace(new, old, "status")
    _keep_paths(kind.resource.options.kept_by_update, old, new)


def _keep_for_status(kind: Kind, old: Any, new: Any) -> None:
    """Keep everything but the status and the metadata, and parts of that for some kinds.

    Of kinds that users define nothing but the status is written, as in Kubernetes: who may write
    that alone gives no object an owner whose end is the object's, too.
    """
    for field in new.DESCRIPTOR.fields:
        if field.name not in _OF_ALL:
            fields.replace(new, old, field.name)
    _keep_paths(kind.resource.options.kept_by_status, old, new)
    if kind.defined is not None:
        for name in _METADATA:
            fields.replace(new.metadata, old.metadata, name)


def _keep_for_finalize(kind: Kind, old: Any, new: Any) -> None:
    """Keep the status."""
    if kind.has_status:
        fields.replace(new, old, "status")


def _keep_paths(paths: Iterable[str], old: Any, new: Any) -> None:
    for path in paths:
        target, source = new, old
        *steps, last = field_names.path(type(old), path)
        for step in steps:
            target, source = getattr(target, step), getattr(source, step)
        fields.replace(target, source, last)


OBJECT: Final = Part(keep=_keep_for_object, is_given=True)
# A write of the status may annotate what is.
STATUS: Final = Part(keep=_keep_for_status, is_counted=False)
FINALIZE: Final = Part(keep=_keep_for_finalize)

_PARTS: dict[int, Part] = {
    resource_pb2.SUBRESOURCE_UNSPECIFIED: OBJECT,
    resource_pb2.SUBRESOURCE_STATUS: STATUS,
    resource_pb2.SUBRESOURCE_FINALIZE: FINALIZE,
}


def word(request: Any) -> str:
    """Return the subresource that a request names, as rights speak of it; empty for the object."""
    number = request.subresource
    if not number:
        return ""
    return resource_pb2.Subresource.Name(number).removeprefix("SUBRESOURCE_").lower()


def named(call: Call) -> Part:
    """Return the part that a write is for, by the subresource that its request names.

    Raises ``errors.NotFound`` for one that the kind does not have, and ``errors.BadRequest``
    for a Scale, which is a message of its own.
    """
    number = call.request.subresource
    if number and number not in call.kind.resource.subresources:
        raise errors.NotFound("the server could not find the requested resource")
    if number not in _PARTS:
        method = f"{call.verb.method}Scale"
        raise errors.BadRequest(f"subresource: a Scale has methods of its own, such as {method}")
    return _PARTS[number]
