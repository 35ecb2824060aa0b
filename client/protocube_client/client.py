"""The client of any kind, typed by the message class that it is called with.

    async with Client("127.0.0.1:7443") as client:
        pod = await client.get(Pod, "web", namespace="team-a")   # a Pod, for mypy too
        async for event in client.watch(Pod, namespace="team-a"):
            ...

A kind is a message class, or a name as one types it (``"pods"``, ``"po"``); with a
name the objects are plain messages of the catalog's own classes. Every method raises
the exceptions of :mod:`protocube.errors`. A call that a server without room refuses is
sent again after the delay that the server asks for, within the bounds that
:meth:`protocube_client.request.Request.send` states.
"""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING, Any, TypeVar, Unpack, overload

from google.protobuf.message import Message

from protocube import errors
from protocube.meta.v1 import object_meta_pb2
from protocube_client import envelopes, target, verbs
from protocube_client.listing import Listing, Page
from protocube_client.writing import Writing

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterable, Iterable

    from protocube_client import bulk as bulks
    from protocube_client.calling import M
    from protocube_client.options import (
        BulkOptions,
        ListOptions,
        PagedSelection,
        ReadOptions,
        Selection,
        WatchAllOptions,
    )
    from protocube_client.target import Target
    from protocube_client.watching import WatchEvent
    from protocube_client.watching_all import WatchedKind, WatchRevision

A = TypeVar("A", bound=Message)
B = TypeVar("B", bound=Message)
C = TypeVar("C", bound=Message)

# A list whose pages take longer than the server keeps history starts again, so often.
_LIST_ATTEMPTS = 3


