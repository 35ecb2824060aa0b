"""``cubectl scale``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli import files
from protocube_client.cli.command import Command
from protocube_client.cli.commands.scale.options import ScaleOptions
from protocube_client.cli.flags import dry_run, durations, output, selecting, writing
from protocube_client.cli.flags.dry_run import DryRun
from protocube_client.cli.flags.pflag import Duration, Flag

if TYPE_CHECKING:
    from protocube_client.cli.app import App
    from protocube_client.cli.session import Session


@click.pass_obj
def _scale(app: App, /, **given: Any) -> None:
    options = ScaleOptions(
        files=files.take(given),
        every=given.pop("all"),
        timeout=durations.seconds(given.pop("timeout")),
        dry_run=DryRun.parse(given.pop("dry_run")),
        format=output.take(given).format(tables=False),
        **given,
    )
    options.validate()
    app.run(app.settings(), lambda session: _run(options, session))


async def _run(options: ScaleOptions, session: Session) -> None:
    """Scale the objects; raises what could not be read after the last one."""
    from protocube_client.cli.commands.scale.scaling import Scaling

    await Scaling(options, session).run()


COMMAND = Command(
    "scale",
    callback=_scale,
    usage="(KIND NAME... | KIND/NAME... | KIND (-l LABELS | --all) | -f FILE) "
    "--replicas=COUNT [flags]",
    help="Set the number of replicas of objects that have one, of any kind.",
    completes=("kinds", "names"),
    examples="""
# Give a Deployment three replicas
cubectl scale deployment web --replicas=3

# Only if it has two
cubectl scale deployment web --replicas=3 --current-replicas=2

# Scale objects of several kinds
cubectl scale deployment/web statefulset/db --replicas=5

# Scale what a file names
cubectl scale -f deployment.yaml --replicas=3

# Wait until the replicas are there
cubectl scale deployment web --replicas=3 --timeout=1m
""",
    params=[
        Flag(
            ["--replicas"],
            type=click.INT,
            needed=True,
            metavar="COUNT",
            help="The number of replicas.",
        ),
        Flag(
            ["--current-replicas"],
            type=click.INT,
            default=-1,
            metavar="COUNT",
            help="The number that there must be; any when it is -1.",
        ),
        writing.resource_version(),
        Duration(
            ["--timeout"],
            default="0",
            metavar="DURATION",
            help="How long to wait until the status has the replicas; 0 for no waiting.",
        ),
        *files.flags("scale"),
        selecting.every("scale"),
        selecting.labels(),
        dry_run.flag(),
        *output.flags(tables=False),
        writing.record(),
    ],
)
