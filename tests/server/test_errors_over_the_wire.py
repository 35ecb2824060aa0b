"""Errors through a real socket: raised in a handler, rebuilt by a client."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import grpc
import grpc.aio
import pytest

from protocube import errors
from tests.server.gated import METHOD, STREAM, gated

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator


@pytest.mark.parametrize("kind", errors.TABLE, ids=lambda kind: kind.__name__)
async def test_every_class_arrives_as_itself(kind: type[errors.ApiError]) -> None:
    """An error that a handler raises is the same error for the caller, details included."""
    violations = [errors.Violation(field="spec.a", reason="FieldValueInvalid", message="no: ü")]
    raised = kind(
        'it says "ü"\n', resource="pods", name="a", violations=violations, retry_after=1.25
    )

    async def handle(_: bytes) -> bytes:
        raise raised

    async with gated(handle) as served:
        with pytest.raises(errors.ApiError) as caught:
            await served.caller.send(METHOD, b"")
    assert type(caught.value) is kind
    assert vars(caught.value) == vars(raised)


@pytest.mark.parametrize("kind", errors.TABLE, ids=lambda kind: kind.__name__)
async def test_every_class_has_its_status_code(kind: type[errors.ApiError]) -> None:
    """A client without our details sees gRPC's code and the sentence."""

    async def handle(_: bytes) -> bytes:
        raise kind("a sentence")

    async with gated(handle) as served:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await served.caller.channel.unary_unary(METHOD, None, None)(b"")
    assert caught.value.code().value[0] == kind.code
    assert caught.value.details() == "a sentence"


async def test_the_text_of_an_unknown_exception_is_logged_and_never_sent(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A fault of the server shows its traceback to the operator and nothing to the caller."""

    async def handle(_: bytes) -> bytes:
        raise RuntimeError("the password is hunter2")

    with caplog.at_level(logging.ERROR, "protocube.server"):
        async with gated(handle) as served:
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await served.caller.channel.unary_unary(METHOD, None, None)(b"")
    error = caught.value
    assert error.code() is grpc.StatusCode.INTERNAL
    assert error.details() == "internal error"
    assert "hunter2" not in repr(error.trailing_metadata())
    assert METHOD in caplog.text
    assert "hunter2" in caplog.text
    assert "Traceback" in caplog.text


async def test_an_error_of_a_stream_arrives_after_its_responses() -> None:
    """What a stream gave before it failed is not lost."""

    async def nothing(request: bytes) -> bytes:
        return request

    async def stream(request: bytes) -> AsyncGenerator[bytes, None]:
        yield request
        raise errors.Expired("too old")

    async with gated(nothing, stream=stream) as served:
        call = served.caller.channel.unary_stream(STREAM, None, None)(b"x")
        assert await call.read() == b"x"
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call.read()
    assert caught.value.code() is grpc.StatusCode.OUT_OF_RANGE
    assert caught.value.details() == "too old"
