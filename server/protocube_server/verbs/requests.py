"""Parses requests, finds their targets, and checks what Create and Update have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from google.protobuf.message import DecodeError, Message

from protocube import errors, memo
from protocube.meta.v1 import requests_pb2
from protocube_server.cache import Selection
from protocube_server.calls.verb import Target

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.protobuf.descriptor import Descriptor

    from protocube_server.calls.call import Call
    from protocube_server.calls.limits import Limits
    from protocube_server.kinds.kind import Kind

M = TypeVar("M", bound=Message)


def parse(message_class: type[M], raw: bytes) -> M:
    """Parse a request. Raises ``errors.BadRequest``, also for an option of unknown value."""
    try:
        message = message_class.FromString(raw)
    except DecodeError as error:
        name = message_class.DESCRIPTOR.full_name
        raise errors.BadRequest(f"the request cannot be decoded as a {name}: {error}") from error
    for name, known in _choices(message_class):
        number = getattr(message, name)
        if number not in known:
            # What a newer client means by it must not be taken for something else.
            listed = ", ".join(known.values())
            raise errors.BadRequest(f"unsupported {name} {number}: it is one of {listed}")
    return message


def parser(message_class: type[Message]) -> Callable[[Kind, bytes], Message]:
    """Return the parser of a request that all kinds share."""
    return lambda _, raw: parse(message_class, raw)


def parse_create(kind: Kind, raw: bytes) -> Message:
    """Parse a CreateXRequest. Raises ``errors.BadRequest``."""
    return parse(kind.resource.create_request_class, raw)


def parse_update(kind: Kind, raw: bytes) -> Message:
    """Parse an UpdateXRequest. Raises ``errors.BadRequest``."""
    return parse(kind.resource.update_request_class, raw)


def one(kind: Kind, request: Any) -> Target:
    """Return the object that a request names."""
    return Target(kind.namespace(request.namespace), request.name)


def many(kind: Kind, request: Any) -> Target:
    """Return the collection that a request is for."""
    return Target(request.namespace if kind.resource.namespaced else "")


def carried(kind: Kind, request: Any) -> Target:
    """Return the object that a request carries."""
    metadata = request.object.metadata
    return Target(kind.namespace(metadata.namespace), metadata.name)


@memo.by_message_type
def _choices(request: Descriptor) -> tuple[tuple[str, dict[int, str]], ...]:
    """Return the fields of a request that choose between names, and the names by number."""
    return tuple(
        (item.name, {value.number: value.name for value in item.enum_type.values})
        for item in request.fields
        if item.enum_type is not None
    )


def check_object(call: Call) -> Any:
    """Check what the object of a CreateXRequest or UpdateXRequest claims to be.

    Returns the request, its object with its kind's names and in the target's namespace.
    Unknown fields are refused, warned of or dropped, as the request says. Raises
    ``errors.BadRequest``.
    """
    request, kind = call.request, call.kind
    resource = kind.resource
    faults = kind.unknown_fields(request, call.raw)
    if faults:
        faults = [fault.replace('"object.', '"', 1) for fault in faults]
        mode = request.field_validation
        if mode == requests_pb2.FIELD_VALIDATION_WARN:
            call.warnings.extend(faults)
        elif mode != requests_pb2.FIELD_VALIDATION_IGNORE:
            raise kind.strict_decoding_error(faults)
    claimed = request.object
    if claimed.api_version and claimed.api_version != resource.api_version:
        message = (
            f"the API version in the data ({claimed.api_version}) does not match the expected "
            f"API version ({resource.api_version})"
        )
        raise errors.BadRequest(message)
    if claimed.kind and claimed.kind != resource.kind:
        message = (
            f"the kind in the data ({claimed.kind}) does not match the expected kind "
            f"({resource.kind})"
        )
        raise errors.BadRequest(message)
    claimed.api_version, claimed.kind = resource.api_version, resource.kind
    # Kubernetes clears the namespace of a cluster-scoped object.
    claimed.metadata.namespace = call.target.namespace
    return request


def selection(call: Call) -> Selection:
    """Return what a request for many objects selects. Raises ``errors.BadRequest``."""
    request = call.request
    return Selection(
        call.kind,
        namespace=request.namespace,
        labels=request.label_selector,
        fields=request.field_selector,
    )


def check_size(kind: Kind, value: bytes, name: str, limits: Limits) -> None:
    """Raise ``errors.TooLarge`` for a value that no store would take."""
    if len(value) > limits.value:
        message = (
            f"Request entity too large: the object has {len(value)} bytes, "
            f"the limit is {limits.value}"
        )
        raise errors.TooLarge(message, resource=kind.resource.qualified, name=name)
