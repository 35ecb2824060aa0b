"""The kinds that a command knows: those that are shipped, and when they do not do, the server's."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from protocube.catalog import Catalog
    from protocube_client.connection.connection import Connection

_METHOD = "/protocube.discovery.v1.Discovery/GetDescriptors"


class KnownKinds:
    """The catalog of one run. The server is asked once at most, and only for what is missing."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._learned: Catalog | None = None
        self._asked = False

    @property
    def catalog(self) -> Catalog:
        """The kinds as far as they are known."""
        from protocube.catalog import Catalog

        return self._learned or Catalog.shipped(comments=False)

    async def learn(self) -> Catalog:
        """Return the kinds of the server, or those that are known where it does not tell.

        A kind that is not known is then the error, and not the server that cannot be reached.
        """
        if not self._asked:
            self._asked = True
            self._learned = await self._of_server()
        return self.catalog

    async def described(self) -> Catalog:
        """Return the kinds of the server, with the comments of their schema in its files.

        Raises the exceptions of :mod:`protocube.errors`. Kinds that cannot be read here are
        answered with those that are shipped.
        """
        from protocube.catalog import Catalog

        return await self._read() or Catalog.shipped()

    async def _of_server(self) -> Catalog | None:
        from protocube import errors

        try:
            return await self._read()
        except errors.ApiError:
            return None

    async def _read(self) -> Catalog | None:
        """Return the server's kinds; ``None`` when their schema cannot be read."""
        from protocube.catalog import Catalog
        from protocube.discovery.v1 import discovery_pb2
        from protocube_client.request import Request

        body = discovery_pb2.GetDescriptorsRequest().SerializeToString()
        answer = await Request(method=_METHOD, body=body).send(self._connection)
        files = discovery_pb2.GetDescriptorsResponse.FromString(answer.body).file_descriptor_set
        try:
            return Catalog(files.file)
        except (TypeError, ValueError):
            # A schema of another time: what it adds cannot be read here.
            return None
