"""Many writes in one stream, which is taken up again where it breaks.

    writes = [bulk.create(pod), bulk.update(config_map), bulk.delete(Pod, "old")]
    async for outcome in client.bulk(writes):
        if outcome.error is not None:
            print(outcome.number, outcome.error)

docs/bulk.md says what a stream promises.
"""

from __future__ import annotations

import asyncio
import uuid
from collections import deque
from collections.abc import AsyncIterable, Callable, Iterable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Unpack

from google.protobuf import any_pb2
from google.rpc import status_pb2

from protocube import errors
from protocube.bulk.v1 import bulk_pb2
from protocube_client import backoff, target, verbs
from protocube_client.connection.unreachable import CannotConnect
from protocube_client.packing import Objects

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from google.protobuf.message import Message

    from protocube.catalog import Catalog
    from protocube_client.connection.connection import Connection
    from protocube_client.options import (
        ApplyOptions,
        BulkOptions,
        NamedDeletionOptions,
        PatchData,
        PatchOptions,
    )
    from protocube_client.request import Request

Write = Callable[["Catalog"], bulk_pb2.Write]
"""One write of a stream, as :func:`create` and the other functions of this module make it."""

_METHOD: Final = "/protocube.bulk.v1.Bulk/Write"
_PREFIX: Final = "type.googleapis.com/"
_MOST: Final = 500
"""Writes of one request, unless it is atomic."""
_BYTES: Final = 2 * 1024 * 1024
"""Bytes of one request from which on nothing is added to it."""
_AHEAD: Final = 2
"""Requests that are sent before the first of them is answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one write."""

    number: int
    """Of the write in the stream, counted from 0."""
    error: errors.ApiError | None = None
    """Why it failed: what a call of its own would have raised. ``None`` when it is done."""
    namespace: str = ""
    """Of the object that was written, as the next three."""
    name: str = ""
    """Its name, also where the server made it."""
    uid: str = ""
    """Its uid."""
    resource_version: str = ""
    """The version that the write gave it."""
    object: Message | None = None
    """As the server keeps it, with ``include_objects``."""
    warnings: tuple[str, ...] = ()
    """What the server warns of."""


def create(item: Message) -> Write:
    """Return the write that creates ``item``."""
    return lambda _: bulk_pb2.Write(create=_packed(item))


def update(item: Message) -> Write:
    """Return the write that replaces an object by ``item``."""
    return lambda _: bulk_pb2.Write(update=_packed(item))


def update_status(item: Message) -> Write:
    """Return the write that replaces the status of an object by that of ``item``."""
    return lambda _: bulk_pb2.Write(update_status=_packed(item))


def patch(
    kind: type[Message] | str,
    name: str,
    change: PatchData | Message,
    **options: Unpack[PatchOptions],
) -> Write:
    """Return the write that changes parts of the object ``name``; see ``Client.patch``."""
    return _calling(kind, lambda found: verbs.patch(found, name, change, **options))


def apply(item: Message, **options: Unpack[ApplyOptions]) -> Write:
    """Return the write that applies a manager's wishes; see ``Client.apply``."""
    return _calling(type(item), lambda found: verbs.apply(found, item, **options))


def delete(kind: type[Message] | str, name: str, **options: Unpack[NamedDeletionOptions]) -> Write:
    """Return the write that deletes the object ``name``; see ``Client.delete``."""
    return _calling(kind, lambda found: verbs.delete(found, name, **options))


async def outcomes(
    connection: Connection,
    catalog: Catalog,
    writes: Iterable[Write] | AsyncIterable[Write],
    **options: Unpack[BulkOptions],
) -> AsyncGenerator[Outcome, None]:
    """Yield the outcome of each write, in their order; see ``Client.bulk``."""
    stream = _Stream(connection, catalog, writes, options, Objects(catalog))
    async with aclosing(stream.outcomes()) as found:
        async for outcome in found:
            yield outcome


class _Kept:
    """Requests of which none is lost when a connection breaks that waits for the next one."""

    def __init__(self, requests: AsyncIterator[bulk_pb2.WriteRequest]) -> None:
        self._requests = requests
        self._waiting: asyncio.Task[bulk_pb2.WriteRequest | None] | None = None

    async def next(self) -> bulk_pb2.WriteRequest | None:
        """Return the next request, ``None`` behind the last one. It stays so until it is taken."""
        if self._waiting is None:
            self._waiting = asyncio.ensure_future(self._next())
        return await asyncio.shield(self._waiting)

    def take(self) -> None:
        """Take what :meth:`next` has returned."""
        self._waiting = None

    async def _next(self) -> bulk_pb2.WriteRequest | None:
        return await anext(self._requests, None)

    async def close(self) -> None:
        """Ask for no more."""
        if self._waiting is not None:
            self._waiting.cancel()
            await asyncio.wait({self._waiting})


@dataclass(slots=True)
class _Sent:
    """A request that is not answered to its end."""

    request: bulk_pb2.WriteRequest
    answered: int = 0
    """Outcomes that came by the present connection."""
    told: int = 0
    """Outcomes that were yielded."""


