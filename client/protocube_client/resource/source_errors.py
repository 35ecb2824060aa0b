"""Says which file, or which selection, an error belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube import errors
from protocube.manifests.manifest_error import ManifestError
from protocube_client.connection.unreachable import CannotConnect

if TYPE_CHECKING:
    from protocube.catalog import Resource
    from protocube_client.resource.info import Info


def add_source_to_error(verb: str, source: str, error: Exception) -> Exception:
    """Return ``error`` behind ``error when creating "pod.yaml": ``.

    An error of the API stays one, with its reason and details. A server that cannot be
    reached has nothing to do with the source and is given back as it is.
    """
    if not source or isinstance(error, CannotConnect):
        return error
    text = f"error when {verb} {errors.quote(source)}: {error}"
    if isinstance(error, errors.ApiError):
        return error.with_message(text)
    return ManifestError(text)


def add_selection_to_error(
    resource: Resource, *, labels: str, fields: str, error: errors.ApiError
) -> errors.ApiError:
    """Return ``error`` with what was looked for, when that is what the server found fault with."""
    if not isinstance(error, (errors.BadRequest, errors.NotFound)):
        return error
    kind = _plural(resource)
    if not labels and not fields:
        return error.with_message(f"Unable to list {kind}: {error.message}")
    return error.with_message(
        f"Unable to find {kind} that match label selector {errors.quote(labels)}, "
        f"field selector {errors.quote(fields)}: {error.message}"
    )


def described(info: Info) -> str:
    """Return the kind, the name and the namespace of an object, as kubectl's errors tell them."""
    resource = info.mapping
    kind = errors.quote(resource.group_version_kind)
    return (
        f"Resource: {_plural(resource)}, GroupVersionKind: {kind}\n"
        f"Name: {errors.quote(info.name)}, Namespace: {errors.quote(info.namespace)}"
    )


def _plural(resource: Resource) -> str:
    return errors.quote(resource.group_version_resource)
