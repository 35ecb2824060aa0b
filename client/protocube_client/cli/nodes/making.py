"""Makes the commands ``cubectl cordon`` and ``cubectl uncordon``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from protocube_client.cli.command import Command
from protocube_client.cli.flags import dry_run as dry_run_flag
from protocube_client.cli.flags import selecting
from protocube_client.cli.flags.dry_run import DryRun
from protocube_client.cli.nodes import choosing

if TYPE_CHECKING:
    from protocube_client.cli.app import App
    from protocube_client.cli.session import Session

USAGE = "(NODE... | -l LABELS) [flags]"


def command(verb: str, *, cordoned: bool, text: str, examples: str) -> Command:
    """Return the command ``verb``, after which nodes are ``cordoned`` or not."""

    @click.pass_obj
    def run(app: App, /, *, arguments: tuple[str, ...], selector: str, dry_run: str) -> None:
        mode = DryRun.parse(dry_run)
        choosing.require(arguments, selector)

        async def work(session: Session) -> None:
            from protocube_client.cli.nodes import cordoning

            nodes = await choosing.read(arguments, selector, session)
            await cordoning.run(nodes, session, cordoned=cordoned, dry_run=mode)

        app.run(app.settings(), work)

    return Command(
        verb,
        callback=run,
        usage=USAGE,
        help=text,
        completes=("nodes",),
        examples=examples,
        params=[selecting.labels("disk=ssd"), dry_run_flag.flag()],
    )
