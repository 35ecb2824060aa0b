"""What came of a call, as Kubernetes' ``Status``: the codes are those of HTTP."""

from __future__ import annotations

import json
from typing import Any, Final

from protocube import errors

_LONGEST: Final = 1024
"""Characters of a message: a refusal may repeat what was sent."""

_CODES: Final[dict[type[BaseException], int]] = {
    errors.BadRequest: 400,
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.MethodNotSupported: 405,
    errors.AlreadyExists: 409,
    errors.Conflict: 409,
    errors.Expired: 410,
    errors.TooLarge: 413,
    errors.Invalid: 422,
    errors.TooManyRequests: 429,
    errors.Unavailable: 503,
    errors.Timeout: 504,
}
_TELLING: Final = (
    errors.Unauthenticated,
    errors.Forbidden,
    errors.NotFound,
    errors.MethodNotSupported,
    errors.AlreadyExists,
    errors.Conflict,
    errors.Expired,
    errors.Unavailable,
    errors.Timeout,
)
"""Errors whose messages never repeat a value of the object."""


def success(code: int) -> str:
    """Return the status of a call that was answered, as JSON."""
    return _json({"metadata": {}, "code": code})


def failure(error: BaseException, *, is_secret: bool, quotes: bool = False) -> str:
    """Return the status of a call that ended with an error, as JSON.

    Of an object that ``is_secret`` it repeats nothing that may be of the object, as the words of a
    policy or a webhook may that the error ``quotes``.
    """
    code = next((_CODES[each] for each in type(error).__mro__ if each in _CODES), 500)
    found: dict[str, Any] = {"metadata": {}, "status": "Failure"}
    if not isinstance(error, errors.ApiError):
        is_cut_off = not isinstance(error, Exception)
        code = 504 if is_cut_off else 500
        found["message"] = "the call was not waited for" if is_cut_off else "internal error"
        reason = "Timeout" if is_cut_off else "InternalError"
        return _json({**found, "reason": reason, "code": code})
    if not is_secret or (isinstance(error, _TELLING) and not quotes):
        found["message"] = error.message[:_LONGEST]
    return _json({**found, "reason": error.kubectl_reason, "code": code})


def _json(status: dict[str, Any]) -> str:
    return json.dumps(status, separators=(",", ":"))
