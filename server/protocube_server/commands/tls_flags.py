"""The server's flags that say how connections are secured."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from protocube_server.edge.tls import TlsFiles

_F = TypeVar("_F", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--tls-cert",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="Serve TLS with this certificate (PEM, with its chain); a changed file is reloaded.",
    ),
    click.option(
        "--tls-key",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="The certificate's private key (PEM).",
    ),
    click.option(
        "--client-ca",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="Mutual TLS: clients must show a certificate that one of these issued (PEM).",
    ),
    click.option(
        "--insecure-plaintext",
        is_flag=True,
        help="Serve without TLS on other addresses than loopback: anyone on the way can read "
        "tokens and everything else, and change it.",
    ),
)


def tls_flags(command: _F) -> _F:
    """Add the flags to a command; :func:`files` reads what those of TLS give."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def files(certificate: Path | None, key: Path | None, authority: Path | None) -> TlsFiles | None:
    """Return the files of TLS, ``None`` for plaintext. Raises ``click.UsageError``."""
    from protocube_server.edge.tls import TlsFiles

    if certificate and key:
        return TlsFiles(certificate=certificate, key=key, client_authority=authority)
    if certificate or key:
        raise click.UsageError("--tls-cert and --tls-key go together")
    if authority:
        raise click.UsageError("--client-ca needs --tls-cert and --tls-key")
    return None
