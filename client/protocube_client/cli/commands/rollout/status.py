"""``cubectl rollout status``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli.command import Command
from protocube_client.cli.commands.rollout import choosing
from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags import durations
from protocube_client.cli.flags.pflag import Duration, Flag, Switch

if TYPE_CHECKING:
    from protocube_client.cli.app import App
    from protocube_client.cli.commands.rollout.choosing import Workloads
    from protocube_client.cli.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusOptions:
    """Which rollouts to tell of, and for how long."""

    workloads: Workloads
    watch: bool
    revision: int
    timeout: float
    """Seconds to wait for each of them; 0 for any time."""

    def validate(self) -> None:
        """Raise :class:`CommandError` for what cannot be done."""
        if self.revision < 0:
            raise CommandError(f"revision must be a positive integer: {self.revision}")


@click.pass_obj
def _status(app: App, /, **given: Any) -> None:
    options = StatusOptions(
        workloads=choosing.take(given),
        timeout=durations.seconds(given.pop("timeout")),
        **given,
    )
    options.validate()
    app.run(app.settings(), lambda session: _run(options, session))


async def _run(options: StatusOptions, session: Session) -> None:
    """Follow the rollouts one after the other; raises all errors together after the last one."""
    from protocube_client.cli import objects
    from protocube_client.cli.commands.rollout.following import Following

    following = Following(options, session)
    found = await objects.find(options.workloads.choice, session)
    await found.visit(following.visit)
    if not following.count:
        choosing.tell_of_none(session)


COMMAND = Command(
    "status",
    callback=_status,
    usage=choosing.USAGE,
    help="Follow the rollout of workloads until it is done, and fail when it cannot be.\n\n"
    "When another rollout begins meanwhile, that one is followed, unless --revision says which "
    "one is meant.",
    completes=("kinds", "names"),
    examples="""
# Wait until a Deployment is rolled out
cubectl rollout status deployment/web

# For a minute at most
cubectl rollout status deployment/web --timeout=1m

# Say how far it is
cubectl rollout status deployment/web --watch=false
""",
    params=[
        *choosing.flags("tell of"),
        Switch(["-w", "--watch"], default=True, help="Go on until the rollout is done."),
        Flag(
            ["--revision"],
            type=click.INT,
            default=0,
            metavar="NUMBER",
            help="Fail when this is not the Deployment's revision; 0 for any.",
        ),
        Duration(
            ["--timeout"],
            default="0",
            metavar="DURATION",
            help="How long to wait; 0 for any time.",
        ),
    ],
)
