"""``cubectl taint``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli.command import Command
from protocube_client.cli.failures import CommandError, misuse
from protocube_client.cli.flags import dry_run, output, selecting, writing
from protocube_client.cli.flags.dry_run import DryRun
from protocube_client.cli.flags.pflag import Switch

if TYPE_CHECKING:
    from protocube_client.cli.app import App
    from protocube_client.cli.commands.taint.taints import Changes
    from protocube_client.cli.flags.output import Format
    from protocube_client.cli.session import Session
    from protocube_client.resource.validation import Validation


@dataclass(frozen=True, slots=True, kw_only=True)
class TaintOptions:
    """Which nodes to taint, and with what."""

    named: tuple[str, ...]
    """The kind, and names of nodes."""
    changes: Changes
    every: bool
    selector: str
    overwrite: bool
    validation: Validation
    dry_run: DryRun
    field_manager: str
    format: Format

    def validate(self) -> None:
        """Raise :class:`CommandError` for what cannot be done."""
        if wrong := self.changes.contradictions():
            raise CommandError(
                "can not both modify and remove the following taint(s) in the same command: "
                + ", ".join(wrong)
            )
        if self.every and self.selector:
            raise CommandError("setting 'all' parameter with a non empty selector is prohibited")
        if not self.every and not self.selector and not self.named[1:]:
            raise CommandError(
                "at least one resource name must be specified since 'all' parameter is not set"
            )


@click.pass_obj
def _taint(app: App, /, *, arguments: tuple[str, ...], **given: Any) -> None:
    from protocube_client.cli.commands.taint import taints
    from protocube_client.resource.validation import Validation

    named, found = taints.split(arguments)
    if not named:
        raise CommandError("one or more resources must be specified as <resource> <name>")
    if not found:
        raise CommandError("at least one taint update is required")
    try:
        changes = taints.read(found)
    except taints.TaintError as error:
        path = click.get_current_context().command_path
        raise misuse(str(error), path) from None
    options = TaintOptions(
        named=named,
        changes=changes,
        every=given.pop("all"),
        validation=Validation.parse(given.pop("validate")),
        dry_run=DryRun.parse(given.pop("dry_run")),
        format=output.take(given).format(tables=False),
        **given,
    )
    app.run(app.settings(), lambda session: _run(options, session))


async def _run(options: TaintOptions, session: Session) -> None:
    """Taint the nodes; raises all errors together after the last one."""
    from protocube_client.cli.commands.taint.tainting import Tainting

    await Tainting(options, session).run()


COMMAND = Command(
    "taint",
    callback=_taint,
    usage="node (NAME... | -l LABELS | --all) KEY[=VALUE]:EFFECT... [KEY[:EFFECT]-...] [flags]",
    help="Set taints of nodes, and take them away. An effect is NoSchedule, PreferNoSchedule or "
    "NoExecute; a taint is told from others by its key and effect.",
    completes=("kinds", "names"),
    examples="""
# Keep pods away that do not tolerate it
cubectl taint node node-1 dedicated=db:NoSchedule

# Give the taint another value
cubectl taint node node-1 dedicated=web:NoSchedule --overwrite

# Take it away, or all taints of the key
cubectl taint node node-1 dedicated:NoSchedule-
cubectl taint node node-1 dedicated-

# Taint all nodes with a label
cubectl taint nodes -l disk=ssd fast:PreferNoSchedule
""",
    params=[
        selecting.labels("disk=ssd"),
        Switch(["--all"], help="Taint all nodes."),
        Switch(["--overwrite"], help="Let taints that exist get other values."),
        dry_run.flag(),
        writing.validate(),
        writing.field_manager("kubectl-taint"),
        *output.flags(tables=False),
    ],
)
