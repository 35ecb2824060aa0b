"""Following a kind over connections that come and go."""

from __future__ import annotations

import enum
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from google.protobuf.message import Message

from protocube import errors
from protocube.meta.v1 import requests_pb2
from protocube_client import backoff, envelopes, verbs

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from protocube_client.connection.connection import Connection
    from protocube_client.options import Selection
    from protocube_client.target import Target

M = TypeVar("M", bound=Message)


class EventType(enum.StrEnum):
    """What happened to an object."""

    ADDED = "ADDED"
    """It was created, or existed when the watch began, or now matches the selector."""
    MODIFIED = "MODIFIED"
    """It was changed."""
    DELETED = "DELETED"
    """It was deleted, or no longer matches the selector."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchEvent(Generic[M]):
    """One event; ``object`` is the state after it, or for a deletion the last one."""

    type: EventType
    object: M


_TYPES = {
    requests_pb2.EVENT_TYPE_ADDED: EventType.ADDED,
    requests_pb2.EVENT_TYPE_MODIFIED: EventType.MODIFIED,
    requests_pb2.EVENT_TYPE_DELETED: EventType.DELETED,
}


async def follow(
    connection: Connection, target: Target[M], selection: Selection, resource_version: str
) -> AsyncGenerator[WatchEvent[M], None]:
    """Yield the events after ``resource_version``, each exactly once.

    A response carries whole revisions, so the version of the last response is
    where to go on after a lost or ended stream. A revision too large for one message
    comes in several, of which only the last has a version: they are given together.
    A server that has no room for the stream is asked again for as long as it takes,
    after the delay that it asks for. Raises ``errors.Expired`` and every other error
    that trying again cannot mend.
    """
    failures = 0
    while True:
        request = verbs.watch(target, resource_version=resource_version, **selection)
        try:
            stream = connection.stream(request.method, request.body)
            async with aclosing(stream):
                parts: list[Any] = []
                async for data in stream:
                    failures = 0
                    answer = envelopes.WatchAnswer.FromString(data)
                    parts.append(answer)
                    if not answer.resource_version:
                        continue
                    for event in (event for part in parts for event in part.events):
                        yield WatchEvent(type=_TYPES[event.type], object=target.parse(event.object))
                    resource_version = answer.resource_version
                    parts = []
        except (errors.Unavailable, errors.TooManyRequests) as error:
            await backoff.wait(max(backoff.requested(error) or 0.0, backoff.doubling(failures)))
        else:
            # The server ended the stream, as it does when it leaves.
            await backoff.wait(backoff.doubling(failures))
        failures += 1
