"""``cubectl config set-cluster``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from protocube.errors import quote
from protocube_client.cli import config
from protocube_client.cli.command import Command
from protocube_client.cli.configuring import editing
from protocube_client.cli.failures import CommandError

if TYPE_CHECKING:
    from protocube_client.cli.app import App


@click.pass_obj
def _set_cluster(app: App, *, arguments: tuple[str, ...]) -> None:
    name = editing.one_name(arguments, "set-cluster")
    if not name:
        raise CommandError("you must specify a non-empty cluster name")
    file = config.path(app.given, app.environ)
    changes = editing.said(app.given)
    data = editing.with_entry(config.load(file).data, "clusters", name, changes)
    editing.save(file, data)
    app.streams.out.write(f"Cluster {quote(name)} set.\n")


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
    params=[],
)
