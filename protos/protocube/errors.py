"""The error taxonomy: one table of exceptions, gRPC codes, reasons and details.

    ApiError
      NotFound            NOT_FOUND            no such object, namespace or kind
      AlreadyExists       ALREADY_EXISTS       create of an existing name
      Conflict            ABORTED              stale resource version, uid or version precondition
      SchemaTooNew        FAILED_PRECONDITION  this server cannot compile the kind's definition
      NotDone           ABORTED              another write of the same whole failed
      Invalid             INVALID_ARGUMENT     field violations
      BadRequest          INVALID_ARGUMENT     the request cannot be understood
      Forbidden           PERMISSION_DENIED
      Unauthenticated     UNAUTHENTICATED
      Expired             OUT_OF_RANGE         the revision was compacted; relist
      TooManyRequests     RESOURCE_EXHAUSTED   over a limit that passes; carries a delay
      TooLarge            RESOURCE_EXHAUSTED   a message over the size limit
      Timeout             DEADLINE_EXCEEDED
      Unavailable         UNAVAILABLE          the store cannot be reached; reads may be retried
        OutcomeUnknown    UNAVAILABLE          a write was sent and its answer was lost
      Damaged             DATA_LOSS            the stored value cannot be read; names its object
      MethodNotSupported  UNIMPLEMENTED        the resource has no such method
      Internal            INTERNAL             anything else; its text is never sent

They are raised anywhere below the edge, turned into a ``google.rpc.Status`` by
:func:`to_status` and rebuilt as the same exception by :func:`from_status`.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from protocube import quoting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from google.rpc import status_pb2

quote = quoting.quote

DOMAIN = "protocube"
"""``google.rpc.ErrorInfo.domain`` of every error that Protocube sends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One fault of one field.

    ``field`` is the path in JSON names (``spec.containers[0].name``), ``reason``
    Kubernetes' cause (``FieldValueRequired``), ``message`` what a person reads
    after the path (``Invalid value: "x": must be ...``).
    """

    field: str
    reason: str
    message: str
    subject: str = ""
    """Who stands behind it, where it is a conflict with somebody: a field manager."""

    def __str__(self) -> str:
        """Return ``path: message``, as kubectl prints it."""
        return f"{self.field}: {self.message}" if self.field else self.message


class ApiError(Exception):
    """An error of the API. ``str()``, and ``message``, is the sentence that people read.

    ``name`` is the object's, and ``violations`` are the faults of its fields, for some classes.
    ``resource`` is what the sentence speaks of: the plural with its group
    (``deployments.apps``), or for :class:`Invalid` the kind with its group.
    """

    code: ClassVar[int]
    """The ``google.rpc.Code``, the same number as gRPC's status code."""
    kubectl_reason: ClassVar[str]
    """What kubectl prints in ``Error from server (REASON)``."""

    def __init__(
        self,
        message: str,
        *,
        resource: str = "",
        name: str = "",
        violations: Sequence[Violation] = (),
        retry_after: float | None = None,
        continue_token: str = "",
    ) -> None:
        super().__init__(message)
        self.message: str = message
        self.resource: str = resource
        self.name: str = name
        self.violations: tuple[Violation, ...] = tuple(violations)
        self.retry_after: float | None = retry_after
        """Seconds to wait before another try, where the server named them."""
        self.continue_token: str = continue_token
        """Of a list whose revision expired: reads the rest of it at the newest revision."""

    def with_message(self, message: str) -> ApiError:
        """Return the same error with another sentence."""
        return type(self)(
            message,
            resource=self.resource,
            name=self.name,
            violations=self.violations,
            retry_after=self.retry_after,
            continue_token=self.continue_token,
        )


class NotFound(ApiError):
    """No such object, namespace or kind."""

    code = 5
    kubectl_reason = "NotFound"


class AlreadyExists(ApiError):
    """An object with this name exists."""

    code = 6
    kubectl_reason = "AlreadyExists"


class Conflict(ApiError):
    """The object is not at the version, or has not the uid, that was asked for."""

    code = 10
    kubectl_reason = "Conflict"


class NotDone(Conflict):
    """The write is part of a whole of which another part failed: nothing was changed."""