class Client(Writing):
    """A client of one server. Use it as an async context manager; calls may overlap."""

    @overload
    async def get(self, kind: type[M], name: str, **options: Unpack[ReadOptions]) -> M: ...

    @overload
    async def get(self, kind: str, name: str, **options: Unpack[ReadOptions]) -> Message: ...

    async def get(
        self, kind: type[M] | str, name: str, **options: Unpack[ReadOptions]
    ) -> M | Message:
        """Return the object ``name``; an empty ``namespace`` means ``default``.

        With ``include_managed_fields`` it says who owns which of its fields; ``at_revision``
        is the version of the store at which it is read. Raises ``errors.NotFound``, and
        ``errors.Expired`` for a version that is older than the server's history.
        """
        found = target.of(self.catalog, kind)
        return found.parse(await self._send(verbs.get(found, name, **options)))

    @overload
    async def list(self, kind: type[M], **selection: Unpack[ListOptions]) -> Listing[M]: ...

    @overload
    async def list(self, kind: str, **selection: Unpack[ListOptions]) -> Listing[Message]: ...

    async def list(
        self, kind: type[M] | str, **selection: Unpack[ListOptions]
    ) -> Listing[M] | Listing[Message]:
        """Return the objects of a kind as they were at one revision: all, or ``limit`` of them.

        Pages are followed; when their revision is compacted meanwhile the list is read anew,
        unless an ``at_revision`` or a ``continue_token`` names it: then ``errors.Expired`` is
        raised.
        """
        limit = selection.get("limit", 0)
        paged: Any = {key: value for key, value in selection.items() if key != "limit"}
        is_named = bool(paged.get("at_revision") or paged.get("continue_token"))
        for attempt in range(_LIST_ATTEMPTS):
            try:
                items: list[Any] = []
                async with aclosing(self._pages(kind, paged, limit)) as pages:
                    async for page in pages:
                        items.extend(page.items)
                return Listing(
                    items=tuple(items),
                    resource_version=page.resource_version,
                    continue_token=page.continue_token,
                )
            except errors.Expired:
                if attempt == _LIST_ATTEMPTS - 1 or is_named:
                    raise
        raise AssertionError("the last attempt returns or raises")

    @overload
    def pages(
        self, kind: type[M], **selection: Unpack[PagedSelection]
    ) -> AsyncGenerator[Page[M], None]: ...

    @overload
    def pages(
        self, kind: str, **selection: Unpack[PagedSelection]
    ) -> AsyncGenerator[Page[Message], None]: ...

    def pages(
        self, kind: type[M] | str, **selection: Unpack[PagedSelection]
    ) -> AsyncGenerator[Page[Any], None]:
        """Yield the objects of a kind page by page, for more than memory should hold at once.

        All pages are of one revision. Raises ``errors.Expired`` when that is
        compacted before the last page.
        """
        return self._pages(kind, selection)

    async def _pages(
        self, kind: type[M] | str, selection: PagedSelection, limit: int = 0
    ) -> AsyncGenerator[Page[Any], None]:
        """Yield pages until there are no more, or they have ``limit`` objects."""
        found: Target[Any] = target.of(self.catalog, kind)
        left, size = limit, selection.get("page_size", 0)
        while True:
            if limit:
                selection = {**selection, "page_size": min(size or left, left)}
            page = _page(found, await self._send(verbs.list_page(found, **selection)))
            yield page
            left -= len(page.items)
            if not page.continue_token or (limit and left <= 0):
                return
            selection = {**selection, "continue_token": page.continue_token}

    @overload
    def watch(
        self, kind: type[M], *, resource_version: str = "", **selection: Unpack[Selection]
    ) -> AsyncGenerator[WatchEvent[M], None]: ...

    @overload
    def watch(
        self, kind: str, *, resource_version: str = "", **selection: Unpack[Selection]
    ) -> AsyncGenerator[WatchEvent[Message], None]: ...

    async def watch(
        self, kind: type[M] | str, *, resource_version: str = "", **selection: Unpack[Selection]
    ) -> AsyncGenerator[WatchEvent[Any], None]:
        """Follow the objects of a kind, each event exactly once, until the iterator is closed.

        Without a ``resource_version`` the objects that exist come first, as
        ADDED; with one, what happened after it. A lost connection is made again
        for as long as it takes (bound it with ``asyncio.timeout``), and the
        watch goes on where it was; the logger ``protocube_client`` says so at the level DEBUG.
        The ``resource_version`` of an event is where another watch goes on after it. Raises
        ``errors.Expired`` when that point is compacted: events were missed, so list or watch anew.
        """
        from protocube_client import watching

        found: Target[Any] = target.of(self.catalog, kind)
        if not resource_version:
            # A list, and not the server's own opening events: when the connection
            # is lost among those, nothing could tell which ones were given already.
            listing: Listing[Any] = await self.list(kind, **selection)
            resource_version = listing.resource_version
            for number, item in enumerate(listing, 1):
                yield watching.WatchEvent(
                    type=watching.EventType.ADDED,
                    object=item,
                    resource_version=resource_version if number == len(listing) else "",
                )
        follow = watching.follow(self.connection, found, selection, resource_version)
        async with aclosing(follow) as events:
            async for event in events:
                yield event

    @overload
    def watch_all(
        self, one: type[A], /, **options: Unpack[WatchAllOptions]
    ) -> AsyncGenerator[WatchRevision[A], None]: ...

    @overload
    def watch_all(
        self, one: type[A], two: type[B], /, **options: Unpack[WatchAllOptions]
    ) -> AsyncGenerator[WatchRevision[A | B], None]: ...

    @overload
    def watch_all(
        self, one: type[A], two: type[B], three: type[C], /, **options: Unpack[WatchAllOptions]
    ) -> AsyncGenerator[WatchRevision[A | B | C], None]: ...

    @overload
    def watch_all(
        self, *kinds: type[Message] | str | WatchedKind, **options: Unpack[WatchAllOptions]
    ) -> AsyncGenerator[WatchRevision[Message], None]: ...

    async def watch_all(
        self, *kinds: type[Message] | str | WatchedKind, **options: Unpack[WatchAllOptions]
    ) -> AsyncGenerator[WatchRevision[Any], None]:
        """Follow the objects of several kinds, revision by revision, until it is closed.

        What one write did to objects of several kinds comes together, and revisions come
        in their order. ``kinds`` are message classes, names, or a :class:`WatchedKind` for
        selectors of its own; without any, all kinds that are served when a stream begins
        are followed, and with a ``namespace`` those whose objects have one::

            async for revision in client.watch_all(Pod, Deployment, namespace="team-a"):
                for event in revision.events:
                    print(event.type, event.object.kind, event.object.metadata.name)

        An object is of the class that was named, or else of the generated one if that is
        imported, or of the catalog's. Of a kind that the catalog lacks it is the
        ``google.protobuf.any_pb2.Any`` that the server sent.

        Without a ``resource_version`` the first revision has the present objects, as ADDED
        and all of one moment; with one, there is only what happened after it.
        ``send_initial_events`` says otherwise. A lost connection is made again, as by
        :meth:`watch`, and nothing is lost or repeated.

        Raises ``errors.Expired`` as :meth:`watch` does, ``errors.NotFound`` for a kind that
        is not known here or to the server, and ``errors.BadRequest`` for one that is named
        twice.
        """
        from protocube_client import watching_all

        follow = watching_all.follow(self.connection, self.catalog, kinds, options)
        async with aclosing(follow) as revisions:
            async for revision in revisions:
                yield revision

    async def bulk(
        self,
        writes: Iterable[bulks.Write] | AsyncIterable[bulks.Write],
        **options: Unpack[BulkOptions],
    ) -> AsyncGenerator[bulks.Outcome, None]:
        """Make many writes in one stream, and yield the outcome of each, in their order.

        ``writes`` are made by :mod:`protocube_client.bulk`, and are asked for as the server takes
        them. Each has the outcome that a call of its own would have had; one that fails stops no
        other, unless they are ``atomic``. A stream that breaks is taken up again, and each write is
        carried out once.

        Raises ``errors.Unavailable`` when the server is not there, or stays away for longer than
        the ``patience``; with ``request_ids=False`` as soon as the stream breaks, and then nobody
        knows what became of the writes without an outcome.
        """
        from protocube_client import bulk

        managed: BulkOptions = {"field_manager": self.field_manager, **options}
        found = bulk.outcomes(self.connection, self.catalog, writes, **managed)
        async with aclosing(found) as outcomes:
            async for outcome in outcomes:
                yield outcome


def _page(found: Target[Any], body: bytes) -> Page[Any]:
    answer = envelopes.ListAnswer.FromString(body)
    metadata = object_meta_pb2.ListMeta.FromString(answer.metadata)
    return Page(
        items=tuple(found.parse(item) for item in answer.items),
        resource_version=metadata.resource_version,
        continue_token=metadata.continue_token,
    )
