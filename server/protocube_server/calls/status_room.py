"""Cuts a status down to the room that there is for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from google.rpc import status_pb2

_FRAME = 4
"""Bytes around one violation."""
_LONGEST_NAME = 256
"""Bytes of a name or kind in a status that was cut; a refused name may be of any length."""
_UNESCAPED = bytes(byte for byte in range(0x20, 0x7F) if byte != ord("%"))


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
