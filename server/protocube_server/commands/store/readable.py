"""The readable lines of an export: each object as its manifest.

    {"key": "configmaps/default/a", "version": 7, "manifest": {"apiVersion": "v1", ...}}

``kept`` is what the server keeps beside the object, in base64: who owns its fields. ``value``
stands where the manifest does not say all that is stored (fields of a newer program, an entry of
the server's own); then that is what is imported.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from google.protobuf.message import DecodeError

from protocube import errors
from protocube.manifests import encode
from protocube.manifests.decode import decode
from protocube.manifests.report import CLEAN
from protocube_server.kinds import kept
from protocube_server.storage import keys

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protocube.catalog import Catalog, Resource
    from protocube_server.storage.base import Record


def line(prefix: str, record: Record, catalog: Catalog) -> dict[str, Any]:
    """Return what a line says of a record."""
    found: dict[str, Any] = {
        "key": keys.relative(prefix, record.key),
        "version": record.mod_revision,
    }
    key = keys.parse(prefix, record.key)
    resource = catalog.stored(key.resource) if isinstance(key, keys.ObjectKey) else None
    if resource is not None and _tell(found, resource, record.value):
        return found
    return {**found, "value": base64.b64encode(record.value).decode()}


def _tell(found: dict[str, Any], resource: Resource, value: bytes) -> bool:
    """Add an object's manifest, and tell whether it says all that is stored."""
    try:
        beside, body = kept.read(value), kept.message(value)
        found["manifest"] = encode.data(resource.message_class.FromString(body))
    except (DecodeError, ValueError, errors.ApiError):
        return False
    if beside:
        found["kept"] = base64.b64encode(beside).decode()
    return _stored(found, resource) == value


def stored(item: Mapping[str, Any], catalog: Catalog) -> bytes:
    """Return the value that a line stands for.

    Raises ``errors.BadRequest`` for a kind that is not in ``catalog`` and a manifest that does not
    fit its kind.
    """
    if "value" in item:
        return base64.b64decode(item["value"], validate=True)
    name = item["key"]
    key = keys.parse("", keys.absolute("", name))
    resource = catalog.stored(key.resource) if isinstance(key, keys.ObjectKey) else None
    if resource is None:
        raise errors.BadRequest(f"{name} is of no kind that this program or the export knows")
    return _stored(item, resource)


def _stored(item: Mapping[str, Any], resource: Resource) -> bytes:
    message = resource.message_class()
    if decode(item["manifest"], message) != CLEAN:
        raise errors.BadRequest(f"{item['key']} does not fit {resource.message}")
    beside = base64.b64decode(item.get("kept", ""), validate=True)
    return kept.with_message(beside, message.SerializeToString(deterministic=True))
