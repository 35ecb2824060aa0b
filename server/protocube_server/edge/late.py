"""Calls whose handler is only known later: who calls has to be proven first, or a kind looked for.

Another server may have defined the kind just now, or it is still to be compiled.

Until then nothing of their requests is read. Such a handler takes requests as a stream, which
serves calls of any kind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import grpc

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    Handler = grpc.RpcMethodHandler[Any, Any]

_OTHERS: Final = ("protocube.", "grpc.", "google.")
"""Packages in which no kind is defined at run time."""


def may_be_defined(method: str) -> bool:
    """Tell whether a method may be of a kind that is defined at run time."""
    service, _, name = method.removeprefix("/").partition("/")
    return bool(name) and "." in service and not service.startswith(_OTHERS)


def handler(
    first: Callable[[Any, Any], Awaitable[None]], find: Callable[[], Handler | None]
) -> Handler:
    """Return a handler that awaits ``first`` and then answers as the handler that is found.

    ``first`` is called without a request, and may abort the call. What is found is behind the gate,
    and has its requests as bytes.
    """

    async def answer(requests: AsyncIterator[Any], context: Any) -> AsyncIterator[Any]:
        await first(None, context)
        # One of an asyncio server, which the stubs do not know.
        found: Any = find()
        if found is None:
            await context.abort(grpc.StatusCode.UNIMPLEMENTED, "Method not found!")
            return
        encode: Callable[[Any], bytes] = found.response_serializer or bytes
        responses: AsyncIterator[Any]
        if found.stream_stream is not None:
            responses = found.stream_stream(requests, context)
        else:
            async for request in requests:
                if found.unary_unary is not None:
                    yield encode(await found.unary_unary(request, context))
                    return
                responses = found.unary_stream(request, context)
                break
            else:
                return
        async for response in responses:
            yield encode(response)

    return grpc.stream_stream_rpc_method_handler(answer)


def bounded(first: Callable[[Any, Any], Awaitable[bytes | None]], found: Handler) -> Handler:
    """Return a handler that awaits the request by ``first``, and then answers as ``found``.

    ``first`` is called with the requests, and may abort the call. ``found`` takes one request.
    """
    # One of an asyncio server, which the stubs do not know.
    of_one: Any = found

    async def answer(requests: AsyncIterator[Any], context: Any) -> AsyncIterator[Any]:
        request = await first(requests, context)
        if request is None:
            return
        if of_one.unary_unary is not None:
            yield await of_one.unary_unary(request, context)
            return
        async for response in of_one.unary_stream(request, context):
            yield response

    encode = of_one.response_serializer
    return grpc.stream_stream_rpc_method_handler(answer, response_serializer=encode)
