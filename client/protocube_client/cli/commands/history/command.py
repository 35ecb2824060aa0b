"""``cubectl history``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli.command import Command
from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags import output, selecting
from protocube_client.cli.flags.pflag import Flag, Switch

if TYPE_CHECKING:
    from protocube_client.cli.app import App
    from protocube_client.cli.flags.output import Format
    from protocube_client.cli.session import Session

_MOST = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryOptions:
    """Whose versions to show, and how."""

    arguments: tuple[str, ...]
    limit: int
    """How many of each object; 0 for all that there are."""
    at_revision: str
    """The version of the store at which to begin; empty for the present."""
    no_headers: bool
    format: Format

    def validate(self) -> None:
        """Raise :class:`CommandError` for what cannot be done."""
        if self.limit < 0:
            raise CommandError("--limit must be 0 or more")


@click.pass_obj
def _history(app: App, /, **given: Any) -> None:
    options = HistoryOptions(format=output.take(given).format(tables=False), **given)
    options.validate()
    app.run(app.settings(), lambda session: _run(options, session))


async def _run(options: HistoryOptions, session: Session) -> None:
    """Show the versions of each object; raises what could not be read after the last one."""
    from protocube_client.cli.commands.history.showing import Showing

    await Showing(options, session).run()


COMMAND = Command(
    "history",
    callback=_history,
    usage="(KIND NAME... | KIND/NAME...) [flags]",
    help="Show the versions of objects, the newest first: when each was written, by whom, and "
    "which fields it changed.\n\nThe server forgets versions: its --compact-interval sets how far "
    "back they reach. A version can be had with cubectl get --at-revision.",
    completes=("kinds", "names"),
    examples="""
# What has become of a Deployment
cubectl history deployment/web

# All versions of a ConfigMap that there are, as YAML
cubectl history configmap web --limit=0 -o yaml

# The versions up to one, also of an object that is deleted now
cubectl history configmap web --at-revision=1234
""",
    params=[
        Flag(
            ["--limit"],
            type=click.INT,
            default=_MOST,
            metavar="NUMBER",
            help="At most so many versions of each object; 0 for all.",
        ),
        selecting.at_revision(),
        Switch(["--no-headers"], help="Leave the headings out."),
        *output.flags(tables=False),
    ],
)
