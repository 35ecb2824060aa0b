"""What ``rollout pause``, ``resume`` and ``restart`` share: each workload is changed a little."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli.command import Command
from protocube_client.cli.commands.rollout import choosing
from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags import output, writing

if TYPE_CHECKING:
    from protocube_client.cli.app import App
    from protocube_client.cli.commands.rollout.choosing import Workloads
    from protocube_client.cli.flags.output import Format
    from protocube_client.cli.objects import Chosen
    from protocube_client.cli.session import Session

Change = Callable[[str, Any], dict[str, Any]]
"""Returns the patch for a workload, given as the name of its kind and its message; an empty one
when it was changed so in this very second. Raises ``CommandError`` with what cannot be done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Options:
    workloads: Workloads
    field_manager: str
    format: Format
    verb: str
    done: str
    """What is told of each workload."""


def command(verb: str, done: str, change: Change, *, text: str, examples: str) -> Command:
    """Return the command that does ``verb`` to workloads, by ``change``; they are ``done`` then."""

    @click.pass_obj
    def run(app: App, /, **given: Any) -> None:
        options = _Options(
            workloads=choosing.take(given),
            format=output.take(given).format(tables=False),
            field_manager=given.pop("field_manager"),
            verb=verb,
            done=done,
        )
        app.run(app.settings(), lambda session: _run(session, options, change))

    return Command(
        verb,
        callback=run,
        usage=choosing.USAGE,
        help=text,
        examples=examples,
        completes=("kinds", "names"),
        params=[
            *choosing.flags(verb),
            writing.field_manager("kubectl-rollout"),
            *output.flags(tables=False),
        ],
    )


async def _run(session: Session, options: _Options, change: Change) -> None:
    """Change every workload that can be read; raises all errors together after the last one."""
    from protocube import errors
    from protocube_client.cli import objects, results
    from protocube_client.resource import aggregate

    reading = await objects.read(options.workloads.choice, session)
    if not reading.chosen and reading.unread is None:
        choosing.tell_of_none(session)
        return
    printer = results.printer(options.format, options.done)
    for item in reading.chosen:
        try:
            printed = await _changed(item, session, options, change)
        except (errors.ApiError, CommandError) as error:
            session.errors.append(aggregate.kept(error))
            continue
        printer.print([printed], session.streams.out)
    aggregate.raise_all(session.errors)


async def _changed(item: Chosen, session: Session, options: _Options, change: Change) -> Any:
    from protocube import errors
    from protocube_client.printers.printable import Printable

    resource = item.resource
    kind = resource.kind if resource.group == "apps" else ""
    try:
        patch = change(kind, item.message)
    except CommandError as error:
        told = f"error: {resource.qualified} {errors.quote(item.name)} {error}"
        raise CommandError(told) from None
    if not patch:
        raise CommandError(
            f"failed to create patch for {item.name}: if {options.verb} has already been triggered "
            "within the past second, please wait before attempting to trigger another"
        )
    try:
        message = await session.client.patch(
            resource.message_class,
            item.name,
            patch,
            namespace=item.namespace,
            field_manager=options.field_manager,
        )
    except errors.ApiError as error:
        raise CommandError(f"failed to patch: {error}") from None
    return Printable(resource=resource, message=message)
