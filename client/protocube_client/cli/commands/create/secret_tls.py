"""``cubectl create secret tls``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli.command import Command
from protocube_client.cli.commands.create import generation, key_pairs, key_sources, secret
from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags.pflag import Flag
from protocube_client.resource.go import os as go_os

if TYPE_CHECKING:
    from protocube_client.cli.app import App


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsOptions:
    """Where certificate and key are."""

    cert: str
    key: str
    append_hash: bool

    def validate(self) -> None:
        """Raise :class:`CommandError` when one is missing."""
        if not self.cert or not self.key:
            raise CommandError("key and cert must be specified")

    def manifest(self, metadata: dict[str, Any]) -> dict[str, Any]:
        """Return the Secret. Raises :class:`CommandError` for a pair that does not match."""
        cert, key = _read(self.cert), _read(self.key)
        key_pairs.check(cert, key)
        content = secret.SecretData()
        content.add([("tls.crt", cert), ("tls.key", key)])
        return content.manifest(metadata, "kubernetes.io/tls", append_hash=self.append_hash)


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        reason = go_os.describe(error, "open", path=path)
        raise CommandError(f"Cannot read file {path}, {reason}") from None


@click.pass_obj
def _create(app: App, /, *, cert: str, key: str, append_hash: bool, **flags: Any) -> None:
    created = generation.take(flags)
    options = TlsOptions(cert=cert, key=key, append_hash=append_hash)
    options.validate()
    created.run(app, options.manifest, complaint=secret.COMPLAINT)


COMMAND = Command(
    "tls",
    callback=_create,
    usage="NAME --cert=FILE --key=FILE [flags]",
    help="Create a Secret that holds a certificate and its key, both in PEM.",
    examples="""
# Create a TLS Secret
cubectl create secret tls web --cert=web.crt --key=web.key
""",
    params=[
        Flag(["--cert"], default="", metavar="FILE", help="The certificate.", source="file"),
        Flag(["--key"], default="", metavar="FILE", help="Its private key.", source="file"),
        key_sources.hash_flag(),
        *generation.flags(),
    ],
)
