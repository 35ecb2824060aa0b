"""``cubectl get --watch``: the objects, and then what happens to them."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING

from protocube_client.cli import output
from protocube_client.cli.failures import CommandError
from protocube_client.printers.printable import Printable
from protocube_client.printers.table_printer import TableOptions, TablePrinter
from protocube_client.watching import EventType

if TYPE_CHECKING:
    from protocube.catalog import Resource

    from protocube_client.cli.get import GetOptions
    from protocube_client.cli.session import Session
    from protocube_client.cli.targets import Targets


async def run(options: GetOptions, found: Targets, session: Session) -> None:
    """Print the objects that ``options`` ask for, and every change until it is interrupted."""
    resource, name = _one_kind(found)
    selector = ",".join(
        part for part in (options.field_selector, f"metadata.name={name}" if name else "") if part
    )
    watcher = _Watcher(options, resource, session)
    namespace = options.namespace(resource, session)
    kind = resource.message_class
    listing = await session.client.list(
        kind, namespace=namespace, label_selector=options.selector, field_selector=selector
    )
    if not options.watch_only:
        watcher.show(
            [
                (EventType.ADDED, Printable(resource=resource, message=message))
                for message in listing
            ]
        )
    events = session.client.watch(
        kind,
        namespace=namespace,
        label_selector=options.selector,
        field_selector=selector,
        resource_version=listing.resource_version,
    )
    async with aclosing(events):
        async for event in events:
            watcher.show([(event.type, Printable(resource=resource, message=event.object))])


def _one_kind(found: Targets) -> tuple[Resource, str]:
    """Give the kind to watch, and the name when one object is meant."""
    if len(found.kinds) == 1:
        return found.kinds[0], ""
    if len(found.named) == 1:
        return found.named[0].resource, found.named[0].name
    raise CommandError("watch is only supported on individual resources and resource collections")


class _Watcher:
    """Prints objects as they come, in one table or one document each."""

    def __init__(self, options: GetOptions, resource: Resource, session: Session) -> None:
        self._out = session.streams.out
        self._table = TablePrinter(
            resource,
            TableOptions(
                wide=options.output == "wide",
                headers=not options.no_headers,
                namespace=options.all_namespaces,
                labels=options.show_labels,
                event=options.output_watch_events,
            ),
        )
        self._printer = None if options.is_table else output.printer(options.output)

    def show(self, events: list[tuple[EventType, Printable]]) -> None:
        """Print ``events``, at once."""
        if not events:
            return
        if self._printer is None:
            self._table.print_events([(kind.value, item) for kind, item in events], self._out)
        else:
            self._printer.print([item for _, item in events], self._out)
        self._out.flush()
