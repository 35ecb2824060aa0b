"""``protocube.discovery.v1.Discovery``: what this server serves."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from google.protobuf import descriptor_pb2

import protocube
from protocube import errors, machine
from protocube.discovery.v1 import discovery_pb2, discovery_pb2_grpc
from protocube_server.verbs import methods

if TYPE_CHECKING:
    from protocube.catalog import Catalog, Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery(discovery_pb2_grpc.DiscoveryServicer):
    """Answers from the catalog; nothing here changes while the server runs."""

    catalog: Catalog
    store: str

    async def GetServerInfo(  # noqa: N802  # gRPC's name
        self, request: discovery_pb2.GetServerInfoRequest, context: Any
    ) -> discovery_pb2.GetServerInfoResponse:
        """Give the versions of the server and its parts."""
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
        """Give every resource, or those of one group."""
        del context
        wanted = request.group if request.HasField("group") else None
        return discovery_pb2.ListResourcesResponse(
            resources=[
                _info(resource)
                for resource in self.catalog.resources
                if wanted is None or resource.group == wanted
            ]
        )

    async def GetDescriptors(  # noqa: N802  # gRPC's name
        self, request: discovery_pb2.GetDescriptorsRequest, context: Any
    ) -> discovery_pb2.GetDescriptorsResponse:
        """Give the files of the symbols asked for, with their imports, in dependency order."""
        del context
        pool = self.catalog.pool
        names: set[str] = set()
        for symbol in request.symbols:
            try:
                names.add(pool.FindFileContainingSymbol(symbol).name)
            except KeyError:
                raise errors.NotFound(f"no descriptor for {errors.quote(symbol)}") from None
        if not request.symbols:
            for resource in self.catalog.resources:
                names.add(resource.descriptor.file.name)
                names.add(resource.service_descriptor.file.name)
        by_name = {file.name: file for file in self.catalog.files}
        ordered: dict[str, descriptor_pb2.FileDescriptorProto] = {}

        def add(name: str) -> None:
            if name not in ordered:
                for dependency in by_name[name].dependency:
                    add(dependency)
                ordered[name] = by_name[name]

        for name in sorted(names):
            add(name)
        files = descriptor_pb2.FileDescriptorSet(file=ordered.values())
        return discovery_pb2.GetDescriptorsResponse(file_descriptor_set=files)


def _info(resource: Resource) -> discovery_pb2.ResourceInfo:
    served = [name for name in resource.methods if name in methods.UNARY or name in methods.STREAMS]
    return discovery_pb2.ResourceInfo(
        group=resource.group,
        version=resource.version,
        kind=resource.kind,
        message=resource.message,
        service=resource.service,
        methods=served,
        resource=resource.options,
    )
