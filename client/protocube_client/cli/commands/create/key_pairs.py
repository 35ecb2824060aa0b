"""A certificate and the key that belongs to it, checked as Go's ``tls`` checks them."""

from __future__ import annotations

import re
import ssl

from protocube_client.cli.failures import CommandError

_BLOCK = re.compile(rb"^-----BEGIN ([A-Z0-9 ]+)-----[^-]*-----END \1-----", re.MULTILINE)
_CERTIFICATE = "CERTIFICATE"
_KEY = "PRIVATE KEY"


def check(certificate: str, key: str, *, certificate_data: bytes, key_data: bytes) -> None:
    """Raise :class:`CommandError` unless the files hold a certificate and its key.

    The first two are paths, the others what was read there.
    """
    _check_certificate(_types(certificate_data))
    _check_key(_types(key_data))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        # Without a password, a locked key is refused, and none is asked for.
        context.load_cert_chain(certificate, key, password="")
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise CommandError("tls: private key does not match public key") from None
        if error.reason == "KEY_TYPE_MISMATCH":
            text = "tls: private key type does not match public key type"
            raise CommandError(text) from None
        raise CommandError(f"tls: failed to parse certificate or private key: {error}") from None


def _types(data: bytes) -> list[str]:
    return [found.decode() for found in _BLOCK.findall(data)]


def _check_certificate(types: list[str]) -> None:
    if _CERTIFICATE in types:
        return
    if not types:
        raise CommandError("tls: failed to find any PEM data in certificate input")
    if len(types) == 1 and types[0].endswith(_KEY):
        raise CommandError(
            "tls: failed to find certificate PEM data in certificate input, but did find a "
            "private key; PEM inputs may have been switched"
        )
    raise CommandError(
        f'tls: failed to find "{_CERTIFICATE}" PEM block in certificate input after skipping '
        f"PEM blocks of the following types: [{' '.join(types)}]"
    )


def _check_key(types: list[str]) -> None:
    if any(name.endswith(_KEY) for name in types):
        return
    if not types:
        raise CommandError("tls: failed to find any PEM data in key input")
    if types == [_CERTIFICATE]:
        raise CommandError(
            "tls: found a certificate rather than a key in the PEM for the private key"
        )
    raise CommandError(
        f'tls: failed to find PEM block with type ending in "{_KEY}" in key input after '
        f"skipping PEM blocks of the following types: [{' '.join(types)}]"
    )
