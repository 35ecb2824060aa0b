"""``cubectl config delete-context``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from protocube_client.cli import config
from protocube_client.cli.command import Command
from protocube_client.cli.configuring import editing
from protocube_client.cli.failures import CommandError

if TYPE_CHECKING:
    from protocube_client.cli.app import App


@click.pass_obj
def _delete_context(app: App, *, arguments: tuple[str, ...]) -> None:
    name = editing.one_name(arguments, "delete-context")
    file = config.path(app.given, app.environ)
    found = config.load(file)
    if found.find(name) is None:
        raise CommandError(f"cannot delete context {name}, not in {file}")
    if found.current == name:
        app.streams.err.write(
            'warning: this removed your active context, use "cubectl config use-context" '
            "to select a different one\n"
        )
    editing.save(file, editing.without_entry(found.data, "contexts", name))
    app.streams.out.write(f"deleted context {name} from {file}\n")


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
