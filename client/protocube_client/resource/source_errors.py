"""Says which file an error belongs to."""

from __future__ import annotations

from protocube import errors
from protocube_client.connection import ConnectionRefused
from protocube_client.resource.manifest_error import ManifestError


def add_source_to_error(verb: str, source: str, error: Exception) -> Exception:
    """Give ``error`` behind ``error when creating "pod.yaml": ``.

    An error of the API stays one, with its reason and details. A server that cannot be
    reached has nothing to do with the source and is given back as it is.
    """
    if not source or isinstance(error, ConnectionRefused):
        return error
    text = f"error when {verb} {errors.quote(source)}: {error}"
    if isinstance(error, errors.ApiError):
        return error.with_message(text)
    return ManifestError(text)
