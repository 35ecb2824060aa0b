"""``cubectl config delete-cluster``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from protocube_client.cli.command import Command
from protocube_client.cli.commands.config import editing

if TYPE_CHECKING:
    from protocube_client.cli.app import App


@click.pass_obj
def _delete_cluster(app: App, *, arguments: tuple[str, ...]) -> None:
    editing.delete(app, "clusters", "cluster", editing.one_name(arguments, "delete-cluster"))


COMMAND = Command(
    "delete-cluster",
    callback=_delete_cluster,
    usage="NAME",
    help="Take a cluster out of the config file. Contexts that name it stay.",
    completes=("clusters",),
    examples="""
# Take a cluster out
cubectl config delete-cluster local
""",
    params=[],
)