class Invalid(ApiError):
    """The object breaks rules; ``violations`` names all of them."""

    code = 3
    kubectl_reason = "Invalid"


class BadRequest(ApiError):
    """The request itself cannot be understood."""

    code = 3
    kubectl_reason = "BadRequest"


class Forbidden(ApiError):
    """The request is understood and refused."""

    code = 7
    kubectl_reason = "Forbidden"


class Unauthenticated(ApiError):
    """The caller is not known."""

    code = 16
    kubectl_reason = "Unauthorized"


class Expired(ApiError):
    """The revision asked for was compacted: list again."""

    code = 11
    kubectl_reason = "Expired"


class TooManyRequests(ApiError):
    """A limit is reached that passes with time; ``retry_after`` says when."""

    code = 8
    kubectl_reason = "TooManyRequests"


class TooLarge(ApiError):
    """A message is larger than the limit; sending it again will not help."""

    code = 8
    kubectl_reason = "RequestEntityTooLarge"


class Timeout(ApiError):
    """The answer did not come in time."""

    code = 4
    kubectl_reason = "Timeout"


class Unavailable(ApiError):
    """The server or its store cannot be reached; reads may be tried again."""

    code = 14
    kubectl_reason = "ServiceUnavailable"


class OutcomeUnknown(Unavailable):
    """A write was sent to the store and its answer was lost: it may have happened."""


class Damaged(ApiError):
    """The stored value of an object cannot be read; ``resource`` and ``name`` say which one's."""

    code = 15
    kubectl_reason = "StorageReadError"


class MethodNotSupported(ApiError):
    """The resource has no such method."""

    code = 12
    kubectl_reason = "MethodNotAllowed"


class SchemaTooNew(ApiError):
    """This server cannot compile the definition of the kind, a newer one can: it only reads."""

    code = 9
    kubectl_reason = "ServiceUnavailable"


class Internal(ApiError):
    """A fault of the server; the log has it."""

    code = 13
    kubectl_reason = "InternalError"


TABLE: tuple[type[ApiError], ...] = (
    NotFound,
    AlreadyExists,
    Conflict,
    SchemaTooNew,
    NotDone,
    Invalid,
    BadRequest,
    Forbidden,
    Unauthenticated,
    Expired,
    TooManyRequests,
    TooLarge,
    Timeout,
    Unavailable,
    OutcomeUnknown,
    Damaged,
    MethodNotSupported,
    Internal,
)
"""Every class of the taxonomy. ``google.rpc.ErrorInfo.reason`` is the class's name."""

_BY_REASON = {error.__name__: error for error in TABLE}
# A status without our ErrorInfo came from gRPC itself or from a proxy. Its code
# alone must not claim more than it says: INVALID_ARGUMENT has no violations,
# RESOURCE_EXHAUSTED is gRPC's word for an oversized message, DATA_LOSS may be a proxy's.
_BY_CODE = {error.code: error for error in reversed(TABLE)} | {
    3: BadRequest,
    8: TooLarge,
    9: Internal,
    15: Internal,
    14: Unavailable,
}


def not_found(resource: str, name: str) -> NotFound:
    """``pods "x" not found``."""
    return NotFound(f"{resource} {quote(name)} not found", resource=resource, name=name)


def already_exists(resource: str, name: str) -> AlreadyExists:
    """``pods "x" already exists``."""
    return AlreadyExists(f"{resource} {quote(name)} already exists", resource=resource, name=name)


def conflict(resource: str, name: str, why: str) -> Conflict:
    """``Operation cannot be fulfilled on pods "x": WHY``."""
    message = f"Operation cannot be fulfilled on {resource} {quote(name)}: {why}"
    return Conflict(message, resource=resource, name=name)


def forbidden(resource: str, name: str, why: str) -> Forbidden:
    """``pods "x" is forbidden: WHY``."""
    message = f"{resource} {quote(name)} is forbidden: {why}"
    return Forbidden(message, resource=resource, name=name)


