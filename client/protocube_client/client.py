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

import logging
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Self, TypeVar, Unpack, overload

from google.protobuf.message import Message

from protocube import errors
from protocube.catalog import Catalog
from protocube.meta.v1 import object_meta_pb2
from protocube_client import envelopes, target, verbs
from protocube_client.connection.address import DEFAULT_SERVER
from protocube_client.connection.connection import Connection
from protocube_client.listing import Listing, Page

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable
    from types import TracebackType

    from protocube_client.connection.transport import Transport
    from protocube_client.options import (
        DeletionOptions,
        NamedDeletionOptions,
        PagedSelection,
        Selection,
        WriteOptions,
    )
    from protocube_client.request import Request
    from protocube_client.target import Target
    from protocube_client.watching import WatchEvent

M = TypeVar("M", bound=Message)

# A list whose pages take longer than the server keeps history starts again, so often.
_LIST_ATTEMPTS = 3

_log = logging.getLogger("protocube_client")


class Client:
    """A client of one server. Use it as an async context manager; calls may overlap."""

    def __init__(
        self,
        server: str | Connection = DEFAULT_SERVER,
        *,
        catalog: Catalog | None = None,
        transport: Transport | None = None,
        timeout: float | None = None,
        on_warning: Callable[[str], None] | None = None,
    ) -> None:
        """Prepare a client of ``server``: an address, or a connection that its opener closes.

        ``catalog`` holds the kinds (those that are shipped, by default),
        ``transport`` how the connection to an address is secured (by default, in
        plaintext on loopback and with TLS elsewhere), ``timeout`` is the seconds a
        call may take with all its attempts, ``on_warning`` takes each warning of the
        server (they are logged, by default). Raises what :class:`Connection` raises.
        """
        self._owned = isinstance(server, str)
        self.connection = (
            Connection(server, transport=transport, timeout=timeout)
            if isinstance(server, str)
            else server
        )
        self.catalog = catalog or Catalog.shipped(comments=False)
        self._on_warning = on_warning or _log.warning

    async def __aenter__(self) -> Self:
        """Return the client."""
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close it."""
        await self.close()

    async def close(self) -> None:
        """End all calls and close the connection, if the client opened it."""
        if self._owned:
            await self.connection.close()

    async def create(self, item: M, **options: Unpack[WriteOptions]) -> M:
        """Create ``item`` and give it as the server keeps it.

        Raises ``errors.AlreadyExists``, ``errors.Invalid`` and
        ``errors.NotFound`` (its namespace). With a ``request_id``, which
        every write takes, a call that is repeated after ``errors.OutcomeUnknown`` is
        carried out once; see docs/clients/python.md.
        """
        found = self._of(item)
        return found.parse(await self._send(verbs.create(found, item, **options)))

    async def update(self, item: M, **options: Unpack[WriteOptions]) -> M:
        """Replace an object by ``item``, which carries the resource version it was read at.

        Raises ``errors.Conflict`` when the object was changed since,
        ``errors.Invalid`` and ``errors.NotFound``.
        """
        found = self._of(item)
        return found.parse(await self._send(verbs.update(found, item, **options)))

    async def update_status(self, item: M, **options: Unpack[WriteOptions]) -> M:
        """Replace the status of an object by that of ``item``; nothing else is written.

        Raises what :meth:`update` raises, and ``errors.MethodNotSupported`` for
        a kind without a status of its own.
        """
        found = self._of(item)
        return found.parse(await self._send(verbs.update_status(found, item, **options)))

    @overload
    async def get(self, kind: type[M], name: str, *, namespace: str = "") -> M: ...

    @overload
    async def get(self, kind: str, name: str, *, namespace: str = "") -> Message: ...

    async def get(self, kind: type[M] | str, name: str, *, namespace: str = "") -> M | Message:
        """Return the object ``name``; an empty ``namespace`` means ``default``.

        Raises ``errors.NotFound``.
        """
        found = target.of(self.catalog, kind)
        return found.parse(await self._send(verbs.get(found, name, namespace=namespace)))

    @overload
    async def list(self, kind: type[M], **selection: Unpack[PagedSelection]) -> Listing[M]: ...

    @overload
    async def list(self, kind: str, **selection: Unpack[PagedSelection]) -> Listing[Message]: ...

    async def list(
        self, kind: type[M] | str, **selection: Unpack[PagedSelection]
    ) -> Listing[M] | Listing[Message]:
        """Return all objects of a kind as they were at one revision.

        Pages are followed; when their revision is compacted meanwhile the list
        is read anew.
        """
        for attempt in range(_LIST_ATTEMPTS):
            items: list[Any] = []
            version = ""
            try:
                async with aclosing(self.pages(kind, **selection)) as pages:
                    async for page in pages:
                        items.extend(page.items)
                        version = page.resource_version
            except errors.Expired:
                if attempt == _LIST_ATTEMPTS - 1:
                    raise
                continue
            return Listing(items=tuple(items), resource_version=version)
        raise AssertionError("the last attempt returns or raises")

    @overload
    def pages(
        self, kind: type[M], **selection: Unpack[PagedSelection]
    ) -> AsyncGenerator[Page[M], None]: ...

    @overload
    def pages(
        self, kind: str, **selection: Unpack[PagedSelection]
    ) -> AsyncGenerator[Page[Message], None]: ...

    async def pages(
        self, kind: type[M] | str, **selection: Unpack[PagedSelection]
    ) -> AsyncGenerator[Page[Any], None]:
        """Yield the objects of a kind page by page, for more than memory should hold at once.

        All pages are of one revision. Raises ``errors.Expired`` when that is
        compacted before the last page.
        """
        found: Target[Any] = target.of(self.catalog, kind)
        request = verbs.list_page(found, **selection)
        while True:
            page = _page(found, await self._send(request))
            yield page
            if not page.continue_token:
                return
            request = verbs.list_page(found, continue_token=page.continue_token, **selection)

    @overload
    async def delete(
        self, kind: type[M], name: str, **options: Unpack[NamedDeletionOptions]
    ) -> M: ...

    @overload
    async def delete(
        self, kind: str, name: str, **options: Unpack[NamedDeletionOptions]
    ) -> Message: ...

    async def delete(
        self, kind: type[M] | str, name: str, **options: Unpack[NamedDeletionOptions]
    ) -> M | Message:
        """Delete the object ``name`` and give it as it last was.

        Raises ``errors.NotFound``, and ``errors.Conflict`` when a condition
        does not hold. An object with finalizers is given with its deletion
        timestamp, and stays.
        """
        found = target.of(self.catalog, kind)
        return found.parse(await self._send(verbs.delete(found, name, **options)))

    async def delete_collection(
        self, kind: type[Message] | str, selection: Selection, **options: Unpack[DeletionOptions]
    ) -> None:
        """Delete every object that a list of ``selection`` would give, one by one.

        An error leaves the rest as it is.
        """
        found: Target[Message] = target.of(self.catalog, kind)
        await self._send(verbs.delete_collection(found, selection, **options))

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
        watch goes on where it was. Raises ``errors.Expired`` when that point is
        compacted: events were missed, so list or watch anew.
        """
        from protocube_client import watching

        found: Target[Any] = target.of(self.catalog, kind)
        if not resource_version:
            # A list, and not the server's own opening events: when the connection
            # is lost among those, nothing could tell which ones were given already.
            listing: Listing[Any] = await self.list(kind, **selection)
            for item in listing:
                yield watching.WatchEvent(type=watching.EventType.ADDED, object=item)
            resource_version = listing.resource_version
        follow = watching.follow(self.connection, found, selection, resource_version)
        async with aclosing(follow) as events:
            async for event in events:
                yield event

    def _of(self, item: M) -> Target[M]:
        return target.of(self.catalog, type(item))

    async def _send(self, request: Request) -> bytes:
        answer = await request.send(self.connection)
        for warning in answer.warnings:
            self._on_warning(warning)
        return answer.body


def _page(found: Target[Any], body: bytes) -> Page[Any]:
    answer = envelopes.ListAnswer.FromString(body)
    metadata = object_meta_pb2.ListMeta.FromString(answer.metadata)
    return Page(
        items=tuple(found.parse(item) for item in answer.items),
        resource_version=metadata.resource_version,
        continue_token=metadata.continue_token,
    )
