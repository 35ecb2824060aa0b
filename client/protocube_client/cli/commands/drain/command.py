"""``cubectl drain``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli.command import Command
from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags import dry_run, durations, selecting
from protocube_client.cli.flags.dry_run import DryRun
from protocube_client.cli.flags.pflag import Duration, Flag, Switch
from protocube_client.cli.nodes import choosing, making

if TYPE_CHECKING:
    from protocube_client.cli.app import App
    from protocube_client.cli.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class DrainOptions:
    """Which nodes to empty, and of which pods."""

    arguments: tuple[str, ...]
    selector: str
    pod_selector: str
    force: bool
    ignore_daemonsets: bool
    delete_emptydir_data: bool
    disable_eviction: bool
    grace_period: int
    timeout: float
    """Seconds that the pods of a node may take; 0 for any time."""
    skip_wait_for_delete_timeout: int
    chunk_size: int
    dry_run: DryRun

    @property
    def grace_seconds(self) -> int | None:
        """The seconds that each pod is given; ``None`` for as many as it asks for."""
        return self.grace_period if self.grace_period >= 0 else None

    def validate(self) -> None:
        """Raise :class:`CommandError` or ``UsageError`` for what cannot be done."""
        choosing.require(self.arguments, self.selector)
        if self.pod_selector:
            from protocube import selectors

            try:
                selectors.parse_labels(self.pod_selector)
            except selectors.SelectorError:
                told = "--pod-selector=<pod_selector> must be a valid label selector"
                raise CommandError(told) from None


@click.pass_obj
def _drain(app: App, /, **given: Any) -> None:
    options = DrainOptions(
        dry_run=DryRun.parse(given.pop("dry_run")),
        timeout=durations.seconds(given.pop("timeout")),
        **given,
    )
    options.validate()
    app.run(app.settings(), lambda session: _run(options, session))


async def _run(options: DrainOptions, session: Session) -> None:
    from protocube_client.cli.commands.drain.draining import Draining
    from protocube_client.cli.nodes import cordoning

    nodes = await choosing.read(options.arguments, options.selector, session)
    await cordoning.run(nodes, session, cordoned=True, dry_run=options.dry_run)
    await Draining(options, session).run(nodes)


COMMAND = Command(
    "drain",
    callback=_drain,
    usage=making.USAGE,
    help="Empty nodes for their maintenance: no more pods are put on them, and those that are "
    "there are evicted, as their disruption budgets allow.\n\nIt waits until the pods are gone. "
    "A pod on a node goes when its kubelet has stopped it; without one, --grace-period=0 is "
    "needed. Pods of DaemonSets and of the kubelet itself stay.",
    completes=("nodes",),
    examples="""
# Empty a node, of pods without a controller, too
cubectl drain node-1 --force

# Leave the pods of DaemonSets alone, and give others 15 minutes to end
cubectl drain node-1 --ignore-daemonsets --grace-period=900

# Show which pods would go
cubectl drain node-1 --dry-run=client
""",
    params=[
        Switch(["--force"], help="Also evict pods that no controller replaces."),
        Switch(["--ignore-daemonsets"], help="Go on though there are pods of DaemonSets."),
        Switch(
            ["--delete-emptydir-data"],
            help="Also evict pods with data that is gone with them, in emptyDir volumes.",
        ),
        Switch(
            ["--disable-eviction"],
            help="Delete the pods, whatever their disruption budgets say.",
        ),
        Flag(
            ["--grace-period"],
            type=click.INT,
            default=-1,
            metavar="SECONDS",
            help="How long each pod may take to end; as long as it asks for when negative.",
        ),
        Duration(
            ["--timeout"],
            default="0",
            metavar="DURATION",
            help="How long the pods of a node may take together; 0 for any time.",
        ),
        Flag(
            ["--skip-wait-for-delete-timeout"],
            type=click.INT,
            default=0,
            metavar="SECONDS",
            help="Do not wait for pods that were to be gone so long ago; 0 to wait for all.",
        ),
        Flag(
            ["--pod-selector"],
            default="",
            metavar="LABELS",
            help="Only pods with these labels.",
        ),
        selecting.labels("disk=ssd"),
        selecting.chunk_size("pods"),
        dry_run.flag(),
    ],
)
