"""Certificates as both ends of a connection hold them: read, and checked before use.

gRPC takes certificates without a look and then fails every handshake in words of its
TLS library. Here a pair of files is tried first, in a handshake in memory, so that a
wrong one is refused in a sentence that names the file.
"""

from __future__ import annotations

import contextlib
import ssl
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_STEPS = 6
"""How often the ends of a handshake take turns at most; TLS 1.3 needs three."""
_BEGIN = b"-----BEGIN CERTIFICATE-----"
_VERIFIED_KEYS = tuple(
    bytes.fromhex(identifier)
    for identifier in (
        "06092a864886f70d010101",  # RSA
        "06072a8648ce3d020106082a8648ce3d030107",  # ECDSA on P-256
        "06072a8648ce3d020106052b81040022",  # ECDSA on P-384
    )
)
"""How the keys are named, in DER, that gRPC's TLS library takes from its peer."""


class UnusableCertificate(ValueError):
    """A certificate, key or list of authorities cannot be used; the text names file and fault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A certificate with what leads to its authority, and its private key; both are PEM."""

    certificate: bytes
    key: bytes


def server_pair(certificate: Path, key: Path) -> Pair:
    """Read the pair that a server shows. Raises :class:`UnusableCertificate`.

    That is also raised for a key that OpenSSL knows and gRPC's clients refuse.
    """
    return _pair(certificate, key, server=True)


def client_pair(certificate: Path, key: Path) -> Pair:
    """Read the pair that a client shows. Raises :class:`UnusableCertificate`."""
    return _pair(certificate, key, server=False)


def client_pair_of(certificate: bytes, key: bytes) -> Pair:
    """Return the pair that a client shows, of PEM. Raises :class:`UnusableCertificate`."""
    pair = Pair(certificate=certificate, key=key)
    with as_files(pair) as files:
        try:
            return client_pair(files.certificate, files.key)
        except UnusableCertificate as error:
            text = str(error).replace(f"{files.certificate}", "the client certificate")
            raise UnusableCertificate(text.replace(f"{files.key}", "the client key")) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Where a pair lies."""

    certificate: Path
    key: Path


@contextlib.contextmanager
def as_files(pair: Pair) -> Iterator[Files]:
    """Provide a pair as files that nobody else can read: ``ssl`` takes nothing else."""
    with tempfile.TemporaryDirectory() as folder:
        files = Files(certificate=Path(folder, "certificate.pem"), key=Path(folder, "key.pem"))
        files.certificate.write_bytes(pair.certificate)
        files.key.touch(mode=0o600)
        files.key.write_bytes(pair.key)
        yield files


def authorities_of(text: bytes) -> bytes:
    """Return the certificates to trust, which are PEM. Raises :class:`UnusableCertificate`."""
    return _trusted(text, "the certificate authority's data")


def authorities(file: Path) -> bytes:
    """Read the certificates to trust, as PEM. Raises :class:`UnusableCertificate`."""
    return _trusted(_read(file), str(file))


def _trusted(text: bytes, what: str) -> bytes:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=text.decode("ascii"))
    except (ssl.SSLError, ValueError):
        raise UnusableCertificate(f"{what} holds no certificates in PEM form") from None
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
        binary = _shake_hands(shown, asked)
    except ssl.SSLCertVerificationError as error:
        raise UnusableCertificate(f"{certificate}: {error.verify_message}") from None
    except ssl.SSLError as error:
        raise UnusableCertificate(_fault(error, certificate, key, pair)) from None
    if server and not any(identifier in binary for identifier in _VERIFIED_KEYS):
        raise UnusableCertificate(
            f"{certificate}: gRPC clients take no such key: "
            "use RSA, or ECDSA on the curve P-256 or P-384"
        )
    return pair


def _fault(error: ssl.SSLError, certificate: Path, key: Path, pair: Pair) -> str:
    """Say what is wrong with a pair that OpenSSL did not take."""
    if error.reason == "KEY_VALUES_MISMATCH":
        first = "the first certificate in " if pair.certificate.count(_BEGIN) > 1 else ""
        return f"{key} is not the key of {first}{certificate}"
    if error.reason and error.reason.endswith(("_TOO_SMALL", "_TOO_WEAK")):
        return f"{certificate}: {error.reason.replace('_', ' ').lower()}"
    return f"{key} holds no private key in PEM form without a passphrase"


def _context(certificate: Path, key: Path, *, server: bool) -> ssl.SSLContext:
    protocol = ssl.PROTOCOL_TLS_SERVER if server else ssl.PROTOCOL_TLS_CLIENT
    context = ssl.SSLContext(protocol)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    # An empty passphrase fails; the default would ask on the terminal.
    context.load_cert_chain(certificate, key, password="")
    return context


def _shake_hands(shown: ssl.SSLContext, asked: ssl.SSLContext) -> bytes:
    """Bring two ends together in memory and give the certificate of ``shown``, in DER.

    Raises ``ssl.SSLError``.
    """
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = asked.wrap_bio(to_client, to_server, server_side=False)
    ends = [client, shown.wrap_bio(to_server, to_client, server_side=True)]
    for _ in range(_STEPS):
        for end in tuple(ends):
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
            ends.remove(end)
        if not ends:
            break
    return client.getpeercert(binary_form=True) or b""


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UnusableCertificate(f"cannot read {file}: {error.strerror or error}") from None
