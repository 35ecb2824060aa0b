"""Server reflection, v1 and v1alpha, over the catalog's own descriptors.

The two protocols are the same bytes under two package names: one servicer answers
both. Error details, health and reflection itself are added, so that a client with
no file at hand can show everything it meets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc
from google.protobuf import any_pb2, descriptor_pb2, descriptor_pool, duration_pb2
from google.rpc import code_pb2, error_details_pb2, status_pb2
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection, reflection_pb2

if TYPE_CHECKING:
    from collections.abc import Iterable

    from google.protobuf.descriptor import FileDescriptor

    from protocube.catalog import Catalog

V1ALPHA = "grpc.reflection.v1alpha.ServerReflection"
V1 = "grpc.reflection.v1.ServerReflection"
_METHOD = "ServerReflectionInfo"


def add_to_server(server: grpc.aio.Server, catalog: Catalog, services: Iterable[str]) -> None:
    """Serve reflection for ``services``, full names, and for itself."""
    names = sorted({*services, V1, V1ALPHA})
    servicer = reflection.aio.ReflectionServicer(names, pool=_Pool(_pool(catalog)))
    handler = grpc.stream_stream_rpc_method_handler(
        servicer.ServerReflectionInfo,
        request_deserializer=reflection_pb2.ServerReflectionRequest.FromString,
        response_serializer=reflection_pb2.ServerReflectionResponse.SerializeToString,
    )
    server.add_generic_rpc_handlers(
        [grpc.method_handlers_generic_handler(name, {_METHOD: handler}) for name in (V1, V1ALPHA)]
    )


class _Pool:
    """A descriptor pool that also finds methods, which ``grpcurl describe`` asks for."""

    def __init__(self, pool: descriptor_pool.DescriptorPool) -> None:
        self._pool = pool

    def FindFileContainingSymbol(self, symbol: str) -> FileDescriptor:  # noqa: N802  # protobuf's name
        """Give the file that declares ``symbol``. Raises ``KeyError``."""
        try:
            return self._pool.FindFileContainingSymbol(symbol)
        except KeyError:
            service, _, method = symbol.rpartition(".")
            found = self._pool.FindServiceByName(service)
            if method not in found.methods_by_name:
                raise
            return found.file

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pool, name)


def _pool(catalog: Catalog) -> descriptor_pool.DescriptorPool:
    pool = descriptor_pool.DescriptorPool()
    present: set[str] = set()
    for file in (*catalog.files, *_extra_files()):
        if file.name not in present:
            present.add(file.name)
            pool.AddSerializedFile(file.SerializeToString())
    return pool


def _extra_files() -> Iterable[descriptor_pb2.FileDescriptorProto]:
    modules: tuple[Any, ...] = (
        any_pb2,
        duration_pb2,
        code_pb2,
        status_pb2,
        error_details_pb2,
        health_pb2,
        reflection_pb2,
    )
    for module in modules:
        file = descriptor_pb2.FileDescriptorProto()
        module.DESCRIPTOR.CopyToProto(file)
        yield file
    yield _v1()


def _v1() -> descriptor_pb2.FileDescriptorProto:
    """Give v1's file: v1alpha's under its other name."""
    text = reflection_pb2.DESCRIPTOR.serialized_pb
    file = descriptor_pb2.FileDescriptorProto.FromString(text)
    file.name = "grpc/reflection/v1/reflection.proto"
    file.package = "grpc.reflection.v1"
    old, new = ".grpc.reflection.v1alpha.", ".grpc.reflection.v1."
    for message in file.message_type:
        for field in message.field:
            if field.HasField("type_name"):
                field.type_name = field.type_name.replace(old, new)
    for service in file.service:
        for method in service.method:
            method.input_type = method.input_type.replace(old, new)
            method.output_type = method.output_type.replace(old, new)
    return file
