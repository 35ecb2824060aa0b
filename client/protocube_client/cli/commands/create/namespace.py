"""``cubectl create namespace``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli.command import Command
from protocube_client.cli.commands.create import generation

if TYPE_CHECKING:
    from protocube_client.cli.app import App


def _manifest(metadata: dict[str, Any]) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}


@click.pass_obj
def _create(app: App, /, **flags: Any) -> None:
    generation.take(flags).run(app, _manifest)


COMMAND = Command(
    "namespace",
    callback=_create,
    usage="NAME [flags]",
    help="Create a namespace with the given name.",
    examples="""
# Create a namespace
cubectl create namespace team-a
""",
    params=generation.flags(),
)
