"""``protocube.discovery.v1.Discovery``: what this server serves."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from google.protobuf import descriptor_pb2

import protocube
from protocube import errors, machine
from protocube.discovery.v1 import discovery_pb2, discovery_pb2_grpc
from protocube_server.verbs import methods

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from protocube.catalog import Catalog, Resource
    from protocube_server.definitions.following import Definitions
    from protocube_server.kinds.edition import Editions


_MOST_BYTES: Final = 3 * 1024 * 1024
"""Of descriptors in one answer. Stock clients take 4 MiB in a message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery(discovery_pb2_grpc.DiscoveryServicer):
    """Answers from the catalog of the newest edition."""

    editions: Editions
    store: str
    definitions: Definitions | None = None

    async def GetServerInfo(  # noqa: N802  # gRPC's name
        self, request: discovery_pb2.GetServerInfoRequest, context: Any
    ) -> discovery_pb2.GetServerInfoResponse:
        """Return the versions of the server and its parts."""
        del request, context
        return discovery_pb2.GetServerInfoResponse(
            version=protocube.__version__,
            store=self.store,
            python_version=platform.python_version(),
            platform=machine.platform_name(),
        )

    async def ListResources(  # noqa: N802  # gRPC's name
        self, request: discovery_pb2.ListResourcesRequest, context: Any
    ) -> discovery_pb2.ListResourcesResponse:
        """Return every resource, or those of one group."""
        del context
        await self._settled()
        wanted = request.group if request.HasField("group") else None
        return discovery_pb2.ListResourcesResponse(
            resources=self._infos(wanted), revision=self._revision()
        )

    async def WatchResources(  # noqa: N802  # gRPC's name
        self, request: discovery_pb2.WatchResourcesRequest, context: Any
    ) -> AsyncGenerator[discovery_pb2.WatchResourcesResponse, None]:
        """Yield every resource, or those of one group, now and after each change."""
        del context
        await self._settled()
        wanted = request.group if request.HasField("group") else None
        while True:
            edition = self.editions.current
            yield discovery_pb2.WatchResourcesResponse(
                resources=self._infos(wanted), revision=self._revision()
            )
            await self.editions.until_replaced(edition)

    async def GetDescriptors(  # noqa: N802  # gRPC's name
        self, request: discovery_pb2.GetDescriptorsRequest, context: Any
    ) -> discovery_pb2.GetDescriptorsResponse:
        """Return the files of the symbols asked for, with their imports, in dependency order.

        As many as a stock client takes in one message; the others are named.
        """
        del context
        await self._settled()
        catalog = self.editions.current.catalog
        symbols = list(request.symbols) or [
            name for resource in catalog.resources for name in (resource.message, resource.service)
        ]
        left_out: list[str] = []
        while True:
            files = _files(catalog, symbols, with_comments=not request.without_comments)
            if files.ByteSize() <= _MOST_BYTES or len(symbols) == 1:
                break
            half = len(symbols) // 2
            symbols, left_out = symbols[:half], [*symbols[half:], *left_out]
        return discovery_pb2.GetDescriptorsResponse(file_descriptor_set=files, left_out=left_out)

    def _infos(self, group: str | None) -> list[discovery_pb2.ResourceInfo]:
        return [
            _info(resource)
            for resource in self.editions.current.catalog.resources
            if group is None or resource.group == group
        ]

    def _revision(self) -> str:
        found = self.definitions.revision if self.definitions is not None else 0
        return str(found) if found else ""

    async def _settled(self) -> None:
        """Wait until all kinds are served that anybody was told of."""
        if self.definitions is not None:
            await self.definitions.current()


def _files(
    catalog: Catalog, symbols: Sequence[str], *, with_comments: bool
) -> descriptor_pb2.FileDescriptorSet:
    """Return the files that declare symbols. Raises ``errors.NotFound``."""
    try:
        found = catalog.files_declaring(symbols)
    except KeyError as error:
        raise errors.NotFound(f"no descriptor for {errors.quote(error.args[0])}") from None
    files = descriptor_pb2.FileDescriptorSet(file=found.values())
    if not with_comments:
        for file in files.file:
            file.ClearField("source_code_info")
    return files


def _info(resource: Resource) -> discovery_pb2.ResourceInfo:
    served = [name for name in resource.methods if name in methods.METHODS]
    return discovery_pb2.ResourceInfo(
        group=resource.group,
        version=resource.version,
        kind=resource.kind,
        message=resource.message,
        service=resource.service,
        methods=served,
        resource=resource.options,
    )
