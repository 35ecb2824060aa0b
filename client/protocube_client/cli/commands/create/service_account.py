"""``cubectl create serviceaccount``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli.command import Command
from protocube_client.cli.commands.create import generation

if TYPE_CHECKING:
    from protocube_client.cli.app import App


def _manifest(metadata: dict[str, Any]) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}


@click.pass_obj
def _create(app: App, /, **flags: Any) -> None:
    complaint = "failed to create serviceaccount: "
    generation.take(flags).run(app, _manifest, complaint=complaint)


COMMAND = Command(
    "serviceaccount",
    callback=_create,
    usage="NAME [flags]",
    help="Create a service account with the given name.",
    examples="""
# Create a service account
cubectl create serviceaccount robot
""",
    params=generation.flags(),
)
