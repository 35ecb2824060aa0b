"""The messages of a bulk stream: requests within their bounds, and responses within theirs."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

from google.protobuf.message import DecodeError

from protocube import errors
from protocube.bulk.v1 import bulk_pb2
from protocube_server.kinds import encoded, varints
from protocube_server.verbs import requests

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from protocube.steps import Steps
    from protocube_server.kinds.registry import Registry

MOST: Final = 1000
"""Writes of one request."""
MOST_ATOMIC: Final = 100
"""Writes of one request that happens as a whole: what fits into one transaction of a store."""
_BYTES: Final = 4 * 1024 * 1024
"""Bytes of one request."""
_LONGEST_ID: Final = 256
_OPTIONS: Final = 100
"""Fields of a request beside its writes, with those that only newer clients know."""
_VARINT, _FIXED64, _FRAMED = 0, 1, 2
_FRAME: Final = 16
"""Bytes around an outcome in a response, and around all of them."""

_parse = requests.parser(bulk_pb2.WriteRequest)


def request(raw: bytes, number: int) -> Any:
    """Return a WriteRequest, the one with this number in its stream.

    Raises ``errors.BadRequest`` and ``errors.TooLarge``.
    """
    if len(raw) > _BYTES:
        text = f"request {number} of the stream has {len(raw)} bytes, the limit is {_BYTES}"
        raise errors.TooLarge(text)
    _require_few(raw, number)
    found: Any = _parse(raw)
    count, most = len(found.writes), MOST_ATOMIC if found.atomic else MOST
    if count > most:
        what = "an atomic request" if found.atomic else "a request"
        text = f"request {number} of the stream has {count} writes, the limit of {what} is {most}"
        raise errors.BadRequest(text)
    if len(found.request_id.encode()) > _LONGEST_ID:
        raise errors.BadRequest(f"a request id must be no more than {_LONGEST_ID} bytes")
    return found


def digest(kinds: Registry, request: Any) -> Steps[str]:
    """Return a digest of all that a request asks for; yield where others may have their turn."""
    found = hashlib.sha256()
    head: Any = bulk_pb2.WriteRequest(
        dry_run=request.dry_run,
        field_manager=request.field_manager,
        field_validation=request.field_validation,
        atomic=request.atomic,
    )
    for write in request.writes:
        del head.writes[:]
        which = write.WhichOneof("write")
        plain = head.writes.add()
        plain.CopyFrom(write)
        if which not in (None, "call"):
            _settle(kinds, getattr(plain, which))
        content = head.SerializeToString(deterministic=True)
        found.update(len(content).to_bytes(4, "big"))
        found.update(content)
        yield
    return found.hexdigest()


def responses(first: int, outcomes: Sequence[Any], most: int) -> Iterator[bytes]:
    """Yield responses of ``most`` bytes at most with these outcomes, the first with this number.

    One outcome alone may have more.
    """
    response: Any = bulk_pb2.WriteResponse(first=first)
    size = _FRAME
    for outcome in outcomes:
        own = outcome.ByteSize() + _FRAME
        if response.outcomes and size + own > most:
            yield response.SerializeToString()
            first += len(response.outcomes)
            response, size = bulk_pb2.WriteResponse(first=first), _FRAME
        response.outcomes.append(outcome)
        size += own
    if response.outcomes:
        yield response.SerializeToString()


def _require_few(raw: bytes, number: int) -> None:
    """Refuse more fields than a request has with all of its writes, before they are parsed.

    An empty write has two bytes, and takes up many once it is parsed; what is in one is bytes.
    """
    at = 0
    try:
        for _ in range(MOST + _OPTIONS):
            if at >= len(raw):
                return
            tag, at = varints.decode(raw, at)
            form = tag & 7
            if form == _FRAMED:
                length, at = varints.decode(raw, at)
                at += length
            elif form == _VARINT:
                _, at = varints.decode(raw, at)
            else:
                at += 8 if form == _FIXED64 else 4
    except IndexError:
        return  # Its parser says so.
    text = f"request {number} of the stream has too many writes, the limit of a request is {MOST}"
    raise errors.BadRequest(text)


def _settle(kinds: Registry, sent: Any) -> None:
    """Bring the maps of an object into one order: stubs write them in any."""
    kind = kinds.for_message(sent.type_url.rpartition("/")[2])
    if kind is None or len(sent.value) > encoded.SMALL:
        return
    try:
        message = kind.resource.message_class.FromString(sent.value)
    except DecodeError:
        return
    sent.value = message.SerializeToString(deterministic=True)
