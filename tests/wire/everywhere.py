"""One contract: two stores, and before each of them a server, with its cache and without."""

from __future__ import annotations

from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from protocube.core.v1.config_map_pb2 import ConfigMap
from protocube_client.client import Client
from tests import bare_server
from tests.faults.subjects import ApiSubject, State, StoreSubject, Subject

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from protocube_server.storage.base import Store

PREFIX = b"/registry/configmaps/default/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Part of a list: keys with their states."""

    items: dict[str, State]
    revision: int
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Everywhere:
    """A subject, with lists by pages and with compaction."""

    subject: Subject
    store: Store
    client: Client | None
    """``None`` for a store without a server."""
    may_remember: bool = False
    """Whether there is a cache, which may still know what the store has forgotten."""

    async def pages(self, *, limit: int = 0) -> AsyncGenerator[Page, None]:
        """Yield the pages of all keys, all of one revision."""
        if self.client is not None:
            served = self.client.pages(ConfigMap, namespace="default", page_size=limit)
            async with aclosing(served):
                async for page in served:
                    yield Page(
                        items={
                            item.metadata.name: State(
                                token=item.data["token"],
                                revision=int(item.metadata.resource_version),
                            )
                            for item in page.items
                        },
                        revision=int(page.resource_version),
                        more=bool(page.continue_token),
                    )
            return
        start, at, more = b"", 0, True
        while more:
            found = await self.store.list(PREFIX, start=start, limit=limit, at=at)
            at, more = found.revision, found.more
            start = found.records[-1].key + b"\0" if found.records else b""
            yield Page(
                items={
                    record.key.removeprefix(PREFIX).decode(): State(
                        token=record.value.decode(), revision=record.mod_revision
                    )
                    for record in found.records
                },
                revision=at,
                more=more,
            )

    async def whole(self) -> Page:
        """Return all keys in one page."""
        async with aclosing(self.pages()) as pages:
            return await anext(pages)

    async def compact(self) -> int:
        """Forget all history, and give the revision at which it now begins."""
        revision = await self.store.revision()
        await self.store.compact(revision)
        return revision


def config_map(name: str, token: str = "one") -> bytes:
    """Return what a server stores of a ConfigMap."""
    item = ConfigMap(api_version="v1", kind="ConfigMap", data={"token": token})
    item.metadata.name, item.metadata.namespace = name, "default"
    return item.SerializeToString(deterministic=True)


@asynccontextmanager
async def direct(store: Store) -> AsyncGenerator[Everywhere, None]:
    """Provide a store as it is."""
    yield Everywhere(subject=StoreSubject(store, PREFIX), store=store, client=None)


@asynccontextmanager
async def served(store: Store, *, cached: bool) -> AsyncGenerator[Everywhere, None]:
    """Provide a server on a socket in front of ``store``, through the Python client."""
    api = await bare_server.api_over(store)
    async with (
        bare_server.served(api, cached=cached) as server,
        Client(server.address) as client,
    ):
        yield Everywhere(
            subject=ApiSubject(client), store=store, client=client, may_remember=cached
        )
