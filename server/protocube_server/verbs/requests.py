"""Parses requests, finds their targets, and checks what Create and Update have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from google.protobuf.message import DecodeError

from protocube import errors
from protocube.meta.v1 import requests_pb2
from protocube_server.cache import Selection
from protocube_server.calls.verb import Target
from protocube_server.kinds.kind import DEFAULT

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.protobuf.message import Message

    from protocube_server.calls.call import Call
    from protocube_server.calls.limits import Limits
    from protocube_server.calls.verb import FindTarget, Parse
    from protocube_server.kinds.kind import Kind


def shared(message_class: type[Message]) -> Callable[[Kind], Parse]:
    """Return the parser of a request that all kinds share."""
    parse = _parser(message_class)
    return lambda _: parse


def creating(kind: Kind) -> Parse:
    """Return the parser of a CreateXRequest."""
    return _parser(kind.resource.create_request_class)


def updating(kind: Kind) -> Parse:
    """Return the parser of an UpdateXRequest."""
    return _parser(kind.resource.update_request_class)


def one(kind: Kind) -> FindTarget:
    """Tell the object that a request names."""
    if kind.resource.namespaced:
        return lambda request: Target(request.namespace or DEFAULT, request.name)
    return lambda request: Target("", request.name)


def many(kind: Kind) -> FindTarget:
    """Tell the collection that a request is for."""
    if kind.resource.namespaced:
        return lambda request: Target(request.namespace)
    return lambda _: Target()


def carried(kind: Kind) -> FindTarget:
    """Tell the object that a request carries."""
    namespaced = kind.resource.namespaced

    def find(request: Any) -> Target:
        metadata = request.object.metadata
        namespace = (metadata.namespace or DEFAULT) if namespaced else ""
        return Target(namespace, metadata.name)

    return find


def _parser(message_class: type[Message]) -> Parse:
    """Return a parser that also refuses options of unknown value."""
    name = message_class.DESCRIPTOR.full_name
    choices = _choices(message_class)

    def parse(raw: bytes) -> Message:
        try:
            message = message_class.FromString(raw)
        except DecodeError as error:
            text = f"the request cannot be decoded as a {name}: {error}"
            raise errors.BadRequest(text) from error
        for field, known in choices:
            number = getattr(message, field)
            if number not in known:
                # What a newer client means by it must not be taken for something else.
                listed = ", ".join(known.values())
                raise errors.BadRequest(f"unsupported {field} {number}: it is one of {listed}")
        return message

    return parse


def _choices(request: type[Message]) -> tuple[tuple[str, dict[int, str]], ...]:
    """Return the fields of a request that choose between names, and the names by number."""
    return tuple(
        (item.name, {value.number: value.name for value in item.enum_type.values})
        for item in request.DESCRIPTOR.fields
        if item.enum_type is not None
    )


async def check_object(call: Call) -> Any:
    """Check what the object of a CreateXRequest or UpdateXRequest claims to be.

    Returns the request, its object with its kind's names and in the target's namespace.
    Unknown fields are refused, warned of or dropped, as the request says. Raises
    ``errors.BadRequest``, and ``errors.Invalid`` for what no answer could carry.
    """
    request, kind = call.request, call.kind
    resource = kind.resource
    unknown = await kind.unknown_fields(request, call.raw)
    if unknown:
        unknown = [fault.replace('"object.', '"', 1) for fault in unknown]
        mode = request.field_validation
        if mode == requests_pb2.FIELD_VALIDATION_WARN:
            call.warnings.extend(unknown)
        elif mode != requests_pb2.FIELD_VALIDATION_IGNORE:
            raise kind.strict_decoding_error(unknown)
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
    faults = kind.expressible.faults(claimed)
    if faults:
        raise errors.invalid(resource.qualified_kind, claimed.metadata.name, faults)
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
