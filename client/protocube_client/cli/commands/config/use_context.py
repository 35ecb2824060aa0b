"""``cubectl config use-context``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from protocube.errors import quote
from protocube_client.cli.command import Command
from protocube_client.cli.commands.config import editing
from protocube_client.cli.failures import CommandError
from protocube_client.cli.settings import config, config_path

if TYPE_CHECKING:
    from protocube_client.cli.app import App


@click.pass_obj
def _use_context(app: App, *, arguments: tuple[str, ...]) -> None:
    name = editing.one_name(arguments, "use-context")
    if not name:
        raise CommandError("empty context names are not allowed")
    file = config_path.of(app.given, app.environ)
    found = config.load(file)
    if found.find(name) is None:
        raise CommandError(f"no context exists with the name: {quote(name)}")
    editing.save(file, {**found.data, "current-context": name})
    app.streams.out.write(f"Switched to context {quote(name)}.\n")


COMMAND = Command(
    "use-context",
    callback=_use_context,
    usage="NAME",
    help="Make a context the current one.",
    completes=("contexts",),
    examples="""
# Work with another context from now on
cubectl config use-context dev
""",
    params=[],
)
