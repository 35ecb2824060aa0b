"""Server reflection, v1 and v1alpha, over the catalog's own descriptors.

The two protocols are the same bytes under two package names: one servicer answers
both. Error details, health and reflection itself are added, so that a client with
no file at hand can show everything it meets.
"""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import grpc
from google.protobuf import any_pb2, descriptor_pb2, duration_pb2
from google.rpc import code_pb2, error_details_pb2, status_pb2
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection, reflection_pb2

from protocube import pools

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    from google.protobuf.descriptor import FileDescriptor

    from protocube_server.kinds.edition import Edition, Editions

V1ALPHA = "grpc.reflection.v1alpha.ServerReflection"
V1 = "grpc.reflection.v1.ServerReflection"
_METHOD = "ServerReflectionInfo"


def add_to_server(
    server: grpc.aio.Server,
    editions: Editions,
    others: Iterable[str],
    settled: Callable[[], Awaitable[None]] | None = None,
) -> None:
    """Serve reflection for the kinds of the current edition, for ``others``, and for itself.

    ``others`` are full names of services that are there in every edition. ``settled`` is awaited
    before a stream is answered: then all kinds are there that anybody was told of.
    """
    servicers = _Servicers(editions, [*others, V1, V1ALPHA])

    async def answer(requests: Any, context: Any) -> Any:
        if settled is not None:
            await settled()
        # A stream keeps the edition that it began with.
        async with aclosing(servicers.current().ServerReflectionInfo(requests, context)) as found:
            async for response in found:
                yield response

    handler = grpc.stream_stream_rpc_method_handler(
        answer,
        request_deserializer=reflection_pb2.ServerReflectionRequest.FromString,
        response_serializer=reflection_pb2.ServerReflectionResponse.SerializeToString,
    )
    server.add_generic_rpc_handlers(
        [grpc.method_handlers_generic_handler(name, {_METHOD: handler}) for name in (V1, V1ALPHA)]
    )


class _Servicers:
    """gRPC's servicer, which never changes, made anew for each stream.

    It has the files as clients get them, which may be much more than the server works with: they
    go with the stream.
    """

    def __init__(self, editions: Editions, others: Sequence[str]) -> None:
        self._editions = editions
        self._others = others
        self._extra = pools.of(_extra_files())
        self._edition: Edition | None = None
        self._names: Sequence[str] = ()

    def current(self) -> Any:
        edition = self._editions.current
        if edition is not self._edition:
            services = (kind.resource.service for kind in edition.kinds)
            self._names = sorted({*services, *self._others})
            self._edition = edition
        pool = _Pool(pools.Joined([edition.catalog.shown(), self._extra]))
        return reflection.aio.ReflectionServicer(self._names, pool=pool)


class _Pool:
    """A descriptor pool that also finds methods and fields: ``grpcurl describe`` asks for them."""

    def __init__(self, pool: pools.Joined) -> None:
        self._pool = pool

    def FindFileContainingSymbol(self, symbol: str) -> FileDescriptor:  # noqa: N802  # protobuf's name
        """Return the file that declares ``symbol``. Raises ``KeyError``."""
        found: FileDescriptor
        try:
            found = self._pool.FindFileContainingSymbol(symbol)
        except KeyError:
            holder, _, member = symbol.rpartition(".")
            try:
                declared = self._pool.FindServiceByName(holder)
                members = declared.methods_by_name
            except KeyError:
                declared = self._pool.FindMessageTypeByName(holder)
                members = declared.fields_by_name
            if member not in members:
                raise
            found = declared.file
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pool, name)


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
    """Return v1's file: v1alpha's under its other name."""
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