@dataclass(slots=True)
class _Stream:
    """The writes on their way, over connections that come and go."""

    connection: Connection
    catalog: Catalog
    writes: Iterable[Write] | AsyncIterable[Write]
    options: BulkOptions
    objects: Objects
    open: deque[_Sent] = field(default_factory=deque)
    told: int = 0
    is_answered: asyncio.Event = field(default_factory=asyncio.Event)
    connections: int = 0
    """How many there were, the present one included."""

    async def outcomes(self) -> AsyncGenerator[Outcome, None]:
        """Yield them. Raises what ends the stream for good."""
        left = _Kept(self._requests())
        try:
            async with aclosing(self._resumed(left)) as found:
                async for outcome in found:
                    yield outcome
        finally:
            await left.close()

    async def _resumed(self, left: _Kept) -> AsyncGenerator[Outcome, None]:
        loop = asyncio.get_running_loop()
        patience = self.options.get("patience", 60.0)
        repeats = self.options.get("request_ids", True)
        failures, since, is_known = 0, loop.time(), False
        while True:
            for each in self.open:
                each.answered = 0
            try:
                responses = self.connection.converse(_METHOD, self._sending(left))
                async with aclosing(responses) as answers:
                    async for answer in answers:
                        failures, since, is_known = 0, loop.time(), True
                        for outcome in self._taken(bulk_pb2.WriteResponse.FromString(answer)):
                            yield outcome
            except (errors.Unavailable, errors.TooManyRequests) as error:
                # A server that was never there is told at once.
                is_first = isinstance(error, CannotConnect) and not is_known
                # A limit that passes is one that says so.
                passes = isinstance(error, errors.Unavailable) or error.retry_after
                if is_first or not passes or not repeats or loop.time() - since > patience:
                    raise
                await backoff.wait(backoff.doubling(failures))
                failures += 1
                continue
            if not self.open:
                return
            raise errors.OutcomeUnknown("the stream ended before all of its writes were answered")

    async def _sending(self, left: _Kept) -> AsyncIterator[bytes]:
        """Yield what a new connection has to send: what is open, and then what is left."""
        self.connections += 1
        own = self.connections
        for each in tuple(self.open):
            yield each.request.SerializeToString()
        while True:
            while len(self.open) >= _AHEAD:
                self.is_answered.clear()
                await self.is_answered.wait()
            request = await left.next()
            # gRPC may still ask for the requests of a connection that is gone.
            if request is None or own != self.connections:
                return
            left.take()
            self.open.append(_Sent(request))
            yield request.SerializeToString()

    async def _requests(self) -> AsyncGenerator[bulk_pb2.WriteRequest, None]:
        """Yield the requests that the writes make up."""
        options = self.options
        is_atomic = options.get("atomic", False)
        identity = str(uuid.uuid4()) if options.get("request_ids", True) else ""
        head = bulk_pb2.WriteRequest(
            atomic=is_atomic,
            dry_run=options.get("dry_run", False),
            field_manager=options.get("field_manager", ""),
            field_validation=verbs.validation(options.get("validation", "strict")),
            include_objects=options.get("include_objects", False),
        )
        number = 0
        request, size = bulk_pb2.WriteRequest(), 0

        def finished() -> bulk_pb2.WriteRequest:
            nonlocal number
            request.MergeFrom(head)
            request.request_id = f"{identity}.{number}" if identity else ""
            number += 1
            return request

        async for write in _each(self.writes):
            made = write(self.catalog)
            request.writes.append(made)
            size += made.ByteSize()
            if not is_atomic and (len(request.writes) == _MOST or size >= _BYTES):
                yield finished()
                request, size = bulk_pb2.WriteRequest(), 0
        if request.writes:
            yield finished()

    def _taken(self, response: bulk_pb2.WriteResponse) -> Iterable[Outcome]:
        """Return what of a response was not yielded yet."""
        if not self.open:
            raise errors.Internal("the server answers more writes than it was given")
        sent = self.open[0]
        found: list[Outcome] = []
        for outcome in response.outcomes:
            sent.answered += 1
            if sent.answered > sent.told:
                sent.told += 1
                found.append(self._outcome(outcome))
        if sent.answered >= len(sent.request.writes):
            self.open.popleft()
            self.is_answered.set()
        return found

    def _outcome(self, outcome: bulk_pb2.Outcome) -> Outcome:
        number, self.told = self.told, self.told + 1
        warnings = tuple(outcome.warnings)
        if outcome.WhichOneof("outcome") == "failure":
            failure = outcome.failure
            status = status_pb2.Status(
                code=failure.code, message=failure.message, details=failure.details
            )
            return Outcome(number=number, error=errors.from_status(status), warnings=warnings)
        written = outcome.written
        return Outcome(
            number=number,
            namespace=written.namespace,
            name=written.name,
            uid=written.uid,
            resource_version=written.resource_version,
            object=self.objects.unpacked(written.object) if written.HasField("object") else None,
            warnings=warnings,
        )


def _packed(item: Message) -> any_pb2.Any:
    name = item.DESCRIPTOR.full_name
    return any_pb2.Any(
        type_url=f"{_PREFIX}{name}", value=item.SerializeToString(deterministic=True)
    )


def _calling(kind: type[Message] | str, request: Callable[[target.Target[Any]], Request]) -> Write:
    def write(catalog: Catalog) -> bulk_pb2.Write:
        found = target.of(catalog, kind)
        made = request(found)
        method = made.method.rpartition("/")[2]
        name = found.resource.request_class(method).DESCRIPTOR.full_name
        packed = any_pb2.Any(type_url=f"{_PREFIX}{name}", value=made.body)
        call = bulk_pb2.MethodCall(method=made.method.removeprefix("/"), request=packed)
        return bulk_pb2.Write(call=call)

    return write


async def _each(writes: Iterable[Write] | AsyncIterable[Write]) -> AsyncIterator[Write]:
    if isinstance(writes, AsyncIterable):
        async for write in writes:
            yield write
    else:
        for write in writes:
            yield write
