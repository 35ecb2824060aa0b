"""The gate that every call passes: limits on the way in, errors on the way out.

To gRPC it is the server's one handler, with the services behind it. An interceptor would
cost every call the coroutines and closures by which gRPC asks interceptors.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import grpc

from protocube import errors
from protocube_server import flows
from protocube_server.calls.standing import Standing
from protocube_server.edge import callers, decoding, late, refusing, statuses
from protocube_server.edge.overdue import Overdue
from protocube_server.edge.shares import Shares

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Iterable, Mapping

    from protocube_server.edge.access import Access
    from protocube_server.edge.overdue import Turn
    from protocube_server.edge.telling import Enter
    from protocube_server.flows import Flow

    Context = grpc.aio.ServicerContext[Any, Any]
    Handler = grpc.RpcMethodHandler[Any, Any]
    Find = Callable[[str], Handler | None]
    Look = Callable[[str], Awaitable[None]]

_SHUTTING_DOWN = "the server is shutting down"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallLimits:
    """Bounds on calls. A refused call says which one it met and what its flag is."""

    calls: int = 1000
    """Unary calls in flight."""
    streams: int = 10_000
    """Streams open."""
    metadata: int = 16 * 1024
    """Bytes of metadata of a call, counted as HTTP/2 does: name, value and 32."""
    seconds: float = 34.0
    """How long a unary call may take; Kubernetes' bound."""
    connections: int = 10_000
    """Connections at a listener; one more is closed at once."""
    handshake: float = 10.0
    """Seconds that whoever connects has until TLS and HTTP/2 are agreed on."""


@dataclass(slots=True, eq=False)
class _Stream:
    """A stream, and whether it waits for something to send."""

    task: asyncio.Task[Any]
    waits: bool = True
    standing: Standing | None = None
    """What it was begun on; ``None`` for one that anybody may have."""
    refusal: errors.ApiError | None = None
    """Why it may not go on."""


