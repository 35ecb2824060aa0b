"""Who owns the fields of the objects of one kind, between messages and what is stored."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from google.protobuf import json_format

from protocube.api.v1 import resource_pb2
from protocube.manifests import decode, encode
from protocube_server.kinds import kept
from protocube_server.kinds.ownership import entries, schemas, stored
from protocube_server.kinds.ownership.records import Records, Shape
from protocube_server.kinds.ownership.versions import Version

if TYPE_CHECKING:
    from protocube.catalog import Resource
    from protocube.steps import Steps
    from protocube_server.kinds.named.conversion import Conversion
    from protocube_server.kinds.ownership.entries import Entry


class Owners:
    """What the verbs ask of a kind about ownership."""

    def __init__(
        self, resource: Resource, stored_as: Resource, conversion: Conversion | None
    ) -> None:
        self._resource = resource
        self._stored = stored_as
        self._conversion = conversion
        self._shape = Shape(
            message_class=stored_as.message_class,
            api_version=stored_as.api_version,
            has_status=resource_pb2.SUBRESOURCE_STATUS in resource.subresources,
        )
        self.records = Records(self._shape)
        """Of the form that objects are stored in."""

    def compile(self) -> None:
        """Compile how managers share the fields, so that the first call does not wait for it.

        Raises ``ValueError`` when an option cannot be honoured.
        """
        for resource in (self._resource, self._stored):
            schemas.for_message(resource.message_class)

    def stored(self, message: Any) -> Any:
        """Return a message of the kind in the form that is stored."""
        return self._conversion.stored(message) if self._conversion else message

    def entries(self, value: bytes) -> Steps[tuple[Entry, ...]]:
        """Return who owns what of a stored object, which was read before."""
        held, _ = stored.split(kept.read(value))
        if not held:
            return ()
        message = self._stored.message_class.FromString(kept.message(value))
        return (yield from self.records.entries(held, message))

    def shown(self, value: bytes, answer: bytes) -> Steps[bytes]:
        """Return an answer made of a stored object, with its ``managed_fields``."""
        found = yield from self.entries(value)
        if not found:
            return answer
        message: Any = self._resource.message_class.FromString(answer)
        for written in (yield from entries.to_data(found)):
            yield
            json_format.ParseDict(written, message.metadata.managed_fields.add())
        body: bytes = message.SerializeToString(deterministic=True)
        return body

    def version(self, subresource: str) -> Version:
        """Return the kind's version, for a write to an object or one of its subresources."""
        version = Version(
            schema=schemas.for_message(self._resource.message_class),
            scope=self._shape.scope(subresource),
        )
        if self._conversion is None:
            return version
        return replace(version, to_stored=self._to_stored, from_stored=self._from_stored)

    def _to_stored(self, data: Any) -> Any:
        return encode.data(self.stored(_message(self._resource, data)))

    def _from_stored(self, data: Any) -> Any:
        message = _message(self._stored, data)
        return encode.data(self._conversion.served(message) if self._conversion else message)


def _message(resource: Resource, data: Any) -> Any:
    message = resource.message_class()
    decode.decode(data, message)
    return message
