"""Whether pods may be put on nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube.errors import quote
from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags.dry_run import DryRun
from protocube_client.printers.name_printer import NamePrinter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocube_client.cli.objects import Chosen
    from protocube_client.cli.session import Session


async def run(
    nodes: Sequence[Chosen], session: Session, *, cordoned: bool, dry_run: DryRun
) -> None:
    """Let no pods be put on the nodes, or let them again, and tell of each.

    What goes wrong with a node is told and leaves the others alone, as in kubectl. Raises
    :class:`CommandError` for what is no node.
    """
    for node in nodes:
        if (node.resource.group, node.resource.kind) != ("", "Node"):
            kind = quote(node.resource.qualified)
            raise CommandError(f"error: expected resource of type node, got {kind}")
    verb = "cordon" if cordoned else "uncordon"
    for node in nodes:
        message: Any = node.message
        done = f"{verb}ed"
        if message.spec.unschedulable == cordoned:
            done = f"already {done}"
        elif dry_run is not DryRun.CLIENT:
            try:
                await _patch(node, session, cordoned=cordoned, dry_run=dry_run)
            except errors.ApiError as error:
                told = f"error: unable to {verb} node {quote(node.name)}: {error}\n"
                session.streams.err.write(told)
                continue
        printer = NamePrinter(done + dry_run.suffix)
        printer.print([node.printable()], session.streams.out)


async def _patch(node: Chosen, session: Session, *, cordoned: bool, dry_run: DryRun) -> None:
    change = {"spec": {"unschedulable": True if cordoned else None}}
    await session.client.patch(
        node.resource.message_class, node.name, change, dry_run=dry_run is DryRun.SERVER
    )
