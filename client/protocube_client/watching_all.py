"""Following the objects of several kinds over connections that come and go."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from google.protobuf.message import Message

from protocube.watch.v1 import watches_pb2
from protocube_client import target, verbs, watching
from protocube_client.packing import Objects

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable, Sequence

    from protocube.catalog import Catalog
    from protocube_client.connection.connection import Connection
    from protocube_client.options import WatchAllOptions
    from protocube_client.request import Request
    from protocube_client.target import Target

M = TypeVar("M", bound=Message)

_NEWEST = ("", "0")
"""Versions that stand for the present objects."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedKind:
    """A kind to follow, with selectors of its own."""

    kind: type[Message] | str
    """A message class, or a name as one types it (``pods``, ``po``)."""
    label_selector: str = ""
    """Labels to match; those of the watch when it is empty."""
    field_selector: str = ""
    """Fields to match."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchRevision(Generic[M]):
    """All that one revision did to the kinds watched, or what was there when the watch began."""

    events: tuple[watching.WatchEvent[M], ...]
    """In the order in which they happened; none where a watch only tells how far it is."""
    resource_version: str
    """A watch after this version goes on with what follows."""
    is_initial: bool
    """Whether the events are the objects that were there at this version, as ADDED."""


async def follow(
    connection: Connection,
    catalog: Catalog,
    kinds: Iterable[type[Message] | str | WatchedKind],
    options: WatchAllOptions,
) -> AsyncGenerator[WatchRevision[Any], None]:
    """Yield the revisions that ``options`` ask for, each exactly once.

    Raises what :func:`watching.revisions` raises, and ``errors.NotFound`` for a kind that
    is not known.
    """
    version = options.get("resource_version", "")
    is_said = options.get("send_initial_events")
    named, targets = _named(catalog, kinds)

    def request(version: str, *, with_objects: bool = False) -> Request:
        return verbs.watch_all(
            named, options, resource_version=version, send_initial_events=with_objects
        )

    first = request(version, with_objects=version in _NEWEST if is_said is None else is_said)
    objects = Objects(catalog, targets)
    found = watching.revisions(connection, watches_pb2.WatchManyResponse, first, request)
    async with aclosing(found) as answers:
        async for parts in answers:
            revision = _revision(parts, objects, version)
            version = revision.resource_version
            if revision.events or revision.is_initial or options.get("send_progress"):
                yield revision


def _named(
    catalog: Catalog, kinds: Iterable[type[Message] | str | WatchedKind]
) -> tuple[list[watches_pb2.WatchedKind], list[Target[Any]]]:
    named, targets = [], []
    for kind in kinds:
        watched = kind if isinstance(kind, WatchedKind) else WatchedKind(kind=kind)
        found: Target[Any] = target.of(catalog, watched.kind)
        targets.append(found)
        named.append(
            watches_pb2.WatchedKind(
                message=found.resource.message,
                label_selector=watched.label_selector,
                field_selector=watched.field_selector,
            )
        )
    return named, targets


def _revision(parts: Sequence[Any], objects: Objects, before: str) -> WatchRevision[Any]:
    return WatchRevision(
        events=tuple(watching.events(parts, objects.unpacked, before)),
        resource_version=parts[-1].resource_version,
        is_initial=parts[-1].initial_events_end,
    )
