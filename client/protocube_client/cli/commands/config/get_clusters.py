"""``cubectl config get-clusters``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from protocube_client.cli.command import Command
from protocube_client.cli.settings import config, config_path

if TYPE_CHECKING:
    from protocube_client.cli.app import App


@click.pass_obj
def _get_clusters(app: App, *, arguments: tuple[str, ...]) -> None:  # noqa: ARG001  # as kubectl
    found = config.load(config_path.of(app.given, app.environ))
    names = sorted({cluster.name for cluster in found.clusters})
    app.streams.out.writelines(f"{name}\n" for name in ("NAME", *names))


COMMAND = Command(
    "get-clusters",
    callback=_get_clusters,
    help="Show the names of the clusters: the servers that contexts may name.",
    examples="""
# Show the clusters
cubectl config get-clusters
""",
    params=[],
)
