"""How the connection is secured: flags, then the environment, then the config file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube_client.cli.failures import CommandError
from protocube_client.connection.transport import Plaintext, Tls

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protocube_client.cli.settings.config import Context
    from protocube_client.connection.transport import Transport

_OF_TLS = (
    "certificate_authority",
    "client_certificate",
    "client_key",
    "tls_server_name",
    "insecure_skip_tls_verify",
)
_ON = "true"


def complete(
    flags: Mapping[str, str], environ: Mapping[str, str], context: Context | None
) -> Transport | None:
    """Return the transport that was chosen, or ``None`` where nothing was said.

    Whatever is said about TLS chooses it. Raises :class:`CommandError` for what
    contradicts itself.
    """

    def file(name: str) -> str | bytes | None:
        configured = getattr(context, name) if context else ""
        return flags.get(name) or environ.get(f"PROTOCUBE_{name.upper()}") or configured or None

    if flags.get("plaintext") == _ON:
        if any(name in flags for name in _OF_TLS):
            raise CommandError("--plaintext and the flags of TLS exclude each other")
        return Plaintext()
    skip = flags.get("insecure_skip_tls_verify")
    tls = Tls(
        certificate_authority=file("certificate_authority"),
        client_certificate=file("client_certificate"),
        client_key=file("client_key"),
        server_name=flags.get("tls_server_name", context.tls_server_name if context else ""),
        verify=skip != _ON if skip or not context else not context.insecure_skip_tls_verify,
    )
    if tls == Tls():
        chosen = context is not None and context.plaintext and "plaintext" not in flags
        return Plaintext() if chosen else None
    if tls.certificate_authority and not tls.verify:
        # kubectl's words, for the same two.
        raise CommandError(
            "specifying a root certificates file with the insecure flag is not allowed"
        )
    return tls
