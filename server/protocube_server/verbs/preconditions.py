"""What a deletion may require of the object that it finds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube_server.storage import keys

if TYPE_CHECKING:
    from protocube_server.kinds.kind import Kind
    from protocube_server.storage.base import Record

_UID = (
    "the UID in the precondition ({}) does not match the UID in record ({}). "
    "The object might have been deleted and then recreated"
)
_VERSION = (
    "the ResourceVersion in the precondition ({}) does not match the ResourceVersion in record "
    "({}). The object might have been modified"
)
_OF_NAMESPACE = "Precondition failed: {0} in precondition: {{}}, {0} in object meta: {{}}"


def require(kind: Kind, record: Record, request: Any) -> None:
    """Raise ``errors.Conflict`` unless the preconditions of a request hold for a record.

    The sentences are Kubernetes', which has others for namespaces.
    """
    asked = request.preconditions
    if asked.uid and (uid := kind.read(record).metadata.uid) != asked.uid:
        raise _conflict(kind, record, "UID", _UID, asked.uid, uid)
    version = str(record.mod_revision)
    if asked.resource_version and asked.resource_version != version:
        raise _conflict(kind, record, "ResourceVersion", _VERSION, asked.resource_version, version)


def _conflict(
    kind: Kind, record: Record, what: str, text: str, asked: str, found: str
) -> errors.Conflict:
    name = keys.split(record.key)[1].decode(errors="replace")
    if kind.is_namespace:
        why = _OF_NAMESPACE.format(what).format(asked, found)
        return errors.conflict(kind.resource.qualified, name, why)
    return errors.conflict(kind.resource.qualified_kind, name, text.format(asked, found))
