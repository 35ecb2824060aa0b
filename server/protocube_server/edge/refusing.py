"""Handlers of calls that are refused, whatever kind of call they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc

from protocube import errors
from protocube_server.authentication.identity import unauthorized
from protocube_server.edge import statuses

if TYPE_CHECKING:
    import asyncio

    from protocube_server.edge.telling import Enter

    Context = grpc.aio.ServicerContext[Any, Any]
    Handler = grpc.RpcMethodHandler[Any, Any]


def refusing(
    refusal: errors.ApiError, method: str, *, after: asyncio.Event | None = None
) -> Handler:
    """Return a handler, for a call of any kind, that refuses it."""

    async def refuse(_requests: Any, context: Context) -> None:
        if after is not None:
            await after.wait()
        await statuses.abort(context, refusal, method)

    return grpc.stream_stream_rpc_method_handler(refuse)


def unread(enter: Enter, method: str) -> Handler:
    """Return a handler, for a call of any kind, that reads nothing of it and refuses its caller."""

    async def refuse(_requests: Any, context: Context) -> None:
        try:
            waiting = enter(context)
            if waiting is not None:
                await waiting
        except errors.ApiError as error:
            await statuses.abort(context, error, method)
        await statuses.abort(context, unauthorized(), method)

    return grpc.stream_stream_rpc_method_handler(refuse)
