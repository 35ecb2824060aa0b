"""Objects as workers see them in the store, and delete them as long as they are so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from google.protobuf.message import DecodeError

from protocube import errors
from protocube.meta.v1 import object_meta_pb2, requests_pb2
from protocube_server.kinds import splice

if TYPE_CHECKING:
    from protocube_server.kinds.kind import Kind
    from protocube_server.storage.base import Record


class Named(Protocol):
    """What an object is told by, such as its metadata."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def namespace(self) -> str:
        """The namespace that it says it is in."""
        ...

    @property
    def uid(self) -> str:
        """Its uid."""
        ...


def metadata_of(record: Record) -> Any:
    """Return the metadata of a record, without the rest of it. Raises ``errors.Damaged``."""
    try:
        return object_meta_pb2.ObjectMeta.FromString(splice.metadata(record.value))
    except (DecodeError, ValueError) as error:
        message = f"the metadata of {record.key.decode(errors='replace')} cannot be read: {error}"
        raise errors.Damaged(message) from error


def deletion(
    kind: Kind,
    seen: Named,
    version: str,
    policy: requests_pb2.PropagationPolicy.ValueType = (
        requests_pb2.PROPAGATION_POLICY_UNSPECIFIED
    ),
) -> bytes:
    """Return the request to delete an object if it is still as it was seen, at ``version``."""
    request = requests_pb2.DeleteRequest(
        name=seen.name,
        namespace=seen.namespace if kind.resource.namespaced else "",
        propagation_policy=policy,
        preconditions=requests_pb2.Preconditions(uid=seen.uid, resource_version=version),
    )
    return request.SerializeToString()
