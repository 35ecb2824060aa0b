"""What etcd and gRPC report, in our words. No other module reads their codes and texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from grpc import StatusCode
from grpc.aio import AioRpcError

from protocube import errors
from protocube_server.storage.base import Full

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A failed call."""

    error: errors.ApiError
    """What to raise when the call is not tried again."""
    may_repeat: bool
    """The call changed nothing, and another try may succeed."""
    leave: bool
    """Another endpoint may do better."""
    is_silent: bool = False
    """There was no answer at all."""


_TOO_LARGE = "it is larger than etcd takes (its --max-request-bytes)"
_CORRUPT = "etcd's members do not have the same data (docs/stores.md)"
_FULL = "the store is full and takes deletions alone (docs/stores.md)"


def _too_large(text: str) -> errors.ApiError:
    return errors.TooLarge(f"{_TOO_LARGE}: {text}")


def _corrupt(text: str) -> errors.ApiError:
    return errors.Unavailable(f"{_CORRUPT}: {text}")


def _full(text: str) -> errors.ApiError:
    return Full(f"{_FULL}: {text}")


# etcd's own refusals, by a part of their text: its codes alone do not tell them apart.
_REFUSALS: tuple[tuple[str, Callable[[str], errors.ApiError]], ...] = (
    ("required revision has been compacted", errors.Expired),
    ("required revision is a future revision", errors.Timeout),
    ("request is too large", _too_large),
    ("too many operations in txn request", errors.TooLarge),
    # etcd's gRPC. What our own says of an answer begins otherwise.
    (
        "grpc: received message larger than max",
        _too_large,
    ),
    ("database space exceeded", _full),
    ("corrupt cluster", _corrupt),
    ("too many requests", lambda text: errors.TooManyRequests(text, retry_after=1.0)),
)

# Codes with which etcd, or gRPC in front of it, refuses a request it did not carry out.
_REFUSED = frozenset(
    {
        StatusCode.INVALID_ARGUMENT,
        StatusCode.NOT_FOUND,
        StatusCode.ALREADY_EXISTS,
        StatusCode.PERMISSION_DENIED,
        StatusCode.UNAUTHENTICATED,
        StatusCode.RESOURCE_EXHAUSTED,
        StatusCode.FAILED_PRECONDITION,
        StatusCode.OUT_OF_RANGE,
        StatusCode.UNIMPLEMENTED,
        StatusCode.DATA_LOSS,
    }
)

# Texts of UNAVAILABLE that prove that no server began to carry out the request: gRPC had
# no connection to send it on, or etcd refused it at the door. Whatever is not known here
# counts as sent, so a text that changes costs a retry, never a write done twice.
_NEVER_BEGUN = (
    "failed to connect to all addresses",
    "DNS resolution failed",
    "etcdserver: no leader",
    "etcdserver: not capable",
)

_STALE_TOKEN = (
    "invalid auth token",
    "user name is empty",
    "revision of auth store is old",
)


def of_read(error: AioRpcError, address: str) -> Fault:
    """Judge a failed call that changes nothing."""
    refusal = _refusal(error, address)
    if refusal:
        return Fault(error=refusal, may_repeat=False, leave=False)
    return Fault(
        error=errors.Unavailable(_say(error, address)),
        may_repeat=True,
        leave=True,
        is_silent=error.code() is StatusCode.DEADLINE_EXCEEDED,
    )


def of_write(error: AioRpcError, address: str) -> Fault:
    """Judge a failed call that changes something, if etcd got it."""
    refusal = _refusal(error, address)
    if refusal:
        return Fault(error=refusal, may_repeat=False, leave=False)
    text = error.details() or ""
    if error.code() is StatusCode.UNAVAILABLE and any(known in text for known in _NEVER_BEGUN):
        return Fault(error=errors.Unavailable(_say(error, address)), may_repeat=True, leave=True)
    message = f"the write may have happened or not: {_say(error, address)}"
    is_silent = error.code() is StatusCode.DEADLINE_EXCEEDED
    return Fault(
        error=errors.OutcomeUnknown(message), may_repeat=False, leave=True, is_silent=is_silent
    )


def cut_off_write() -> errors.OutcomeUnknown:
    """Return the error of a write that was under way when the store was closed."""
    return errors.OutcomeUnknown("the write may have happened or not: the store was closed")


def of_cancelled_watch(reason: str, compacted: int, address: str) -> errors.ApiError:
    """Return the error of a watch that etcd itself ended."""
    if compacted:
        message = f"the watch fell behind a compaction; the oldest revision is {compacted}"
        return errors.Expired(message)
    return errors.Unavailable(f"etcd at {address} ended a watch: {reason or 'it gave no reason'}")


def is_unsupported(error: errors.ApiError) -> bool:
    """Tell whether a refusal means that the server does not know this kind of request."""
    cause = error.__cause__
    if not isinstance(cause, AioRpcError):
        return False
    # Of a stranger etcd says with the same code that the argument is invalid.
    text = cause.details() or ""
    if is_about_token(text) or "authentication failed" in text:
        return False
    return cause.code() in (StatusCode.INVALID_ARGUMENT, StatusCode.UNIMPLEMENTED)


def is_existing_lease(error: errors.ApiError) -> bool:
    """Tell whether a lease was not granted because there is one of that id."""
    return "lease already exists" in error.message


def is_missing_lease(error: errors.ApiError) -> bool:
    """Tell whether there is no lease of the id that was named."""
    return "requested lease not found" in error.message


def is_stale_token(error: AioRpcError) -> bool:
    """Tell whether etcd refused a call at the door for want of a valid token."""
    text = error.details() or ""
    return error.code() in _REFUSED and is_about_token(text)


def is_about_token(text: str) -> bool:
    """Tell whether a refusal's words are cured by a new token."""
    return any(known in text for known in _STALE_TOKEN)


def is_of_one(error: errors.ApiError) -> bool:
    """Tell whether etcd may have refused a transaction, unmade, for one thing that is in it."""
    cause = error.__cause__
    denied = isinstance(cause, AioRpcError) and cause.code() is StatusCode.PERMISSION_DENIED
    return denied or isinstance(error, errors.TooLarge)


def is_of_operations(error: errors.ApiError) -> bool:
    """Tell whether a transaction had too many operations, however many bytes it had."""
    return "too many operations" in error.message


def may_pass(error: errors.ApiError) -> bool:
    """Tell whether an error is etcd's absence, which may end, and not its refusal."""
    cause = error.__cause__
    return isinstance(cause, AioRpcError) and cause.code() not in _REFUSED


def _refusal(error: AioRpcError, address: str) -> errors.ApiError | None:
    if error.code() not in _REFUSED:
        return None
    text = error.details() or ""
    for known, kind in _REFUSALS:
        if known in text:
            return kind(text)
    return errors.Unavailable(f"etcd at {address} refuses: {text or error.code().name}")


def _say(error: AioRpcError, address: str) -> str:
    if error.code() is StatusCode.DEADLINE_EXCEEDED:
        return f"etcd at {address} did not answer in time"
    return f"etcd at {address}: {error.details() or error.code().name}"
