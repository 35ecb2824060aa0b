"""``cubectl rollout undo``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli.command import Command
from protocube_client.cli.commands.rollout import choosing
from protocube_client.cli.flags import dry_run, output
from protocube_client.cli.flags.dry_run import DryRun
from protocube_client.cli.flags.pflag import Flag

if TYPE_CHECKING:
    from protocube_client.cli.app import App
    from protocube_client.cli.commands.rollout.choosing import Workloads
    from protocube_client.cli.flags.output import Format
    from protocube_client.cli.objects import Chosen
    from protocube_client.cli.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoOptions:
    """What to bring back."""

    workloads: Workloads
    to_revision: int
    """0 for the one before."""
    dry_run: DryRun
    format: Format


@click.pass_obj
def _undo(app: App, /, **given: Any) -> None:
    options = UndoOptions(
        workloads=choosing.take(given),
        dry_run=DryRun.parse(given.pop("dry_run")),
        format=output.take(given).format(tables=False),
        **given,
    )
    app.run(app.settings(), lambda session: _run(options, session))


async def _run(options: UndoOptions, session: Session) -> None:
    """Bring every workload back; raises all errors together after the last one."""
    from protocube_client.cli import objects, results
    from protocube_client.cli.commands.rollout import undoing

    async def visit(chosen: Chosen) -> None:
        done = await undoing.undo(chosen, options, session)
        printer = results.printer(options.format, done + options.dry_run.suffix)
        printer.print([chosen.printable()], session.streams.out)

    found = await objects.find(options.workloads.choice, session)
    await found.visit(visit)


COMMAND = Command(
    "undo",
    callback=_undo,
    usage=choosing.USAGE,
    help="Bring back the pod template of an earlier revision: of the one before, or of the one "
    "that --to-revision names.",
    completes=("kinds", "names"),
    examples="""
# Go back to the revision before
cubectl rollout undo deployment/web

# Go back to a certain one
cubectl rollout undo daemonset/agent --to-revision=3

# Show the pod template that would come back
cubectl rollout undo deployment/web --dry-run=client
""",
    params=[
        Flag(
            ["--to-revision"],
            type=click.INT,
            default=0,
            metavar="NUMBER",
            help="The revision to go back to; 0 for the one before.",
        ),
        *choosing.flags("bring back"),
        dry_run.flag(),
        *output.flags(tables=False),
    ],
)
