"""``cubectl options``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from protocube_client.cli import global_flags, help_text
from protocube_client.cli.command import Command

if TYPE_CHECKING:
    from protocube_client.cli.app import App


@click.pass_obj
def _options(app: App, *, arguments: tuple[str, ...]) -> None:  # noqa: ARG001  # as kubectl's
    context = click.get_current_context()
    flags = global_flags.of_every_command(hidden=False)
    records = (flag.get_help_record(context) for flag in flags)
    lines = help_text.definitions(record for record in records if record)
    app.streams.out.write("The following options can be passed to any command:\n\n")
    app.streams.out.writelines(f"{line}\n" for line in lines)


COMMAND = Command(
    "options",
    callback=_options,
    help="Show the flags that every command takes.",
    examples="""
# Show the flags of every command
cubectl options
""",
    params=[],
)
