"""What every call of the client shares: the connection, the kinds, who writes, warnings."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Self, TypeVar

from google.protobuf.message import Message

from protocube import errors, joined_catalog
from protocube.catalog import Catalog
from protocube_client import discovered, target
from protocube_client.connection import token as tokens
from protocube_client.connection.address import DEFAULT_SERVER
from protocube_client.connection.connection import Connection

if TYPE_CHECKING:
    from collections.abc import Callable
    from os import PathLike
    from types import TracebackType

    from protocube_client.connection.exec_plugin import ExecPlugin
    from protocube_client.connection.transport import Transport
    from protocube_client.options import WriteOptions
    from protocube_client.request import Request
    from protocube_client.target import Target

    Options = TypeVar("Options", bound=WriteOptions)

M = TypeVar("M", bound=Message)

PATIENCE_SECONDS = 30.0
"""So long calls wait for a server that is away, unless a client is made with another time."""
_log = logging.getLogger("protocube_client")


class Calling:
    """The part of a client that sends what its methods ask for."""

    def __init__(
        self,
        server: str | Connection = DEFAULT_SERVER,
        *,
        catalog: Catalog | None = None,
        transport: Transport | None = None,
        token: str | Callable[[], str] = "",
        token_file: str | PathLike[str] | None = None,
        plugin: ExecPlugin | None = None,
        timeout: float | None = None,
        patience: float = PATIENCE_SECONDS,
        field_manager: str = "",
        on_warning: Callable[[str], None] | None = None,
    ) -> None:
        """Prepare a client of ``server``: where it is, or a connection that its opener closes.

        It is at ``HOST:PORT``. Several servers of one store are named with commas between, or as
        ``dns:///NAME:PORT`` for all addresses of a name: each call goes to another one in turn,
        and to the next where it cannot have arrived.

        ``catalog`` holds the kinds (those that are shipped, by default),
        ``transport`` how the connection to an address is secured (by default, in
        plaintext on loopback and with TLS elsewhere), ``token`` is what proves who calls, or
        ``token_file`` is where it lies (it is read again when it changes) or ``plugin`` what gives
        it (it is run again when it has expired); ``token`` may be a function, which is called for
        each call. ``timeout`` is the
        seconds a call may take with all its attempts, ``patience`` how many seconds calls wait for
        a server that was there and is away (docs/clients/python.md says which ones do),
        ``field_manager`` who writes where a call
        does not say so, ``on_warning`` takes each warning of the server (they are logged,
        by default). Raises what :class:`Connection` raises.
        """
        self._owned = isinstance(server, str)
        self.connection: Connection = (
            Connection(
                server,
                transport=transport,
                timeout=timeout,
                patience=patience,
                token=tokens.of(token, token_file),
                plugin=plugin,
            )
            if isinstance(server, str)
            else server
        )
        """The way to the server, also for calls that the client has no method for."""
        self.catalog: Catalog = catalog or Catalog.shipped(comments=False)
        """The kinds that are known; :meth:`kind` adds to them."""
        self._shipped = self.catalog
        self._learned: dict[tuple[str, str], Catalog] = {}
        self.field_manager: str = field_manager
        """Who writes where a call does not say so."""
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

    async def kind(self, api_version: str, kind: str) -> type[Any]:
        """Return the class of a kind's objects, as the server describes it now.

        For kinds that are not shipped the client learns the schema from the server, and then knows
        the kind by its names, too. Raises ``errors.NotFound`` when the server has no such kind.
        """
        known = self._shipped.for_kind(api_version, kind)
        if known is None:
            known = (await self._learn(api_version, kind)).for_kind(api_version, kind)
        if known is None:
            text = (
                f"no matches for kind {errors.quote(kind)} in version {errors.quote(api_version)}"
            )
            raise errors.NotFound(text)
        return known.message_class

    async def _learn(self, api_version: str, kind: str) -> Catalog:
        """Add a kind of the server to those that are known, or replace what was learned of it."""
        group, _, version = api_version.rpartition("/")
        infos = [
            info
            for info in await discovered.resources(self.connection)
            if (info.group, info.version, info.kind) == (group, version, kind)
        ]
        shipped = {file.name for file in self._shipped.files}
        described = await discovered.files(self.connection, infos)
        own = [file for file in described if file.name not in shipped]
        if own:
            self._learned[api_version, kind] = joined_catalog.part(self._shipped, own)
            parts = [self._shipped, *self._learned.values()]
            self.catalog = joined_catalog.JoinedCatalog(parts)
        return self.catalog

    def _of(self, item: M) -> Target[M]:
        return target.of(self.catalog, type(item))

    def _managed(self, options: Options) -> Options:
        """Return the options of a write, in which somebody writes."""
        if self.field_manager and "field_manager" not in options:
            options["field_manager"] = self.field_manager
        return options

    async def _send(self, request: Request) -> bytes:
        answer = await request.send(self.connection)
        for warning in answer.warnings:
            self._on_warning(warning)
        return answer.body
