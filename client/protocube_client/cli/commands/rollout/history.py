"""``cubectl rollout history``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli.command import Command
from protocube_client.cli.commands.rollout import choosing
from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags import output
from protocube_client.cli.flags.pflag import Flag

if TYPE_CHECKING:
    from protocube_client.cli.app import App
    from protocube_client.cli.commands.rollout.choosing import Workloads
    from protocube_client.cli.commands.rollout.revisions import Revision
    from protocube_client.cli.flags.output import Format
    from protocube_client.cli.objects import Chosen
    from protocube_client.cli.session import Session

_NOT_FOUND = "unable to find the specified revision"


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryOptions:
    """Whose history to tell."""

    workloads: Workloads
    revision: int
    """The one to show; 0 for a list of all."""
    format: Format

    def validate(self) -> None:
        """Raise :class:`CommandError` for what cannot be done."""
        if self.revision < 0:
            raise CommandError(f"revision must be a positive integer: {self.revision}")


@click.pass_obj
def _history(app: App, /, **given: Any) -> None:
    options = HistoryOptions(
        workloads=choosing.take(given), format=output.take(given).format(tables=False), **given
    )
    options.validate()
    app.run(app.settings(), lambda session: _run(options, session))


async def _run(options: HistoryOptions, session: Session) -> None:
    """Tell of every workload; raises all errors together after the last one."""
    from protocube_client.cli import objects
    from protocube_client.cli.commands.rollout import revisions

    shown = options.format.printer() if options.format.name else None

    async def visit(chosen: Chosen) -> None:
        revisions.require_kind(chosen.resource, "history viewer")
        found = await revisions.of_workload(chosen, session)
        if shown is None:
            _tell(chosen, found, options, session)
            return
        wanted = [each for each in found if options.revision in (0, each.number)]
        if options.revision and not wanted:
            raise CommandError(_NOT_FOUND)
        for each in wanted:
            shown.print([each.printable], session.streams.out)

    choice = await objects.find(options.workloads.choice, session)
    await choice.visit(visit)


def _tell(chosen: Chosen, found: list[Revision], options: HistoryOptions, session: Session) -> None:
    from protocube_client.cli import results

    which = f"with revision #{options.revision}" if options.revision else ""
    told = f"{which}\n{_text(found, options.revision)}"
    results.printer(options.format, told).print([chosen.printable()], session.streams.out)


def _text(found: list[Revision], wanted: int) -> str:
    """Return a table of all revisions, or the one that is ``wanted``."""
    from protocube_client.cli.commands.rollout import revisions

    if not found:
        return "No rollout history found."
    by_number = {revision.number: revision for revision in found}
    if not wanted:
        rows = [(str(number), revision.cause or "<none>") for number, revision in by_number.items()]
        size = max(len("REVISION"), *(len(number) for number, _ in rows)) + 2
        lines = [("REVISION", "CHANGE-CAUSE"), *rows]
        return "".join(f"{number.ljust(size)}{cause}\n" for number, cause in lines)
    if wanted not in by_number:
        raise CommandError(_NOT_FOUND)
    revision = by_number[wanted]
    template = type(revision.template)()
    template.CopyFrom(revision.template)
    if revision.cause and not revision.patch:
        template.metadata.annotations[revisions.CHANGE_CAUSE] = revision.cause
    return revisions.told(template)


COMMAND = Command(
    "history",
    callback=_history,
    usage=choosing.USAGE,
    help="Show the revisions of workloads that are kept, with why each came about: what the "
    "annotation kubernetes.io/change-cause said then.",
    completes=("kinds", "names"),
    examples="""
# List the revisions of a Deployment
cubectl rollout history deployment/web

# Show the pod template of one of them
cubectl rollout history deployment/web --revision=3
""",
    params=[
        Flag(
            ["--revision"],
            type=click.INT,
            default=0,
            metavar="NUMBER",
            help="Show the pod template of this revision.",
        ),
        *choosing.flags("tell of"),
        *output.flags(tables=False),
    ],
)
