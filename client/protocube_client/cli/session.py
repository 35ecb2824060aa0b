"""What the asynchronous part of a command works with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import protocube
from protocube_client.cli.failures import CommandError
from protocube_client.client import Client
from protocube_client.connection import Connection

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from protocube.catalog import Catalog
    from protocube_client.cli.app import App
    from protocube_client.cli.places import Places
    from protocube_client.cli.settings import Settings
    from protocube_client.cli.streams import Streams


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A connection to the server, with all that belongs to the run."""

    streams: Streams
    settings: Settings
    connection: Connection
    client: Client
    places: Places

    @property
    def catalog(self) -> Catalog:
        """The kinds."""
        return self.client.catalog


async def run(app: App, settings: Settings, work: Callable[[Session], Awaitable[None]]) -> None:
    """Do ``work`` with a session, and close its connection."""
    agent = f"cubectl/{protocube.__version__}"
    try:
        connection = Connection(
            settings.server, transport=settings.transport, timeout=settings.timeout, agent=agent
        )
    except ValueError as error:
        raise CommandError(str(error)) from None
    async with connection:
        client = Client(connection, on_warning=app.streams.warn)
        await work(
            Session(
                streams=app.streams,
                settings=settings,
                connection=connection,
                client=client,
                places=app.places,
            )
        )
