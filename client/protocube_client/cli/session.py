"""What the asynchronous part of a command works with."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import protocube
from protocube_client.cli.failures import CommandError
from protocube_client.cli.known_kinds import KnownKinds
from protocube_client.connection import token
from protocube_client.connection.connection import Connection

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from protocube.catalog import Catalog, Resource
    from protocube_client.cli.places.places import Places
    from protocube_client.cli.settings.settings import Settings
    from protocube_client.cli.streams import Streams
    from protocube_client.client import Client


@dataclass(frozen=True, kw_only=True)
class Session:
    """A connection to the server, with all that belongs to the run."""

    streams: Streams
    settings: Settings
    connection: Connection
    places: Places
    errors: list[Exception]
    """Where work that goes on whatever fails collects what failed."""
    kinds: KnownKinds

    @property
    def client(self) -> Client:
        """The verbs on objects of the kinds that are known by now.

        A create does without, and without what it imports.
        """
        from protocube_client.client import Client

        return Client(self.connection, catalog=self.catalog, on_warning=self.streams.warn)

    @property
    def tells_changes(self) -> bool:
        """What changes in objects is told: a person is at the terminal, or ``-v`` asks for it."""
        return self.streams.out.isatty() or self.settings.verbosity > 0

    @property
    def catalog(self) -> Catalog:
        """The kinds as far as they are known."""
        return self.kinds.catalog

    def namespace_for(self, resource: Resource, *, everywhere: bool = False) -> str:
        """Return the namespace to look for objects in.

        It is empty for a kind that lives in none, and for any with ``everywhere``.
        """
        return self.settings.namespace if resource.namespaced and not everywhere else ""


async def run(
    work: Callable[[Session], Awaitable[None]],
    *,
    settings: Settings,
    streams: Streams,
    places: Places,
    failed: list[Exception],
) -> None:
    """Do ``work`` with a session, and close its connection. ``failed`` is its ``errors``."""
    agent = f"cubectl/{protocube.__version__}"
    connect: Callable[..., Connection] = Connection
    if settings.verbosity:
        from protocube_client.cli import call_log

        if settings.verbosity >= call_log.LEAST:
            log = call_log.CallLog(streams.err, settings.verbosity, catalog=lambda: kinds.catalog)
            connect = partial(call_log.LoggedConnection, log=log)
    try:
        connection = connect(
            settings.server,
            transport=settings.transport,
            timeout=settings.timeout,
            token=token.of(settings.token, settings.token_file or None),
            plugin=settings.plugin,
            acting_as=settings.acting_as,
            agent=agent,
        )
    except ValueError as error:
        raise CommandError(str(error)) from None
    kinds = KnownKinds(connection)
    places.hint_at(kinds)
    async with connection:
        await work(
            Session(
                streams=streams,
                settings=settings,
                connection=connection,
                places=places,
                errors=failed,
                kinds=kinds,
            )
        )
