"""Certificates as both ends of a connection hold them: read, and checked before use.

gRPC takes certificates without a look and then fails every handshake in words of its
TLS library. Here a pair of files is tried first, in a handshake in memory, so that a
wrong one is refused in a sentence that names the file.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_STEPS = 6
"""How often the ends of a handshake take turns at most; TLS 1.3 needs three."""


class UnusableCertificate(ValueError):
    """A certificate, key or list of authorities cannot be used; the text names file and fault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A certificate with what leads to its authority, and its private key; both are PEM."""

    certificate: bytes
    key: bytes


def server_pair(certificate: Path, key: Path) -> Pair:
    """Read the pair that a server shows. Raises :class:`UnusableCertificate`."""
    return _pair(certificate, key, server=True)


def client_pair(certificate: Path, key: Path) -> Pair:
    """Read the pair that a client shows. Raises :class:`UnusableCertificate`."""
    return _pair(certificate, key, server=False)


def authorities(file: Path) -> bytes:
    """Read the certificates to trust, as PEM. Raises :class:`UnusableCertificate`."""
    text = _read(file)
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=text.decode("ascii"))
    except (ssl.SSLError, ValueError):
        raise UnusableCertificate(f"{file} holds no certificates in PEM form") from None
    return text


def _pair(certificate: Path, key: Path, *, server: bool) -> Pair:
    pair = Pair(certificate=_read(certificate), key=_read(key))
    authorities(certificate)
    try:
        shown = _context(certificate, key, server=True)
        asked = _context(certificate, key, server=False)
        judge = asked if server else shown
        judge.verify_mode = ssl.CERT_REQUIRED
        # What is shown is its own authority: the time, the purpose and the key are
        # judged here, the issuer is for the peer to judge.
        judge.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        judge.load_verify_locations(cadata=pair.certificate.decode("ascii"))
        _shake_hands(shown, asked)
    except ssl.SSLCertVerificationError as error:
        raise UnusableCertificate(f"{certificate}: {error.verify_message}") from None
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise UnusableCertificate(f"{key} is not the key of {certificate}") from None
        raise UnusableCertificate(
            f"{key} holds no private key in PEM form without a passphrase"
        ) from None
    return pair


def _context(certificate: Path, key: Path, *, server: bool) -> ssl.SSLContext:
    protocol = ssl.PROTOCOL_TLS_SERVER if server else ssl.PROTOCOL_TLS_CLIENT
    context = ssl.SSLContext(protocol)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    # An empty passphrase fails; the default would ask on the terminal.
    context.load_cert_chain(certificate, key, password="")
    return context


def _shake_hands(shown: ssl.SSLContext, asked: ssl.SSLContext) -> None:
    """Bring two ends together in memory. Raises ``ssl.SSLError``."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        asked.wrap_bio(to_client, to_server, server_side=False),
        shown.wrap_bio(to_server, to_client, server_side=True),
    ]
    for _ in range(_STEPS):
        for end in tuple(ends):
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
            ends.remove(end)
        if not ends:
            return


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UnusableCertificate(f"cannot read {file}: {error.strerror or error}") from None
