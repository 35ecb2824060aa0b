"""``cubectl config current-context``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from protocube_client.cli.command import Command
from protocube_client.cli.failures import CommandError
from protocube_client.cli.settings import config, config_path

if TYPE_CHECKING:
    from protocube_client.cli.app import App


@click.pass_obj
def _current_context(app: App, *, arguments: tuple[str, ...]) -> None:  # noqa: ARG001  # as kubectl
    current = config.load(config_path.of(app.given, app.environ)).current
    if not current:
        raise CommandError("current-context is not set")
    app.streams.out.write(f"{current}\n")


COMMAND = Command(
    "current-context",
    callback=_current_context,
    help="Show the name of the current context.",
    examples="""
# Show the name of the current context
cubectl config current-context
""",
    params=[],
)
