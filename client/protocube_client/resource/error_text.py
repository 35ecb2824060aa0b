"""An exception as the lines that kubectl prints of it (``pkg/cmd/util/helpers.go``)."""

from __future__ import annotations

from protocube import errors
from protocube_client.connection.unreachable import CannotConnect
from protocube_client.resource.aggregate import Aggregate
from protocube_client.resource.go import os as go_os


def lines(error: Exception) -> list[str]:
    """Return what goes to standard error for what ended a command.

    One error says what it is (``error: ...``, ``Error from server (NotFound): ...``, for
    invalid objects the violations as a list); several have a line each, without
    ``error: ``.
    """
    if isinstance(error, Aggregate) and len(error.errors) == 1:
        # Once only: an item of a List comes in two wrappings and prints as one of many.
        error = error.errors[0]
    if isinstance(error, Aggregate):
        shown: list[str] = []
        for item in error.errors:
            text = _one_of_many(item)
            # Every object fails alike when the server is not there: once is enough.
            if not (isinstance(item, CannotConnect) and text in shown):
                shown.append(text)
        return _split(shown)
    return _split(_alone(error))


def _alone(error: Exception) -> list[str]:
    if isinstance(error, errors.Invalid):
        return _invalid(error)
    known = _known(error)
    if known is not None:
        return [known]
    text = _text(error)
    return [text if text.startswith("error: ") else f"error: {text}"]


def _one_of_many(error: Exception) -> str:
    known = _known(error)
    return _text(error) if known is None else known


def _text(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno:
        if error.filename:
            return go_os.describe(error, "open")
        return go_os.reason(error)
    return str(error)


def _known(error: Exception) -> str | None:
    """Return the sentence of an error of the API, ``None`` for any other."""
    match error:
        case CannotConnect():
            return error.message
        case errors.Unauthenticated():
            # kubectl's sentence; what has expired is added where the server tells it.
            why = "".join(f": {cause}" for cause in error.violations)
            return f"error: You must be logged in to the server ({error.message}){why}"
        case errors.ApiError():
            return f"Error from server ({error.kubectl_reason}): {error.message}"
    return None


def _invalid(error: errors.Invalid) -> list[str]:
    """Name the object and its violations, without the file it came from."""
    kind = error.resource.partition(".")[0]
    if not kind and not error.name:
        if error.violations:
            return _listed("The request is invalid", error)
        return [f"The request is invalid: {error.message}"]
    return _listed(f"The {kind} {errors.quote(error.name)} is invalid", error)


def _listed(header: str, error: errors.Invalid) -> list[str]:
    causes = list(dict.fromkeys(f"{item.field}: {item.message}" for item in error.violations))
    if not causes:
        return [header]
    if len(causes) == 1:
        return [f"{header}: {causes[0]}"]
    # kubectl leaves the space behind the colon.
    return [f"{header}: ", *(f"* {cause}" for cause in causes)]


def _split(texts: list[str]) -> list[str]:
    return [line for text in texts for line in text.split("\n")]
