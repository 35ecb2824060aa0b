"""Definitions of kinds, and callers that know such a kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from protocube.catalog import Catalog
from protocube.definitions.v1 import definition_pb2
from tests import machines
from tests.server.caller import Caller

if TYPE_CHECKING:
    from collections.abc import Mapping

    from google.protobuf.descriptor_pb2 import FileDescriptorProto

    from tests.server.caller import Reply

NAME = "machines.example.com"


def definition(*files: FileDescriptorProto, name: str = NAME) -> Any:
    """Return the definition that holds these files, or else that of a Machine."""
    found = definition_pb2.Definition()
    found.metadata.name = name
    for file in files or (machines.file(),):
        found.spec.files.add(file_descriptor=file.SerializeToString())
    return found


class Definer:
    """Calls one server that is asked to define kinds."""

    def __init__(self, address: str) -> None:
        self._address = address
        self.base = Caller(address, Catalog.shipped())
        self._callers = [self.base]

    async def __aenter__(self) -> Self:
        """Open the connection."""
        await self.base.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close all connections."""
        for caller in self._callers:
            await caller.__aexit__(None, None, None)

    async def define(self, *files: FileDescriptorProto, **options: Any) -> Any:
        """Create the definition of these files, and return it as it is stored."""
        return await self.base.create(self._own(definition(*files)), **options)

    async def redefine(self, *files: FileDescriptorProto, **options: Any) -> Any:
        """Replace the files of the definition, and return it as it is stored."""
        reply = await self.redefined(*files, **options)
        return self._own_class().FromString(reply.body)

    async def redefined(
        self,
        *files: FileDescriptorProto,
        annotations: Mapping[str, str] | None = None,
        **options: Any,
    ) -> Reply:
        """Replace the files of the definition, and return the whole reply."""
        found = await self.base.get("definitions", NAME)
        wanted = self._own(definition(*files))
        wanted.metadata.CopyFrom(found.metadata)
        wanted.metadata.annotations.update(annotations or {})
        resource = self.base.resource("definitions")
        request: Any = resource.request_class("Update")(object=wanted, **options)
        method = f"/{resource.service}/Update"
        return await self.base.send(method, request.SerializeToString())

    async def knowing(self, *files: FileDescriptorProto) -> Caller:
        """Return a caller that knows the kinds of these files, or else Machine."""
        return await self.knowing_of(machines.catalog(*(files or (machines.file(),))))

    async def knowing_of(self, catalog: Catalog) -> Caller:
        """Return a caller that knows the kinds of a catalog."""
        caller = Caller(self._address, catalog)
        self._callers.append(caller)
        return await caller.__aenter__()

    def _own(self, message: Any) -> Any:
        """Return a message as one of the caller's classes."""
        return self._own_class().FromString(message.SerializeToString())

    def _own_class(self) -> Any:
        return self.base.resource("definitions").message_class
