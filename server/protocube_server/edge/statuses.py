"""Ends a call with an error: the one place where an exception becomes a gRPC status."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, NoReturn

import grpc

from protocube import errors
from protocube_server.calls import status_room
from protocube_server.calls.admission import Failed

if TYPE_CHECKING:
    from collections.abc import Iterable

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


async def abort(
    context: grpc.aio.ServicerContext[Any, Any], error: BaseException, method: str
) -> NoReturn:
    """End the call with the status of ``error``; an unknown error is logged, not sent."""
    is_known = isinstance(error, errors.ApiError) and not isinstance(error, errors.Internal)
    if not (is_known or isinstance(error, Failed)):
        _LOG.error("%s: internal error", method, exc_info=error)
    # Warnings; abort would drop them.
    beside = tuple(context.trailing_metadata() or ())
    status = status_room.fit(errors.to_status(error), _room(context) - metadata_size(beside))
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


def _room(context: grpc.aio.ServicerContext[Any, Any]) -> int:
    for key, value in context.invocation_metadata() or ():
        if key == ROOM_KEY and isinstance(value, str) and value.isascii() and value.isdigit():
            return min(int(value[:9]), _MOST_ROOM)
    return _STOCK_ROOM
