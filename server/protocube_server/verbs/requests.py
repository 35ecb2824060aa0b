"""Parses requests, finds their targets, and checks what Create and Update have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from google.protobuf.message import DecodeError

from protocube import errors
from protocube.meta.v1 import requests_pb2
from protocube_server import turns
from protocube_server.cache import Selection
from protocube_server.calls.verb import Target
from protocube_server.kinds import unknown
from protocube_server.kinds.kind import DEFAULT

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.protobuf.message import Message

    from protocube_server.calls.call import Call
    from protocube_server.calls.limits import Limits
    from protocube_server.calls.verb import FindTarget, Parse
    from protocube_server.kinds.expressible import Expressible
    from protocube_server.kinds.kind import Kind


def shared(message_class: type[Message], *, judged: str = "") -> Callable[[Kind], Parse]:
    """Return the parser of a request that all kinds share.

    ``judged`` is an option whose unknown values the verb refuses itself.
    """
    parse = parser(message_class, judged)
    return lambda _: parse


def of_kind(name: str) -> Callable[[Kind], Parse]:
    """Return what makes the parser of a kind's own requests: ``Create`` for CreateXRequest."""
    return lambda kind: parser(kind.resource.request_class(name))


def one(kind: Kind) -> FindTarget:
    """Tell the object that a request names."""
    if kind.resource.namespaced:
        return lambda request: Target(request.namespace or DEFAULT, request.name)
    return lambda request: Target("", request.name)


def applied(kind: Kind) -> FindTarget:
    """Tell the object that a request names, or that its object names."""
    namespaced = kind.resource.namespaced

    def find(request: Any) -> Target:
        metadata = request.object.metadata
        namespace = (request.namespace or metadata.namespace or DEFAULT) if namespaced else ""
        return Target(namespace, request.name or metadata.name)

    return find


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


def parser(message_class: type[Message], judged: str = "") -> Parse:
    """Return a parser that refuses options of unknown value, but for ``judged``."""
    choices = tuple(item for item in _choices(message_class) if item[0] != judged)
    return _Parser(message_class=message_class, choices=choices)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parser:
    """See :class:`Parse`. Options of unknown value are refused."""

    message_class: type[Message]
    choices: tuple[tuple[str, dict[int, str]], ...]
    """The fields that choose between names, and the names by number."""

    def __call__(self, raw: bytes) -> Message:
        try:
            message = self.message_class.FromString(raw)
        except DecodeError as error:
            name = self.message_class.DESCRIPTOR.full_name
            text = f"the request cannot be decoded as a {name}: its bytes are no such message"
            raise errors.BadRequest(text) from error
        for field, known in self.choices:
            number = getattr(message, field)
            if number not in known:
                # What a newer client means by it must not be taken for something else.
                listed = ", ".join(known.values())
                raise errors.BadRequest(f"unsupported {field} {number}: it is one of {listed}")
        return message


def _choices(request: type[Message]) -> tuple[tuple[str, dict[int, str]], ...]:
    """Return the fields of a request that choose between names, and the names by number."""
    return tuple(
        (item.name, {value.number: value.name for value in item.enum_type.values})
        for item in request.DESCRIPTOR.fields
        if item.enum_type is not None
    )


async def check_object(call: Call) -> Any:
    """As :func:`check_claims`, for the object of a CreateXRequest or UpdateXRequest.

    Returns it in the target's namespace. Raises ``errors.Invalid`` for what no answer could carry.
    """
    resource = call.kind.resource
    claimed = await check_claims(call, resource.api_version, resource.kind)
    await require_expressible(call, claimed)
    # Kubernetes clears the namespace of a cluster-scoped object.
    claimed.metadata.namespace = call.target.namespace
    return claimed


async def check_claims(call: Call, api_version: str, kind: str) -> Any:
    """Check what the object of a request claims to be, and return it, with these names.

    Unknown fields are refused, warned of or dropped, as the request says. Raises
    ``errors.BadRequest``.
    """
    size = unknown.discard(call.request)
    if size:
        await _check_unknown(call, size)
    claimed = call.request.object
    _require_type(claimed, api_version, kind)
    return claimed


async def check_unknown(call: Call) -> None:
    """Refuse unknown fields of a request, warn of them or drop them, as it says.

    Raises ``errors.BadRequest``.
    """
    size = unknown.discard(call.request)
    if size:
        await _check_unknown(call, size)


async def _check_unknown(call: Call, size: int) -> None:
    """Tell of unknown fields that were discarded, of so many bytes."""
    request, kind = call.request, call.kind
    found = await unknown.named(request, call.raw, size)
    if not found:
        return
    found = [fault.replace('"object.', '"', 1) for fault in found]
    mode = request.field_validation
    if mode == requests_pb2.FIELD_VALIDATION_WARN:
        call.warnings.extend(found)
    elif mode != requests_pb2.FIELD_VALIDATION_IGNORE:
        raise unknown.refusal(kind.resource, found)


def _require_type(claimed: Any, api_version: str, kind: str) -> None:
    """Refuse another type than the method's; one that does not say its type gets it."""
    if claimed.api_version and claimed.api_version != api_version:
        message = (
            f"the API version in the data ({claimed.api_version}) does not match the expected "
            f"API version ({api_version})"
        )
        raise errors.BadRequest(message)
    if claimed.kind and claimed.kind != kind:
        message = f"the kind in the data ({claimed.kind}) does not match the expected kind ({kind})"
        raise errors.BadRequest(message)
    claimed.api_version, claimed.kind = api_version, kind


async def require_expressible(
    call: Call, message: Any, expressible: Expressible | None = None
) -> None:
    """Raise ``errors.Invalid`` for an object that no answer could carry.

    ``expressible`` is that of its type, unless it is of the call's kind.
    """
    known = expressible or call.kind.expressible
    faults = await turns.taken(known.faults(message))
    if faults:
        name = message.metadata.name
        raise errors.invalid(call.kind.resource.qualified_kind, name, faults)


def require_target(call: Call, metadata: Any) -> None:
    """Refuse an object that is not the one that the request names; fill in its namespace."""
    namespace, name = call.target
    if not metadata.name:
        message = (
            f"the name of the object ({name} based on URL) was undeterminable: "
            "name must be provided"
        )
        raise errors.BadRequest(message)
    if metadata.name != name:
        message = (
            f"the name of the object ({metadata.name}) does not match the name on the URL ({name})"
        )
        raise errors.BadRequest(message)
    if namespace and metadata.namespace not in ("", namespace):
        message = (
            "the namespace of the provided object does not match the namespace sent on the request"
        )
        raise errors.BadRequest(message)
    metadata.namespace = namespace


def selection(call: Call, *, metadata_only: bool = False) -> Selection:
    """Return what a request for many objects selects. Raises ``errors.BadRequest``."""
    request = call.request
    return Selection(
        call.kind,
        namespace=request.namespace,
        labels=request.label_selector,
        fields=request.field_selector,
        with_owners=request.include_managed_fields,
        metadata_only=metadata_only,
    )


def check_size(kind: Kind, value: bytes, name: str, limits: Limits) -> None:
    """Raise ``errors.TooLarge`` for a value that no store would take."""
    if len(value) > limits.value:
        message = (
            f"Request entity too large: the object has {len(value)} bytes, "
            f"the limit is {limits.value}"
        )
        raise errors.TooLarge(message, resource=kind.resource.qualified, name=name)
