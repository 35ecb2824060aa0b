"""Calls of methods that this server does not know, and another one may have defined just now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import grpc

from protocube import errors
from protocube_server.edge import statuses

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    Handler = grpc.RpcMethodHandler[Any, Any]

_OTHERS: Final = ("protocube.", "grpc.", "google.")
"""Packages in which no kind is defined at run time."""


def handler(
    method: str,
    look: Callable[[], Awaitable[None]],
    find: Callable[[str], Handler | None],
) -> Handler | None:
    """Return a handler that looks for the definitions of the store, and then for the method.

    One of streams can serve unary calls, too. ``None`` for what is no kind's for certain.
    """
    service, _, name = method.removeprefix("/").partition("/")
    if not name or "." not in service or service.startswith(_OTHERS):
        return None

    async def answer(requests: AsyncIterator[Any], context: Any) -> AsyncIterator[Any]:
        try:
            await look()
        except errors.ApiError as error:
            await statuses.abort(context, error, method)
        found = find(method)
        if found is None:
            await context.abort(grpc.StatusCode.UNIMPLEMENTED, "Method not found!")
            return
        async for request in requests:
            if found.unary_unary is not None:
                yield await found.unary_unary(request, context)
                return
            streaming: Any = found.unary_stream  # an asyncio server's, which the stubs do not know
            async for response in streaming(request, context):
                yield response
            return

    return grpc.stream_stream_rpc_method_handler(answer)
