"""Whom we are towards etcd, and how we know that it is etcd."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import grpc

from protocube import errors


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

    def credentials(self) -> grpc.ChannelCredentials | None:
        """Read the files. Raises ``errors.BadRequest`` that names what is wrong with them."""
        if bool(self.cert) != bool(self.key):
            message = "a client certificate for etcd needs its key, and a key its certificate"
            raise errors.BadRequest(message)
        if not self.cacert and not self.cert:
            return None
        return grpc.ssl_channel_credentials(
            root_certificates=_read(self.cacert),
            private_key=_read(self.key),
            certificate_chain=_read(self.cert),
        )


PLAIN = Security()
"""No encryption and no user: an etcd on loopback or in a network of its own."""


def _read(path: str) -> bytes | None:
    if not path:
        return None
    try:
        text = Path(path).read_bytes()
    except OSError as error:
        message = f"cannot read {path}: {error.strerror or error}"
        raise errors.BadRequest(message) from error
    if b"-----BEGIN " not in text:
        raise errors.BadRequest(f"{path} is not a PEM file")
    return text
