"""Following a kind over connections that come and go."""

from __future__ import annotations

import asyncio
import enum
import random
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from google.protobuf.message import Message

from protocube import errors
from protocube.meta.v1 import requests_pb2
from protocube_client import envelopes

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from protocube_client.connection.connection import Connection
    from protocube_client.target import Target

M = TypeVar("M", bound=Message)

_SHORTEST_PAUSE_SECONDS = 0.05
_LONGEST_PAUSE_SECONDS = 5.0


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
    connection: Connection, target: Target[M], request: requests_pb2.WatchRequest
) -> AsyncGenerator[WatchEvent[M], None]:
    """Give the events after ``request.resource_version``, each exactly once.

    A response carries whole revisions, so the version of the last response is
    where to go on after a lost or ended stream. A revision too large for one message
    comes in several, of which only the last has a version: they are given together.
    Raises ``errors.Expired`` and every other error that trying again cannot mend.
    """
    position = requests_pb2.WatchRequest()
    position.CopyFrom(request)
    method = target.method("Watch")
    failures = 0
    while True:
        try:
            stream = connection.stream(method, position.SerializeToString())
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
                    position.resource_version = answer.resource_version
                    parts = []
        except (errors.Unavailable, errors.TooManyRequests) as error:
            await asyncio.sleep(max(error.retry_after or 0.0, _pause(failures)))
        else:
            # The server ended the stream, as it does when it leaves.
            await asyncio.sleep(_pause(failures))
        failures += 1


def _pause(failures: int) -> float:
    """Give the seconds to wait: doubling, and spread so that clients do not return as one."""
    longest: float = min(_SHORTEST_PAUSE_SECONDS * 2 ** min(failures, 16), _LONGEST_PAUSE_SECONDS)
    return longest * random.uniform(0.5, 1.0)  # noqa: S311  # not for secrets
