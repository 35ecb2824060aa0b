"""Server reflection: what grpcurl and ghz ask, with no file at hand."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory
from grpc_reflection.v1alpha import reflection_pb2

from tests.server.caller import SECONDS, Caller

VERSIONS = pytest.mark.parametrize("version", ["v1", "v1alpha"])
"""Both protocols have the same bytes."""


async def ask(api: Caller, version: str, **question: Any) -> Any:
    """Ask one question."""
    method = f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo"
    call = api.channel.stream_stream(method, None, None)(None, timeout=SECONDS)
    request = reflection_pb2.ServerReflectionRequest(**question)
    await call.write(request.SerializeToString())
    await call.done_writing()
    answer = await call.read()
    return reflection_pb2.ServerReflectionResponse.FromString(answer)


async def files(api: Caller, version: str, symbol: str) -> list[descriptor_pb2.FileDescriptorProto]:
    """Return the files that declare ``symbol``."""
    answer = await ask(api, version, file_containing_symbol=symbol)
    return [
        descriptor_pb2.FileDescriptorProto.FromString(text)
        for text in answer.file_descriptor_response.file_descriptor_proto
    ]


@VERSIONS
async def test_lists_every_service(api: Caller, version: str) -> None:
    """The typed services, discovery, health and reflection itself are listed."""
    answer = await ask(api, version, list_services="")
    found = [item.name for item in answer.list_services_response.service]
    assert found == sorted(
        [
            *(resource.service for resource in api.catalog.resources),
            "grpc.health.v1.Health",
            "grpc.reflection.v1.ServerReflection",
            "grpc.reflection.v1alpha.ServerReflection",
            "protocube.access.v1.Access",
            "protocube.bulk.v1.Bulk",
            "protocube.discovery.v1.Discovery",
            "protocube.openid.v1.Issuer",
            "protocube.watch.v1.Watches",
        ]
    )


@VERSIONS
@pytest.mark.parametrize(
    "symbol",
    [
        "protocube.core.v1.Pods",
        "protocube.apps.v1.Deployment",
        "protocube.discovery.v1.Discovery",
        "protocube.watch.v1.Watches",
        "protocube.meta.v1.ContinueDetails",
        "google.rpc.BadRequest",
        "google.rpc.ErrorInfo",
        "google.rpc.RetryInfo",
        "grpc.health.v1.Health",
        "grpc.reflection.v1.ServerReflection",
        "grpc.reflection.v1alpha.ServerReflection",
        "buf.validate.FieldRules",
    ],
)
async def test_gives_the_file_of_a_symbol(api: Caller, version: str, symbol: str) -> None:
    """Everything a client meets can be asked for, and builds with its imports alone."""
    pool = await pool_of(api, version, symbol)
    wanted = [file.name for file in await files(api, version, symbol)]
    assert pool.FindFileContainingSymbol(symbol).name in wanted


async def pool_of(api: Caller, version: str, *symbols: str) -> descriptor_pool.DescriptorPool:
    """Return a pool of the files that declare the symbols, and of what those import."""
    pool = descriptor_pool.DescriptorPool()
    seen = set[str]()

    async def add(name: str) -> None:
        if name in seen:
            return
        seen.add(name)
        answer = await ask(api, version, file_by_filename=name)
        (text,) = answer.file_descriptor_response.file_descriptor_proto[:1]
        for dependency in descriptor_pb2.FileDescriptorProto.FromString(text).dependency:
            await add(dependency)
        pool.AddSerializedFile(text)

    for symbol in symbols:
        for file in await files(api, version, symbol):
            await add(file.name)
    return pool


@VERSIONS
async def test_is_all_that_a_watch_of_many_kinds_needs(api: Caller, version: str) -> None:
    """A client that has no file calls it from JSON, and shows the objects, whatever they are."""
    made = await api.create(api.make("cm", "a", data={"k": "v"}))
    pool = await pool_of(api, version, "protocube.watch.v1.Watches", "protocube.core.v1.ConfigMap")
    method: Any = pool.FindMethodByName("protocube.watch.v1.Watches.Watch")
    request = message_factory.GetMessageClass(method.input_type)()
    asked = {"kinds": [{"apiVersion": "v1", "kind": "ConfigMap"}], "timeoutSeconds": "20"}
    json_format.ParseDict(asked, request)
    call = api.channel.unary_stream("/protocube.watch.v1.Watches/Watch", None, None)(
        request.SerializeToString(), timeout=SECONDS
    )
    response = message_factory.GetMessageClass(method.output_type).FromString(await call.read())
    call.cancel()
    (event,) = json_format.MessageToDict(response, descriptor_pool=pool)["events"]
    assert event["type"] == "EVENT_TYPE_ADDED"
    assert event["object"].pop("@type") == "type.googleapis.com/protocube.core.v1.ConfigMap"
    assert event["object"] == json_format.MessageToDict(made)


@VERSIONS
async def test_gives_the_file_of_a_method(api: Caller, version: str) -> None:
    """``grpcurl describe protocube.core.v1.Pods.Create`` asks for a method by its name."""
    (file, *_) = await files(api, version, "protocube.core.v1.Pods.Create")
    assert [service.name for service in file.service] == ["Pods"]
    answer = await ask(api, version, file_containing_symbol="protocube.core.v1.Pods.Nope")
    assert answer.error_response.error_code == 5


@VERSIONS
async def test_does_not_know_what_is_not_there(api: Caller, version: str) -> None:
    """An unknown symbol is an answer, not the end of the stream."""
    answer = await ask(api, version, file_containing_symbol="no.such.Thing")
    assert answer.error_response.error_code == 5


@VERSIONS
async def test_keeps_the_options(api: Caller, version: str) -> None:
    """A client that learns of a kind this way learns its resource option, too."""
    from protocube.api.v1 import resource_pb2

    (file, *_) = await files(api, version, "protocube.core.v1.Pod")
    message = next(item for item in file.message_type if item.name == "Pod")
    assert message.options.Extensions[resource_pb2.resource].plural == "pods"
