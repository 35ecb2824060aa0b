"""What clients are told of the messages of a custom kind, of which the server shares some."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from google.protobuf import descriptor_pb2
from grpc_reflection.v1alpha import reflection_pb2

from protocube import errors
from protocube.discovery.v1 import discovery_pb2
from tests.definitions.crd.making import DOOR, definition, of_spec
from tests.server.caller import SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from google.protobuf.descriptor_pb2 import FileDescriptorProto

    from tests.definitions.defining import Definer

_POD = {"type": "object", "description": "A pod.", "properties": {"image": {"type": "string"}}}
_SPEC = {"type": "object", "properties": {"first": _POD, "second": _POD}}
_MACHINE = "crd.com.example.fleet.v1.Machine"
_FILE = "crd/com/example/fleet/v1/machine.proto"


async def _define(definer: Definer) -> FileDescriptorProto:
    """Define Machines, and return the file of their message."""
    message = definition({"schema": of_spec(_SPEC)})
    resource = definer.base.resource("customresourcedefinitions")
    await definer.base.create(resource.message_class.FromString(message.SerializeToString()))
    (file,) = DOOR.compile(message, b"").files
    return file


async def _discovered(definer: Definer, symbol: str) -> Iterable[FileDescriptorProto]:
    request = discovery_pb2.GetDescriptorsRequest(symbols=[symbol])
    method = "/protocube.discovery.v1.Discovery/GetDescriptors"
    reply = await definer.base.send(method, request.SerializeToString())
    answer = discovery_pb2.GetDescriptorsResponse.FromString(reply.body)
    return answer.file_descriptor_set.file


async def _reflected(definer: Definer, symbol: str) -> Iterable[FileDescriptorProto]:
    method = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"
    call: Any = definer.base.channel.stream_stream(method, None, None)(None, timeout=SECONDS)
    request = reflection_pb2.ServerReflectionRequest(file_containing_symbol=symbol)
    await call.write(request.SerializeToString())
    await call.done_writing()
    answer = reflection_pb2.ServerReflectionResponse.FromString(await call.read())
    found = answer.file_descriptor_response.file_descriptor_proto
    return map(descriptor_pb2.FileDescriptorProto.FromString, found)


_SYMBOLS = pytest.mark.parametrize(
    "symbol",
    [_MACHINE, f"{_MACHINE}s", f"{_MACHINE}.Spec.First", f"{_MACHINE}.Spec.Second"],
)


@_SYMBOLS
async def test_discovery_tells_the_files_as_they_were_defined(
    definer: Definer, symbol: str
) -> None:
    """Each place has its message, with its comments, and is found by its own name."""
    wanted = await _define(definer)
    files = {file.name: file for file in await _discovered(definer, symbol)}
    assert files[_FILE] == wanted


@_SYMBOLS
async def test_reflection_tells_the_files_as_they_were_defined(
    definer: Definer, symbol: str
) -> None:
    """Reflection is of what clients compile, not of what the server works with."""
    wanted = await _define(definer)
    wanted.ClearField("source_code_info")
    files = {file.name: file for file in await _reflected(definer, symbol)}
    assert set(files) & {_FILE, f"{_FILE.removesuffix('.proto')}_service.proto"}
    if _FILE in files:
        (message,) = files[_FILE].message_type
        (spec,) = message.nested_type
        assert [nested.name for nested in spec.nested_type] == ["First", "Second"]


async def test_a_message_that_nobody_declares_is_not_found(definer: Definer) -> None:
    """Neither below a custom kind nor beside it."""
    await _define(definer)
    for symbol in (f"{_MACHINE}.Spec.Third", f"{_MACHINE}Other", "crd.com.example.fleet.v1.None"):
        with pytest.raises(errors.NotFound):
            await _discovered(definer, symbol)
        assert not [*await _reflected(definer, symbol)]