class Gate(grpc.GenericRpcHandler):
    """Admits calls, counts them, and turns what they raise into statuses."""

    def __init__(self, limits: CallLimits, access: Access | None = None) -> None:
        """``access`` lets callers in; without it everybody may come in."""
        self._limits = limits
        self._access = access
        self._find: Find = _nothing
        self._behind: list[grpc.GenericRpcHandler] = []
        self._calls = Shares(limits.calls)
        self._open_streams = Shares(limits.streams)
        self._overdue = Overdue(limits.seconds)
        self._streams: set[_Stream] = set()
        self._closed = False
        self._last_words = asyncio.Event()
        """Set when calls that arrive after the gate was closed are answered."""
        self._late_arrivals = 0
        """Calls that arrived after the gate was closed."""
        self._ending = False
        """Streams end."""
        self._wrapped: dict[str, Handler] = {}
        self._look: Look | None = None

    def ask_first(self, find: Find) -> None:
        """Ask ``find`` for each call's handler, by the method's full name.

        What it returns must have been put behind the gate by :meth:`wrap`, and is not
        remembered here: it may be another one for the next call.
        """
        self._find = find

    def ask_again(self, look: Look) -> None:
        """Await ``look`` of a service before it is said that there is none, and ask once more."""
        self._look = look

    def add_generic_rpc_handlers(self, handlers: Iterable[grpc.GenericRpcHandler]) -> None:
        """Put services behind the gate, by the method that a server has for it."""
        self._behind.extend(handlers)

    def add_registered_method_handlers(self, service: str, handlers: Mapping[str, Handler]) -> None:
        """Do nothing, as an asyncio server does: the same handlers come as generic ones."""

    @property
    def calls(self) -> int:
        """Unary calls in flight."""
        return self._calls.total

    @property
    def streams(self) -> int:
        """Streams open."""
        return self._open_streams.total

    def close(self) -> None:
        """Refuse new calls with ``Unavailable``. Those in flight, and streams, go on.

        They hear it at :meth:`end_streams`: until then a caller that would try again at once
        waits, and so does not call.
        """
        self._closed = True

    async def settle(self, *, quiet: float, longest: float) -> None:
        """Wait until no call has arrived for ``quiet`` seconds, for ``longest`` at most."""
        now = asyncio.get_running_loop().time
        end = now() + longest
        seen = -1
        while seen != self._late_arrivals and now() < end:
            seen = self._late_arrivals
            await asyncio.sleep(quiet)

    def end_calls(self) -> None:
        """End the unary calls in flight with ``OutcomeUnknown``."""
        self._overdue.cut_off()

    def end_streams(self) -> None:
        """End all streams with ``Unavailable``, so that their clients resume elsewhere."""
        self._ending = True
        self._last_words.set()
        for stream in self._streams:
            # One that is being written to is gRPC's for the moment: cancelled there, it
            # would end without a status. It asks before it waits again.
            if stream.waits:
                stream.task.cancel()

    def recheck(self) -> None:
        """End the streams that rest on something that holds no more, before they send more."""
        known: dict[Hashable, errors.ApiError | None] = {}
        for stream in self._streams:
            if stream.standing is None or stream.refusal is not None:
                continue
            stream.refusal = stream.standing.fault(known)
            # As in end_streams: one that is being written to asks before it waits again.
            if stream.refusal is not None and stream.waits:
                stream.task.cancel()

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> Handler | None:
        """Return the handler of a method, wrapped once."""
        method = handler_call_details.method
        if self._closed:
            self._late_arrivals += 1
            if self._late_arrivals > self._limits.calls:
                return refusing.refusing(_shutting_down(), method)
            return refusing.refusing(_shutting_down(), method, after=self._last_words)
        # gRPC has decoded them for this; a handler would have to ask for them again.
        size = statuses.metadata_size(handler_call_details.invocation_metadata or ())
        if size > self._limits.metadata:
            message = (
                f"the call's metadata has {size} bytes, the limit is {self._limits.metadata} "
                "(--max-metadata-bytes)"
            )
            return refusing.refusing(errors.TooLarge(message), method)
        if self._access is not None:
            arrival = self._access.arrived(handler_call_details.invocation_metadata)
            if arrival.is_strange or (arrival.credential and arrival.identity is None):
                stranger = self._access.stranger(arrival, method)
                if stranger is not None:
                    return refusing.unread(stranger, method)
                if arrival.is_strange:
                    return self._probed(handler_call_details)
                if self._access.is_unproven(arrival, method):
                    return self._after(None, method, lambda: self._handler(handler_call_details))
        return self._handler(handler_call_details)

    def _handler(self, details: grpc.HandlerCallDetails) -> Handler | None:
        method = details.method
        wrapped = self._find(method) or self._wrapped.get(method) or self._find_fixed(details)
        if wrapped is None and self._look is not None and late.may_be_defined(method):
            return self._after(self._look, method, lambda: self._find(method))
        return wrapped

    def _after(self, look: Look | None, method: str, find: Callable[[], Handler | None]) -> Handler:
        """Return a handler that lets its caller in, awaits ``look``, and answers as another one.

        Up to there it is a call like any other. The other handler asks once more who calls: by then
        that is known.
        """
        access = self._access
        enter: Enter = access.of_kinds(method) if access is not None else callers.enter_unasked

        async def behavior(_request: Any, _context: Context) -> None:
            if look is not None:
                await look(method.removeprefix("/").partition("/")[0])

        return late.handler(self._unary(behavior, method, enter), find)

    def _probed(self, details: grpc.HandlerCallDetails) -> Handler | None:
        """Return a handler for a stranger whose request is awaited as a call in flight.

        gRPC waits without a bound.
        """

        async def first(requests: Any, _context: Context) -> Any:
            return await anext(requests, None)

        found = self._handler(details)
        method = details.method
        return found and late.bounded(self._unary(first, method, None), found)

    def _find_fixed(self, details: grpc.HandlerCallDetails) -> Handler | None:
        for services in self._behind:
            handler = services.service(details)
            if handler is not None:
                method = details.method
                wrapped = self._wrapped[method] = self._wrap(handler, method, self._enter(method))
                return wrapped
        return None

    def wrap(self, handler: Any, method: str) -> Handler:
        """Return a handler of the same kind that holds its calls to the limits.

        It lets in callers who are known: what they may do is for the handler to ask. Requests are
        decoded behind the gate, so that one that cannot be is told as any error is.
        """
        access = self._access
        enter: Enter = access.of_kinds(method) if access is not None else callers.enter_unasked
        return self._wrap(handler, method, enter)

    def _flow(self, context: Context) -> Flow:
        """Return what a call shares by at the door: a user or a credential, else its connection."""
        arrived = callers.present().flow if self._access is not None else None
        return arrived or context.peer()

    def _enter(self, method: str) -> Enter | None:
        """Return what lets callers in to a method that is no kind's; ``None`` asks nobody."""
        return self._access.of_method(method) if self._access else callers.enter_unasked

    def _wrap(self, handler: Any, method: str, enter: Enter | None) -> Handler:
        encode = handler.response_serializer
        decode = decoding.decoder(handler.request_deserializer, method)
        if handler.request_streaming:
            many = decoding.of_many(handler.stream_stream, decode)
            return grpc.stream_stream_rpc_method_handler(
                self._stream(many, method, enter), response_serializer=encode
            )
        if handler.response_streaming:
            one = decoding.of_one(handler.unary_stream, decode)
            return grpc.unary_stream_rpc_method_handler(
                self._stream(one, method, enter), response_serializer=encode
            )
        one = decoding.of_one(handler.unary_unary, decode)
        return grpc.unary_unary_rpc_method_handler(
            self._unary(one, method, enter), response_serializer=encode
        )

    def _unary(self, behavior: Any, method: str, enter: Enter | None) -> Any:
        limits, calls, asks = self._limits, self._calls, self._access is not None
        present = callers.present

        async def handle(request: Any, context: Context) -> Any:
            flow = present().flow or context.peer() if asks else context.peer()
            if not calls.enter(flow):
                refusal = _too_many("calls in flight", limits.calls, "--max-calls")
                await statuses.abort(context, refusal, method)
            flows.enter(flow)
            turn = self._overdue.begin()
            try:
                if enter is not None and (entering := enter(context)) is not None:
                    await entering
                return await behavior(request, context)
            except grpc.aio.AbortError:
                raise
            except asyncio.CancelledError:
                # A client that left is not answered; one that waited too long is.
                reason = self._reason(turn)
                if reason is None:
                    raise
                turn.task.uncancel()
                await statuses.abort(context, reason, method)
            except Exception as error:  # noqa: BLE001  # whatever it is, the caller gets a status
                await statuses.abort(context, error, method)
            finally:
                self._overdue.end(turn)
                calls.leave(flow)

        return handle

    def _reason(self, turn: Turn) -> errors.ApiError | None:
        """Return why we have ended a call, ``None`` when we have not."""
        if turn.is_cut_off:
            message = f"{_SHUTTING_DOWN} and waits no longer (--grace); a write may still happen"
            return errors.OutcomeUnknown(message)
        if turn.is_late:
            message = (
                f"the call did not finish within {self._limits.seconds:g} s (--call-timeout); "
                "a write may still happen"
            )
            return errors.Timeout(message)
        return None

    def _stream(self, behavior: Any, method: str, enter: Enter | None) -> Any:
        async def handle(request: Any, context: Context) -> AsyncIterator[Any]:
            flow = self._flow(context)
            await self._open(flow, context, method)
            task = asyncio.current_task()
            assert task is not None  # noqa: S101  # a coroutine runs in a task
            stream = _Stream(task)
            self._streams.add(stream)
            try:
                await _let_in(stream, enter, context)
                responses = behavior(request, context)
                if inspect.isawaitable(responses):
                    # Such a handler (health's Watch) writes to the context by itself.
                    await responses
                    return
                async with contextlib.aclosing(responses):
                    while (end := self._end_of(stream)) is None:
                        response = await self._next(stream, responses)
                        if response is None:
                            return
                        if stream.refusal is None:
                            yield response
                raise end
            except grpc.aio.AbortError:
                raise
            except asyncio.CancelledError:
                # A client that left is not answered. A server that leaves says so.
                reason = self._end_of(stream)
                if reason is None:
                    raise
                task.uncancel()
                await statuses.abort(context, reason, method)
            except Exception as error:  # noqa: BLE001  # whatever it is, the caller gets a status
                await statuses.abort(context, error, method)
            finally:
                self._streams.discard(stream)
                self._open_streams.leave(flow)

        return handle

    async def _open(self, flow: Flow, context: Context, method: str) -> None:
        """Let a stream in where there is room, and else end it."""
        if not self._open_streams.enter(flow):
            refusal = _too_many("open streams", self._limits.streams, "--max-streams")
            await statuses.abort(context, refusal, method)
        flows.enter(flow)

    async def _next(self, stream: _Stream, responses: AsyncIterator[Any]) -> Any:
        """Return what a stream sends next, ``None`` at its end."""
        stream.waits = True
        response = await anext(responses, None)
        # It may have been written after a right was taken away.
        if self._access is not None and (rights := self._access.settled()) is not None:
            await rights
        stream.waits = False
        return response

    def _end_of(self, stream: _Stream) -> errors.ApiError | None:
        """Return why a stream ends here, ``None`` when it goes on."""
        if stream.refusal is not None:
            return stream.refusal
        return _shutting_down() if self._ending else None


async def _let_in(stream: _Stream, enter: Enter | None, context: Context) -> None:
    if enter is not None:
        stream.standing = Standing()
        entering = enter(context, stream.standing)
        if entering is not None:
            await entering


def _nothing(_: str) -> None:
    return None


def _too_many(what: str, limit: int, flag: str) -> errors.TooManyRequests:
    message = f"too many {what}: the limit is {limit} ({flag}); try again later"
    return errors.TooManyRequests(message, retry_after=1)


def _shutting_down() -> errors.Unavailable:
    return errors.Unavailable(_SHUTTING_DOWN, retry_after=1)
