"""A server that asks for certificates, and clients that show some."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import grpc

from protocube_server.authentication.authenticator import Authenticator
from protocube_server.authentication.certificates import Certificates
from protocube_server.edge import tls
from protocube_server.edge.tls import TlsFiles
from protocube_server.storage.sqlite import SqliteStore
from protocube_server.tasks import beside
from tests import bare_server
from tests.authentication.identified import Users, identifying
from tests.server.caller import OWN
from tests.tls.authority import LOOPBACK, Authority

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path


class Mutual:
    """An authority, the files of a server, and certificates of clients."""

    def __init__(self, folder: Path) -> None:
        self._authority = Authority(folder)
        self.authority = self._authority.file
        shown = self._authority.issue("server", *LOOPBACK)
        self.files = TlsFiles(
            certificate=shown.certificate,
            key=shown.key,
            client_authority=self._authority.file,
        )
        self.credentials = tls.credentials(self.files)

    def issue(self, name: str, *groups: str) -> Any:
        """Return the files of a certificate of somebody in these groups."""
        return self._authority.issue(name, "me", groups=groups, file="me")

    def channel(self, address: str, files: Any = None) -> Any:
        """Return a channel on which a certificate is shown, or none."""
        shown = grpc.ssl_channel_credentials(
            self._authority.file.read_bytes(),
            files.key.read_bytes() if files is not None else None,
            files.certificate.read_bytes() if files is not None else None,
        )
        return grpc.aio.secure_channel(address, shown, options=OWN)


@dataclass(frozen=True, slots=True)
class Served:
    """A server that notes who calls."""

    address: str
    _seen: Users

    @property
    def users(self) -> list[str]:
        """The names of those who called, in order."""
        return [user.name for user in self._seen.seen]


@asynccontextmanager
async def serving_certificates(folder: Path, mutual: Mutual) -> AsyncGenerator[Served, None]:
    """Serve those who show certificates."""
    store = await SqliteStore.open(folder / "certificates.db")
    api, seen = await bare_server.api_over(store), Users()
    asked = Authenticator(certificates=Certificates())
    async with beside(api.cache.run()), identifying(api, asked, seen, mutual.credentials) as server:
        yield Served(server.address, seen)
    await store.close()
