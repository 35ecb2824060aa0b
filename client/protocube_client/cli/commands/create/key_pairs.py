"""A certificate and the key that belongs to it, checked as Go's ``tls`` checks them."""

from __future__ import annotations

import contextlib
import os
import ssl
import tempfile
from dataclasses import replace
from typing import TYPE_CHECKING

from protocube_client.cli.commands.create import pem_blocks
from protocube_client.cli.failures import CommandError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from protocube_client.cli.commands.create.pem_blocks import Block

_CERTIFICATE = "CERTIFICATE"
_KEY = "PRIVATE KEY"
_BAD_CERTIFICATE = "x509: malformed certificate"
_BAD_KEY = "tls: failed to parse private key"
_SEQUENCE = 0x30
_FORMS = {0x02: f"RSA {_KEY}", _SEQUENCE: _KEY, 0x04: f"EC {_KEY}"}
"""The form of a private key, by the tag of what stands behind its version."""
_LONG = 0x80
"""From this byte on, a length in DER says how many bytes the length has."""


def check(certificate: bytes, key: bytes) -> None:
    """Raise :class:`CommandError` unless two PEM texts hold a certificate and its key."""
    first = _certificate(list(pem_blocks.find(certificate)))
    private = _key(list(pem_blocks.find(key)))
    _, behind = _split(first.data, _BAD_CERTIFICATE)
    if behind:
        raise CommandError("x509: trailing data")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_verify_locations(cadata=first.data)
    except ssl.SSLError:
        raise CommandError(_BAD_CERTIFICATE) from None
    # Whether a key is long enough is not for us to say, nor for kubectl.
    with contextlib.suppress(ssl.SSLError):
        context.set_ciphers("ALL:@SECLEVEL=0")
    try:
        with _file(first.text() + replace(private, type=_form(private)).text()) as path:
            context.load_cert_chain(path)
    except ssl.SSLError as error:
        raise CommandError(_fault(error)) from None


def _certificate(blocks: Sequence[Block]) -> Block:
    """Return the first certificate. Raises :class:`CommandError` when there is none."""
    for block in blocks:
        if block.type == _CERTIFICATE:
            return block
    if not blocks:
        raise CommandError("tls: failed to find any PEM data in certificate input")
    if len(blocks) == 1 and blocks[0].type.endswith(_KEY):
        raise CommandError(
            "tls: failed to find certificate PEM data in certificate input, but did find a "
            "private key; PEM inputs may have been switched"
        )
    raise CommandError(
        f'tls: failed to find "{_CERTIFICATE}" PEM block in certificate input after skipping '
        f"PEM blocks of the following types: {_types(blocks)}"
    )


def _key(blocks: Sequence[Block]) -> Block:
    """Return the first private key. Raises :class:`CommandError` when there is none."""
    for block in blocks:
        if block.type.endswith(_KEY):
            return block
    if not blocks:
        raise CommandError("tls: failed to find any PEM data in key input")
    if len(blocks) == 1 and blocks[0].type == _CERTIFICATE:
        raise CommandError(
            "tls: found a certificate rather than a key in the PEM for the private key"
        )
    raise CommandError(
        f'tls: failed to find PEM block with type ending in "{_KEY}" in key input after '
        f"skipping PEM blocks of the following types: {_types(blocks)}"
    )


def _types(blocks: Sequence[Block]) -> str:
    return f"[{' '.join(block.type for block in blocks)}]"


def _form(key: Block) -> str:
    """Return the type of the block that a key should stand in; Go does not go by the one it has.

    Raises :class:`CommandError` for what is no key, an encrypted one for example.
    """
    content, _ = _split(key.data, _BAD_KEY)
    _, behind = _split(content, _BAD_KEY)
    form = _FORMS.get(behind[0]) if behind and content[0] != _SEQUENCE else None
    if form is None:
        raise CommandError(_BAD_KEY)
    return form


def _split(data: bytes, fault: str) -> tuple[bytes, bytes]:
    """Return the content of the first element of some DER, and what stands behind it.

    Raises :class:`CommandError` with ``fault`` when it is not whole.
    """
    begin, length = 2, data[1] if len(data) > 1 else len(data) + 1
    if length >= _LONG:
        begin += length - _LONG
        length = int.from_bytes(data[2:begin])
    if begin + length > len(data):
        raise CommandError(fault)
    return data[begin : begin + length], data[begin + length :]


def _fault(error: ssl.SSLError) -> str:
    if error.reason == "KEY_VALUES_MISMATCH":
        return "tls: private key does not match public key"
    if error.reason in ("KEY_TYPE_MISMATCH", "NO_CERTIFICATE_ASSIGNED"):
        return "tls: private key type does not match public key type"
    return _BAD_KEY


@contextlib.contextmanager
def _file(content: bytes) -> Iterator[str]:
    """Provide a file for OpenSSL, which reads files alone; in memory where there are such."""
    if hasattr(os, "memfd_create"):
        with os.fdopen(os.memfd_create("pair"), "wb") as file:
            file.write(content)
            file.flush()
            yield f"/proc/self/fd/{file.fileno()}"
        return
    with tempfile.NamedTemporaryFile() as named:
        named.write(content)
        named.flush()
        yield named.name
