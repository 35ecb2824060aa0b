"""Whom we are towards etcd, and how we know that it is etcd."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import grpc

from protocube import errors, pem


@dataclass(frozen=True, slots=True, kw_only=True)
class Security:
    """Files of TLS, and the user. Without any of the files the connection is not encrypted."""

    cacert: str = ""
    """The certificates (PEM) that vouch for etcd's own; without it, the system's."""
    cert: str = ""
    """Our certificate (PEM), for an etcd that asks for one; ``key`` belongs to it."""
    key: str = ""
    user: str = ""
    """The user of etcd's own authentication; empty where that is off."""
    password: str = field(default="", repr=False)

    @property
    def is_given(self) -> bool:
        """Whether anything was asked for. A password alone may be there for other programs."""
        return bool(self.files or self.user)

    @property
    def files(self) -> tuple[Path, ...]:
        """The files of TLS; none where the connection is not encrypted."""
        return tuple(Path(name) for name in (self.cacert, self.cert, self.key) if name)

    def credentials(self) -> grpc.ChannelCredentials | None:
        """Read the files. Raises ``errors.BadRequest`` that names what is wrong with them."""
        if bool(self.cert) != bool(self.key):
            message = "a client certificate for etcd needs its key, and a key its certificate"
            raise errors.BadRequest(message)
        if not self.files:
            return None
        try:
            trusted = pem.authorities(Path(self.cacert)) if self.cacert else None
            ours = pem.client_pair(Path(self.cert), Path(self.key)) if self.cert else None
        except pem.UnusableCertificate as error:
            raise errors.BadRequest(str(error)) from error
        return grpc.ssl_channel_credentials(
            root_certificates=trusted,
            private_key=ours.key if ours else None,
            certificate_chain=ours.certificate if ours else None,
        )


PLAIN = Security()
"""No encryption and no user: an etcd on loopback or in a network of its own."""
