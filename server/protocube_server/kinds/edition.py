"""The kinds of a server at one time, and the change from one such state to the next."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from protocube.catalog import Catalog
    from protocube_server.kinds.defined import Defined
    from protocube_server.kinds.registry import Registry


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Edition:
    """An immutable set of kinds. A call keeps the edition that it began with to its end."""

    number: int
    """Of the first edition 1, of each next one more. It is this server's own."""
    kinds: Registry

    @property
    def catalog(self) -> Catalog:
        """What the kinds were read from."""
        return self.kinds.catalog


Follower = Callable[[Edition], Awaitable[None]]
"""Told of each edition once it is the current one."""


class Editions:
    """The one place that changes when kinds do: it names the current edition."""

    def __init__(self, kinds: Registry) -> None:
        self.current = Edition(number=1, kinds=kinds)
        self._followers: list[Follower] = []
        self._publishing = asyncio.Lock()
        """Followers hear of editions one after the other."""

    def follow(self, follower: Follower) -> None:
        """Tell ``follower`` of every edition to come, in the order of following."""
        self._followers.append(follower)

    def leave(self, follower: Follower) -> None:
        """Tell ``follower`` of no more editions. Leaving twice is harmless."""
        self._followers = [each for each in self._followers if each != follower]

    async def until_replaced(self, edition: Edition) -> None:
        """Return once ``edition`` is not the current one any more."""
        replaced = asyncio.Event()

        async def notice(_: Edition) -> None:
            replaced.set()

        self.follow(notice)
        try:
            if self.current is edition:
                await replaced.wait()
        finally:
            self.leave(notice)

    async def publish(
        self, catalog: Catalog, defined: Mapping[str, Defined] | None = None
    ) -> Edition:
        """Make an edition of ``catalog`` the current one, whole, and tell the followers.

        ``defined`` has the definitions of kinds that came at run time, by messages.
        Kinds whose resources are the same objects as before are kept as they are. Calls that
        begin after this has returned see the new edition, and so does all that follows it.
        Raises ``ValueError``, and changes nothing, when the catalog cannot be served.
        """
        async with self._publishing:
            kinds = self.current.kinds.replaced(catalog, defined)
            _ = kinds.namespaces
            edition = self.current = Edition(number=self.current.number + 1, kinds=kinds)
            for follower in tuple(self._followers):
                await follower(edition)
        return edition
