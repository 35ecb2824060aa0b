"""``cubectl config set-cluster``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from protocube.errors import quote
from protocube_client.cli.command import Command
from protocube_client.cli.commands.config import editing
from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags.pflag import Switch, Unsupported
from protocube_client.cli.settings import config, config_path

if TYPE_CHECKING:
    from protocube_client.cli.app import App

_AUTHORITY, _UNCHECKED = "certificate-authority", "insecure-skip-tls-verify"


@click.pass_obj
def _set_cluster(app: App, *, embed_certs: bool, arguments: tuple[str, ...]) -> None:
    name = editing.one_name(arguments, "set-cluster")
    if not name:
        raise CommandError("you must specify a non-empty cluster name")
    file = config_path.of(app.given, app.environ)
    changes = _changes(editing.said(app.given))
    if embed_certs and not changes.get(_AUTHORITY):
        raise CommandError(f"you must specify a --{_AUTHORITY} to embed")
    changes |= editing.certificates(changes, _AUTHORITY, embed=embed_certs)
    data = editing.with_entry(config.load(file).data, "clusters", name, changes)
    editing.save(file, data)
    app.streams.out.write(f"Cluster {quote(name)} set.\n")


def _changes(said: dict[str, Any]) -> dict[str, Any]:
    """Return the changes; what is said of certificates takes away what would contradict it."""
    authority, unchecked = said.get(_AUTHORITY), said.get(_UNCHECKED)
    if authority and unchecked:
        raise CommandError(
            "you cannot specify a certificate authority and insecure mode at the same time"
        )
    if authority:
        return {_UNCHECKED: False, **said}
    return {_AUTHORITY: "", **said} if unchecked else said


COMMAND = Command(
    "set-cluster",
    callback=_set_cluster,
    usage="NAME [--server=HOST:PORT]",
    help=(
        "Add a cluster to the config file, or change one; what is not given stays. The flags "
        "that say how to connect are those that every command takes."
    ),
    completes=("clusters",),
    examples="""
# Give a server a name
cubectl config set-cluster local --server=127.0.0.1:7443

# Say whose certificates to trust
cubectl config set-cluster prod --certificate-authority=ca.crt
""",
    params=[
        Switch(["--embed-certs"], help="Write the certificates into the file, not their path."),
        Unsupported("--proxy-url", "gRPC reads it from the environment: set https_proxy"),
    ],
)
