"""Many writes in one stream, which is taken up again where it breaks.

    writes = [bulk.create(pod), bulk.update(config_map), bulk.delete(Pod, "old")]
    async for outcome in client.bulk(writes):
        if outcome.error is not None:
            print(outcome.number, outcome.error)

docs/bulk.md says what a stream promises.
"""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterable, Callable, Iterable
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Unpack

from google.protobuf import any_pb2
from google.rpc import status_pb2

from protocube import errors
from protocube.bulk.v1 import bulk_pb2
from protocube_client import target, verbs
from protocube_client.bulk_stream import BulkStream
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

_PREFIX: Final = "type.googleapis.com/"
_MOST: Final = 500
"""Writes of one request, unless it is atomic."""
_BYTES: Final = 2 * 1024 * 1024
"""Bytes of one request from which on nothing is added to it."""


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


def request(
    writes: Iterable[bulk_pb2.Write] = (),
    *,
    request_id: str,
    atomic: bool = False,
    dry_run: bool = False,
) -> bulk_pb2.WriteRequest:
    """Return the request of some writes that are told of with their objects."""
    return bulk_pb2.WriteRequest(
        writes=writes,
        request_id=request_id,
        atomic=atomic,
        dry_run=dry_run,
        include_objects=True,
    )


async def outcomes(
    connection: Connection,
    catalog: Catalog,
    writes: Iterable[Write] | AsyncIterable[Write],
    **options: Unpack[BulkOptions],
) -> AsyncGenerator[Outcome, None]:
    """Yield the outcome of each write, in their order; see ``Client.bulk``."""
    objects = Objects(catalog)
    repeats = options.get("request_ids", True)
    stream = BulkStream(
        connection,
        _requests(catalog, writes, options),
        patience=options.get("patience", 60.0) if repeats else 0.0,
    )
    number = 0
    async with aclosing(stream.outcomes()) as found:
        async for outcome in found:
            yield _outcome(number, outcome, objects)
            number += 1


async def _requests(
    catalog: Catalog, writes: Iterable[Write] | AsyncIterable[Write], options: BulkOptions
) -> AsyncGenerator[bulk_pb2.WriteRequest, None]:
    """Yield the requests that the writes make up."""
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

    async for write in _each(writes):
        made = write(catalog)
        request.writes.append(made)
        size += made.ByteSize()
        if not is_atomic and (len(request.writes) == _MOST or size >= _BYTES):
            yield finished()
            request, size = bulk_pb2.WriteRequest(), 0
    if request.writes:
        yield finished()


def failure(outcome: bulk_pb2.Outcome) -> errors.ApiError | None:
    """Return why a write failed, ``None`` when it is done."""
    if outcome.WhichOneof("outcome") != "failure":
        return None
    failed = outcome.failure
    return errors.from_status(
        status_pb2.Status(code=failed.code, message=failed.message, details=failed.details)
    )


def _outcome(number: int, outcome: bulk_pb2.Outcome, objects: Objects) -> Outcome:
    warnings = tuple(outcome.warnings)
    error = failure(outcome)
    if error is not None:
        return Outcome(number=number, error=error, warnings=warnings)
    written = outcome.written
    return Outcome(
        number=number,
        namespace=written.namespace,
        name=written.name,
        uid=written.uid,
        resource_version=written.resource_version,
        object=objects.unpacked(written.object) if written.HasField("object") else None,
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
