"""Transport security of the server: its certificate, and what it asks of its clients.

The files are looked at before each handshake. When they have changed, new connections
get the new certificate; those that are open keep theirs, and so do their calls.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import grpc

from protocube import pem
from protocube_server.edge import listening
from protocube_server.edge.listening import Listener

if TYPE_CHECKING:
    from pathlib import Path

_log = logging.getLogger(__name__)

_Stamp = tuple[tuple[int, int, int] | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsFiles:
    """Where the PEM files of a server lie."""

    certificate: Path
    """The server's certificate, followed by what leads to its authority."""
    key: Path
    client_authority: Path | None = None
    """Clients must show a certificate that one of these issued; ``None`` asks for none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Secured:
    """How the connections to a server are secured."""

    credentials: grpc.ServerCredentials | None = None
    """For its one listener, or the one that takes tokens; ``None`` is plaintext."""
    mtls: Listener | None = None
    """The one that asks for certificates, where it is another one."""


def secured(files: TlsFiles | None, listen_mtls: str) -> Secured:
    """Return how connections are secured; ``listen_mtls`` is where to ask for certificates, too.

    gRPC can ask for a certificate only by requiring one, so who shows a token needs a listener
    that does not ask. Raises ``pem.UnusableCertificate``, ``listening.CannotListen``, and
    ``ValueError`` where there is nothing to hold certificates against.
    """
    if not listen_mtls:
        return Secured(credentials=credentials(files) if files is not None else None)
    if files is None or files.client_authority is None:
        raise ValueError("--listen-mtls needs --client-ca, --tls-cert and --tls-key")
    is_loopback = listening.probe(listen_mtls)
    asking = Listener(listen=listen_mtls, credentials=credentials(files), is_loopback=is_loopback)
    return Secured(credentials=credentials(replace(files, client_authority=None)), mtls=asking)


def credentials(files: TlsFiles) -> grpc.ServerCredentials:
    """Return credentials that follow ``files``.

    Raises ``pem.UnusableCertificate`` for files that cannot be used now.
    Files that cannot be used later are logged, and the last good ones serve on.
    """
    reloader = _Reloader(files)
    return grpc.dynamic_ssl_server_credentials(
        reloader.first,
        reloader.fetch,  # type: ignore[arg-type]  # the stubs do not know None: no change
        require_client_authentication=files.client_authority is not None,
    )


class _Reloader:
    """Reads the files when they have changed. gRPC calls it from threads of its own."""

    def __init__(self, files: TlsFiles) -> None:
        self._files = files
        self._stamp = self._look()
        self.first = self._load()

    def fetch(self) -> grpc.ServerCertificateConfiguration | None:
        """Return the new configuration, or ``None`` when nothing has changed."""
        stamp = self._look()
        if stamp == self._stamp:
            return None
        # Also when the load fails: one change is one line in the log. A file that is
        # half written changes once more.
        self._stamp = stamp
        try:
            loaded = self._load()
        except pem.UnusableCertificate as error:
            _log.warning("keeping the certificate in use, the new one is no good: %s", error)
            return None
        _log.info("the certificate %s was reloaded", self._files.certificate)
        return loaded

    def _look(self) -> _Stamp:
        files = self._files
        found: list[tuple[int, int, int] | None] = []
        for file in (files.certificate, files.key, files.client_authority):
            try:
                status = file.stat() if file else None
            except OSError:
                status = None
            found.append((status.st_mtime_ns, status.st_ino, status.st_size) if status else None)
        return tuple(found)

    def _load(self) -> grpc.ServerCertificateConfiguration:
        files = self._files
        pair = pem.server_pair(files.certificate, files.key)
        asked = files.client_authority
        trusted = pem.authorities(asked) if asked else None
        return grpc.ssl_server_certificate_configuration(
            [(pair.key, pair.certificate)], root_certificates=trusted
        )
