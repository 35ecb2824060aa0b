"""The kinds that a command knows: those that are shipped, and when they do not do, the server's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube_client.cli.failures import CommandError

if TYPE_CHECKING:
    from collections.abc import Callable

    from protocube.catalog import Catalog, Resource
    from protocube_client.connection.connection import Connection


class KnownKinds:
    """The catalog of one run. The server is asked only for what is missing, and answers once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._learned: Catalog | None = None
        self._asked = False

    @property
    def catalog(self) -> Catalog:
        """The kinds as far as they are known."""
        from protocube.catalog import Catalog

        return self._learned or Catalog.shipped(comments=False)

    async def find(self, word: str) -> Resource | None:
        """Find a kind as a person names it, among the server's when it is not shipped.

        Raises what :meth:`learn` raises.
        """
        return await self._found(lambda catalog: catalog.find(word))

    async def for_kind(self, api_version: str, kind: str) -> Resource | None:
        """Find a kind as a manifest names it, as :meth:`find` does."""
        return await self._found(lambda catalog: catalog.for_kind(api_version, kind))

    async def for_plural(self, api_version: str, plural: str) -> Resource | None:
        """Find a kind as a path names it, as :meth:`find` does."""
        return await self._found(lambda catalog: catalog.for_plural(api_version, plural))

    async def _found(self, find: Callable[[Catalog], Resource | None]) -> Resource | None:
        return find(self.catalog) or find(await self.learn())

    def require(self, api_version: str, kind: str) -> Resource:
        """Return a kind that a command is about, which every server has.

        Raises :class:`CommandError` when it is not among those that are known.
        """
        found = self.catalog.for_kind(api_version, kind)
        if found is None:
            raise CommandError(f"this cubectl does not know the kind {kind} of {api_version}")
        return found

    async def learn(self) -> Catalog:
        """Return the kinds of the server, and know them from then on.

        Raises the exceptions of :mod:`protocube.errors`: of a server that cannot be asked nobody
        knows which kinds it has. Kinds that cannot be read here are answered with those that
        are shipped.
        """
        if not self._asked:
            self._learned = await self._read(with_comments=False)
            self._asked = True
        return self.catalog

    async def described(self) -> Catalog:
        """Return the kinds of the server, with the comments of their schema in its files.

        Raises the exceptions of :mod:`protocube.errors`. Kinds that cannot be read here are
        answered with those that are shipped.
        """
        from protocube.catalog import Catalog

        return await self._read(with_comments=True) or Catalog.shipped()

    async def _read(self, *, with_comments: bool) -> Catalog | None:
        """Return the server's kinds; ``None`` when their schema cannot be read."""
        from protocube.catalog import Catalog
        from protocube_client import discovered

        kinds = await discovered.resources(self._connection)
        files = await discovered.files(self._connection, kinds, comments=with_comments)
        try:
            return Catalog(files)
        except (TypeError, ValueError):
            # A schema of another time: what it adds cannot be read here.
            return None
