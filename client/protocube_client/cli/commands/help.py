"""``cubectl help``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from protocube_client.cli.command import Command
from protocube_client.cli.failures import UsageError

if TYPE_CHECKING:
    from protocube_client.cli.app import App
    from protocube_client.cli.command import Root


@click.pass_obj
def _help(app: App, *, arguments: tuple[str, ...]) -> None:
    from protocube_client.cli.main import ROOT

    command: Command | Root = ROOT
    path: list[str] = []
    for word in arguments:
        name = command.called(word)
        if not name:
            break
        command = command.below(name)
        path.append(name)
    root = click.get_current_context().find_root()
    if arguments and not path:
        raise UsageError(
            f"Unknown help topic [`{' '.join(arguments)}`]", *root.get_help().splitlines()
        )
    context = root
    if path:
        context = click.Context(command, parent=root, info_name=" ".join(path))
    app.streams.out.write(context.get_help() + "\n")


COMMAND = Command(
    "help",
    callback=_help,
    usage="[COMMAND...]",
    help="Show what a command does, as its --help.",
    completes=("commands",),
    examples="""
# Show all commands
cubectl help

# Show what one of them does
cubectl help create secret
""",
    params=[],
)