def invalid(kind: str, name: str, violations: Sequence[Violation]) -> Invalid:
    """``Pod "x" is invalid: PATH: ...``, or ``[A, B]`` for several violations."""
    texts = list(dict.fromkeys(str(violation) for violation in violations))
    joined = texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
    message = f"{kind} {quote(name)} is invalid: {joined}"
    return Invalid(message, resource=kind, name=name, violations=violations)


def to_status(error: BaseException) -> status_pb2.Status:
    """Return the ``google.rpc.Status`` of ``error``.

    Anything but an :class:`ApiError` becomes ``INTERNAL "internal error"``: the
    text of an unknown exception may hold what a caller must not see.
    """
    from google.protobuf import any_pb2, duration_pb2
    from google.rpc import error_details_pb2, status_pb2

    if not isinstance(error, ApiError):
        error = Internal("internal error")
    details: list[any_pb2.Any] = []

    def add(detail: object) -> None:
        packed = any_pb2.Any()
        packed.Pack(detail)  # type: ignore[arg-type]  # google.rpc has no stubs
        details.append(packed)

    metadata = {
        key: value for key, value in (("kind", error.resource), ("name", error.name)) if value
    }
    # What is told apart within the server alone is told as the class that it is one of.
    reason = next(each.__name__ for each in type(error).__mro__ if each.__module__ == __name__)
    info = error_details_pb2.ErrorInfo(reason=reason, domain=DOMAIN, metadata=metadata)
    add(info)
    if error.violations:
        violations = [
            error_details_pb2.BadRequest.FieldViolation(
                field=violation.field, description=violation.message, reason=violation.reason
            )
            for violation in error.violations
        ]
        add(error_details_pb2.BadRequest(field_violations=violations))
    conflicts = [violation for violation in error.violations if violation.subject]
    if conflicts:
        failures = [
            error_details_pb2.PreconditionFailure.Violation(
                type=violation.reason, subject=violation.subject, description=violation.field
            )
            for violation in conflicts
        ]
        add(error_details_pb2.PreconditionFailure(violations=failures))
    if error.retry_after is not None:
        delay = duration_pb2.Duration()
        delay.FromMilliseconds(round(error.retry_after * 1000))
        add(error_details_pb2.RetryInfo(retry_delay=delay))
    if error.continue_token:
        from protocube.meta.v1 import error_details_pb2 as details_pb2

        add(details_pb2.ContinueDetails(continue_token=error.continue_token))
    return status_pb2.Status(code=error.code, message=error.message, details=details)


def from_status(status: status_pb2.Status) -> ApiError:
    """Rebuild the exception that :func:`to_status` wrote.

    A status without our details gives the class that its code allows; details that
    cannot be read count as none.
    """
    from google.protobuf.message import DecodeError
    from google.rpc import error_details_pb2

    from protocube.meta.v1 import error_details_pb2 as details_pb2

    info = error_details_pb2.ErrorInfo()
    bad_request = error_details_pb2.BadRequest()
    failure = error_details_pb2.PreconditionFailure()
    retry = error_details_pb2.RetryInfo()
    continued = details_pb2.ContinueDetails()
    retry_after: float | None = None
    known_details: tuple[Any, ...] = (info, bad_request, failure, retry, continued)
    for detail in status.details:
        for wanted in known_details:
            with contextlib.suppress(DecodeError):
                if detail.Unpack(wanted) and wanted is retry:
                    retry_after = retry.retry_delay.ToMilliseconds() / 1000
    # Each field can be in conflict with several: they are in the order of the violations.
    subjects: dict[tuple[str, str], list[str]] = {}
    for item in reversed(failure.violations):
        subjects.setdefault((item.type, item.description), []).append(item.subject)
    known = _BY_REASON.get(info.reason) if info.domain == DOMAIN else None
    return (known or _BY_CODE.get(status.code, Internal))(
        status.message,
        resource=info.metadata.get("kind", ""),
        name=info.metadata.get("name", ""),
        violations=[
            Violation(
                field=item.field,
                reason=item.reason,
                message=item.description,
                subject=named.pop() if (named := subjects.get((item.reason, item.field))) else "",
            )
            for item in bad_request.field_violations
        ],
        retry_after=retry_after,
        continue_token=continued.continue_token,
    )
