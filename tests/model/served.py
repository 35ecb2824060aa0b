"""A real server for the model to be compared with: over a socket, on a store, by a clock of ours.

No worker runs beside the calls, so that what happens follows from the calls alone.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from protocube_server import turns
from protocube_server.storage.url import open_store
from tests import bare_server
from tests.server.caller import OWN, Caller

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

    from protocube_server.verbs.api import Api
    from tests.model.objects import Kind, View
    from tests.model.views import Views

CLIENTS = 3
_SECONDS = 60.0
_EPOCH = datetime(2030, 1, 1, tzinfo=UTC)

T = TypeVar("T")


class Clock:
    """The server's clock: it shows the second that it is set to."""

    def __init__(self) -> None:
        self.second = 0

    def __call__(self) -> datetime:
        """Return the time."""
        return _EPOCH + timedelta(seconds=self.second)

    def read(self, time: Any) -> int:
        """Return the second that a timestamp of the server tells."""
        return int(time.seconds - _EPOCH.timestamp())


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A server, and its clients, for callers that are no coroutines."""

    loop: asyncio.AbstractEventLoop
    callers: tuple[Caller, ...]
    clock: Clock
    api: Api
    namespaces: Iterator[str]

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Return what becomes of calls; the server runs meanwhile."""
        return self.loop.run_until_complete(asyncio.wait_for(work, _SECONDS))

    def begin(self) -> tuple[str, int]:
        """Return an empty namespace, and the store's version."""
        name, caller = next(self.namespaces), self.callers[0]
        made = self.run(caller.create(caller.make("ns", name)))
        return name, int(made.metadata.resource_version)

    async def stored(self, views: Views, kind: Kind, namespace: str) -> list[View]:
        """Return what the store has of a namespace, without any method of the API."""
        resource = self.callers[0].resource(kind.word)
        found = self.api.editions.current.kinds.for_message(resource.message)
        assert found is not None
        page = await self.api.store.list(found.prefix(namespace))
        views_of = []
        for record in page.records:
            answer = found.answer(record.value, record.mod_revision)
            answer = await turns.returned(found.owners.shown(record.value, answer))
            message = resource.message_class.FromString(answer)
            views_of.append(views.read(kind, message, owners=kind.has_owners))
        return views_of


@contextlib.contextmanager
def served(url: str) -> Iterator[Served]:
    """Serve an empty store while the context is open."""
    loop, clock, stack = asyncio.new_event_loop(), Clock(), contextlib.AsyncExitStack()

    async def start() -> Served:
        opened = await open_store(url)
        store = opened.store
        stack.push_async_callback(store.close)
        api = await bare_server.api_over(store, opened.prefix, now=clock)
        server = await stack.enter_async_context(
            bare_server.served(api, store=url.partition(":")[0])
        )
        await server.announce(ready=True)
        catalog = api.editions.current.catalog
        callers = [
            await stack.enter_async_context(Caller(server.address, catalog, OWN))
            for _ in range(CLIENTS)
        ]
        return Served(
            loop=loop,
            callers=tuple(callers),
            clock=clock,
            api=api,
            namespaces=_names(),
        )

    try:
        yield loop.run_until_complete(start())
    finally:
        loop.run_until_complete(stack.aclose())
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


def _names() -> Iterator[str]:
    number = 0
    while True:
        number += 1
        yield f"history-{number}"
