"""Following a kind over connections that come and go."""

from __future__ import annotations

import enum
import logging
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from google.protobuf.message import Message

from protocube import errors
from protocube.meta.v1 import requests_pb2
from protocube_client import backoff, envelopes, verbs

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterator, Sequence

    from protocube_client.connection.connection import Connection
    from protocube_client.options import Selection
    from protocube_client.request import Request
    from protocube_client.target import Target

M = TypeVar("M", bound=Message)

_log = logging.getLogger("protocube_client")


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
    """One event: its ``type``, and the ``object`` after it, or for a deletion its last state."""

    type: EventType
    object: M
    resource_version: str = ""
    """A watch after this version misses nothing that comes after this event. Of events that
    belong together, as what one write did and the objects that were there at first, all but the
    last one have the version before them, and it is empty where there is none: who stops among
    them gets them again."""


TYPES = {
    requests_pb2.EVENT_TYPE_ADDED: EventType.ADDED,
    requests_pb2.EVENT_TYPE_MODIFIED: EventType.MODIFIED,
    requests_pb2.EVENT_TYPE_DELETED: EventType.DELETED,
}
"""By the numbers of ``protocube.meta.v1.EventType``."""


async def follow(
    connection: Connection, target: Target[M], selection: Selection, resource_version: str
) -> AsyncGenerator[WatchEvent[M], None]:
    """Yield the events after ``resource_version``, each exactly once.

    Raises what :func:`revisions` raises.
    """

    def after(version: str) -> Request:
        return verbs.watch(target, resource_version=version, **selection)

    found = revisions(connection, envelopes.WatchAnswer, after(resource_version), after)
    version = resource_version
    async with aclosing(found) as answers:
        async for parts in answers:
            before, version = version, parts[-1].resource_version
            for event in events(parts, target.parse, before):
                yield event


def events(
    parts: Sequence[Any], parse: Callable[[Any], Any], before: str
) -> Iterator[WatchEvent[Any]]:
    """Yield the events of a revision; ``before`` is the version before it."""
    found = [event for part in parts for event in part.events]
    for number, event in enumerate(found, 1):
        yield WatchEvent(
            type=TYPES[event.type],
            object=parse(event.object),
            resource_version=parts[-1].resource_version if number == len(found) else before,
        )


async def revisions(
    connection: Connection,
    answer_class: type[Any],
    first: Request,
    after: Callable[[str], Request],
) -> AsyncGenerator[Sequence[Any], None]:
    """Yield the answers to ``first``, in the parts that make up a whole revision.

    The version of such a part, which only the last one has, is where to go on after a
    lost or ended stream: by the request that ``after`` makes of it, so that each revision
    is given exactly once. Until there is such a version, ``first`` is sent again, and the
    parts that were received are dropped. A server that has no room for the stream is
    asked again for as long as it takes, after the delay that it asks for. Raises
    ``errors.Expired`` and every other error that trying again cannot mend.
    """
    request = first
    failures = 0
    while True:
        try:
            stream = connection.stream(request.method, request.body)
            async with aclosing(stream):
                parts: list[Any] = []
                async for data in stream:
                    failures = 0
                    parts.append(answer_class.FromString(data))
                    version = parts[-1].resource_version
                    if not version:
                        continue
                    yield parts
                    request = after(version)
                    parts = []
        except (errors.Unavailable, errors.TooManyRequests) as error:
            ended: object = error
            delay = max(backoff.requested(error) or 0.0, backoff.doubling(failures))
        else:
            # The server ended the stream, as it does when it leaves.
            ended = "the server ended the stream"
            delay = backoff.doubling(failures)
        _log.debug("%s: again in %.2f s, because: %s", request.method, delay, ended)
        await backoff.wait(delay)
        failures += 1
