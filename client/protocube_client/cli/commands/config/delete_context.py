"""``cubectl config delete-context``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from protocube_client.cli.command import Command
from protocube_client.cli.commands.config import editing
from protocube_client.cli.settings import config, config_path

if TYPE_CHECKING:
    from protocube_client.cli.app import App


@click.pass_obj
def _delete_context(app: App, *, arguments: tuple[str, ...]) -> None:
    name = editing.one_name(arguments, "delete-context")
    found = config.load(config_path.of(app.given, app.environ))
    if found.current == name and found.find(name):
        app.streams.err.write(
            'warning: this removed your active context, use "cubectl config use-context" '
            "to select a different one\n"
        )
    editing.delete(app, "contexts", "context", name)


COMMAND = Command(
    "delete-context",
    callback=_delete_context,
    usage="NAME",
    help="Take a context out of the config file.",
    completes=("contexts",),
    examples="""
# Take a context out
cubectl config delete-context dev
""",
    params=[],
)
