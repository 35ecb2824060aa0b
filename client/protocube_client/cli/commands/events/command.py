"""``cubectl events``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli.command import Command
from protocube_client.cli.flags import output, selecting
from protocube_client.cli.flags.pflag import Flag, Switch, words

if TYPE_CHECKING:
    from protocube_client.cli.app import App
    from protocube_client.cli.commands.events.options import EventsOptions
    from protocube_client.cli.session import Session


@click.pass_obj
def _events(app: App, /, **given: Any) -> None:
    from protocube_client.cli.commands.events.options import EventsOptions

    options = EventsOptions(
        about=given.pop("for"),
        types=words(given.pop("types")),
        format=output.take(given).format(tables=False),
        **given,
    )
    options.validate()
    app.run(app.settings(), lambda session: _run(options, session))


async def _run(options: EventsOptions, session: Session) -> None:
    from protocube_client.cli.commands.events.listing import EventListing

    await EventListing(options, session).run()


COMMAND = Command(
    "events",
    callback=_events,
    help="Show what happened lately, the latest last.\n\nA server keeps events for an hour, "
    "unless it was told otherwise.",
    examples="""
# The events of the namespace
cubectl events

# Those of all namespaces
cubectl events -A

# Those of one pod, and what happens to it from now on
cubectl events --for pod/web --watch

# Warnings alone
cubectl events --types=Warning
""",
    params=[
        Switch(["-w", "--watch"], help="Go on and show what happens."),
        selecting.all_namespaces(),
        Flag(["--for"], default="", metavar="KIND/NAME", help="Only events about this object."),
        Flag(
            ["--types"],
            multiple=True,
            metavar="TYPES",
            help="Only events of these types: Normal, Warning.",
            values=("Normal", "Warning"),
        ),
        Switch(["--no-headers"], help="Leave the headings out."),
        selecting.chunk_size("events"),
        *output.flags(tables=False),
    ],
)
