"""Ends a call with an error: the one place where an exception becomes a gRPC status."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, NoReturn

import grpc

from protocube import errors

if TYPE_CHECKING:
    from collections.abc import Iterable

    from google.rpc import status_pb2

_LOG = logging.getLogger("protocube.server")

_CODES = {code.value[0]: code for code in grpc.StatusCode}

DETAILS_KEY = "grpc-status-details-bin"
METADATA_ENTRY = 32
"""What HTTP/2 counts for an entry of metadata beside its name and value."""
ROOM_KEY = "protocube-max-trailers"
"""Request metadata: how many bytes of trailers the client takes, when that is more than stock."""

_STOCK_ROOM = 7 * 1024
"""gRPC implementations refuse trailers above 8 KiB unless told otherwise."""
_MOST_ROOM = 256 * 1024
_FRAME = 4
"""Bytes around one violation."""
_LONGEST_NAME = 256
"""Bytes of a name or kind in a status that was cut; a refused name may be of any length."""
_UNESCAPED = bytes(byte for byte in range(0x20, 0x7F) if byte != ord("%"))


async def abort(
    context: grpc.aio.ServicerContext[Any, Any], error: BaseException, method: str
) -> NoReturn:
    """End the call with the status of ``error``; an unknown error is logged, not sent."""
    if not isinstance(error, errors.ApiError) or isinstance(error, errors.Internal):
        _LOG.error("%s: internal error", method, exc_info=error)
    # Warnings; abort would drop them.
    beside = tuple(context.trailing_metadata() or ())
    status = fit(errors.to_status(error), _room(context) - metadata_size(beside))
    await context.abort(
        _CODES[status.code],
        status.message,
        trailing_metadata=(*beside, (DETAILS_KEY, status.SerializeToString())),
    )


def metadata_size(metadata: Iterable[tuple[str, str | bytes]]) -> int:
    """Return what HTTP/2 counts for the entries of metadata."""
    size = 0
    for key, value in metadata:
        size += len(key) + len(value) + METADATA_ENTRY
    return size


def fit(status: status_pb2.Status, room: int) -> status_pb2.Status:
    """Cut a status down to ``room`` bytes of trailers: the last violations go first.

    The message says how many were left out. A client refuses a call whose trailers
    are too large, so a shorter truth is better.
    """
    from google.rpc import error_details_pb2, status_pb2

    if _size(status) <= room:
        return status
    cut = status_pb2.Status(code=status.code, message=status.message)
    bad_request = error_details_pb2.BadRequest()
    failure = error_details_pb2.PreconditionFailure()
    info = error_details_pb2.ErrorInfo()
    for detail in status.details:
        if detail.Is(bad_request.DESCRIPTOR):
            detail.Unpack(bad_request)
        elif detail.Is(failure.DESCRIPTOR):
            detail.Unpack(failure)
        elif detail.Is(info.DESCRIPTOR):
            detail.Unpack(info)
            for key, value in info.metadata.items():
                info.metadata[key] = value[:_LONGEST_NAME]
            cut.details.add().Pack(info)
        else:
            cut.details.add().CopyFrom(detail)
    # The message repeats the violations and is sent twice: a third of the room is for each.
    third = room // 3 - sum(detail.ByteSize() for detail in cut.details)
    kept = _fitting(bad_request.field_violations, failure.violations, third)
    left_out = len(bad_request.field_violations) - kept
    del bad_request.field_violations[kept:]
    del failure.violations[kept:]
    if kept:
        cut.details.add().Pack(bad_request)
    if failure.violations:
        cut.details.add().Pack(failure)
    return _shorten(cut, left_out, room)


def _fitting(violations: Any, conflicts: Any, room: int) -> int:
    """Return how many violations fit; those that are conflicts, the first ones, are told twice."""
    again = [each.ByteSize() + _FRAME for each in conflicts]
    again += [0] * (len(violations) - len(again))
    kept = 0
    for violation, more in zip(violations, again, strict=False):
        room -= violation.ByteSize() + _FRAME + more
        if room < 0:
            break
        kept += 1
    return kept


def _shorten(status: status_pb2.Status, left_out: int, room: int) -> status_pb2.Status:
    note = f" ... and {left_out} more violations" if left_out else " ..."
    text = status.message
    # Nothing longer can fit, so the steps below stay few and small.
    text = text[:room]
    while text and _size(status) > room:
        text = text[: len(text) * 3 // 4]
        status.message = text + note
    return status


def _size(status: status_pb2.Status) -> int:
    """Bytes in trailers: the message percent-encoded, and the status in base64."""
    message = status.message.encode()
    encoded = len(message) + 2 * len(message.translate(None, _UNESCAPED))
    size: int = status.ByteSize()
    return encoded + (size + 2) // 3 * 4 + 256


def _room(context: grpc.aio.ServicerContext[Any, Any]) -> int:
    for key, value in context.invocation_metadata() or ():
        if key == ROOM_KEY and isinstance(value, str) and value.isascii() and value.isdigit():
            return min(int(value[:9]), _MOST_ROOM)
    return _STOCK_ROOM
