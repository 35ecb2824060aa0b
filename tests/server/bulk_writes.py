"""Writes of bulk streams, and what becomes of them, for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc
from google.protobuf import any_pb2
from google.rpc import status_pb2

from protocube import errors
from protocube.bulk.v1 import bulk_pb2
from protocube.meta.v1 import requests_pb2
from tests.server.caller import SECONDS, Caller, rebuilt

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable

    from google.protobuf.message import Message

METHOD = "/protocube.bulk.v1.Bulk/Write"


def packed(message: Message) -> any_pb2.Any:
    """Return a message as an Any."""
    found = any_pb2.Any()
    found.Pack(message)
    return found


def create(message: Message) -> Any:
    """Return a write that creates an object."""
    return bulk_pb2.Write(create=packed(message))


def call(method: str, request: Message) -> Any:
    """Return a write that calls a method."""
    return bulk_pb2.Write(call=bulk_pb2.MethodCall(method=method, request=packed(request)))


def delete(service: str, name: str, **options: Any) -> Any:
    """Return a write that deletes an object of a service, in the default namespace."""
    return call(f"{service}/Delete", requests_pb2.DeleteRequest(name=name, **options))


async def responses(api: Caller, requests: Iterable[Any]) -> AsyncGenerator[Any, None]:
    """Yield the responses to requests. Raises the exceptions of ``protocube.errors``."""
    sent = [request.SerializeToString() for request in requests]
    stream = api.channel.stream_stream(METHOD, None, None)(iter(sent), timeout=SECONDS)
    try:
        async for response in stream:
            yield bulk_pb2.WriteResponse.FromString(response)
    except grpc.aio.AioRpcError as error:
        raise rebuilt(error) from None
    finally:
        stream.cancel()


async def outcomes(api: Caller, *writes: Any, **options: Any) -> list[Any]:
    """Return the outcomes of the writes of one request."""
    request = bulk_pb2.WriteRequest(writes=writes, **options)
    return [
        outcome async for response in responses(api, [request]) for outcome in response.outcomes
    ]


def error_of(outcome: Any) -> errors.ApiError:
    """Return the error that a call alone would have raised."""
    failure = outcome.failure
    assert outcome.WhichOneof("outcome") == "failure", outcome
    status = status_pb2.Status(code=failure.code, message=failure.message, details=failure.details)
    return errors.from_status(status)


async def names(api: Caller, word: str = "cm") -> list[str]:
    """Return the names of all objects of a kind."""
    return sorted(each.metadata.name for each in (await api.list(word)).items)


def config_map(api: Caller, name: str, **data: str) -> Any:
    """Return a ConfigMap of the default namespace."""
    return api.make("cm", name, data=data)
