"""``cubectl get --watch``: the objects, and then what happens to them."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

from protocube_client.cli import absence, following
from protocube_client.cli.commands.get import tables
from protocube_client.cli.failures import CommandError
from protocube_client.printers import sorting
from protocube_client.printers.printable import Printable
from protocube_client.printers.table_printer import TablePrinter
from protocube_client.watching import EventType

if TYPE_CHECKING:
    from protocube.catalog import Resource
    from protocube_client.cli.commands.get.options import GetOptions
    from protocube_client.cli.flags.output import Format
    from protocube_client.cli.session import Session
    from protocube_client.cli.targets import Named, Targets


async def run(options: GetOptions, form: Format, found: Targets, session: Session) -> None:
    """Print the objects that ``options`` ask for, and every change until it is interrupted."""
    resource, named = _one_kind(found)
    namespace = options.namespace(resource, session)
    selector = options.field_selector
    if named is not None:
        namespace = named.namespace or namespace
        selector = f"metadata.name={named.name}"
        # Nothing to watch is an error; a list of nothing would be none.
        async with absence.explained(session, namespace):
            await session.client.get(resource.message_class, named.name, namespace=namespace)
    kind = resource.message_class
    listing = await session.client.list(
        kind,
        namespace=namespace,
        label_selector=options.selector,
        field_selector=selector,
        include_managed_fields=options.output.show_managed_fields,
    )
    watcher = _Watcher(options, form, resource, session)
    if not options.watch_only:
        watcher.begin([Printable(resource=resource, message=message) for message in listing])
    events = session.client.watch(
        kind,
        namespace=namespace,
        label_selector=options.selector,
        field_selector=selector,
        resource_version=listing.resource_version,
        include_managed_fields=options.output.show_managed_fields,
    )
    await following.each(
        events,
        session,
        lambda event: watcher.show(
            [(event.type, Printable(resource=resource, message=event.object))]
        ),
    )


def _one_kind(found: Targets) -> tuple[Resource, Named | None]:
    """Return the kind to watch, and the object when one is meant."""
    kinds = {item.message: item for item in found.kinds}
    kinds |= {item.resource.message: item.resource for item in found.named}
    if len(kinds) > 1:
        raise CommandError("you may only specify a single resource type")
    if len(found.kinds) == 1:
        return found.kinds[0], None
    if len(found.named) == 1:
        return found.named[0].resource, found.named[0]
    raise CommandError("watch is only supported on individual resources and resource collections")


class _Watcher:
    """Prints objects as they come, in one table or one document each."""

    def __init__(
        self, options: GetOptions, form: Format, resource: Resource, session: Session
    ) -> None:
        self._out = session.streams.out
        self._form = form
        self._sort_by = options.sort_by
        self._with_events = options.output_watch_events
        screen = shutil.get_terminal_size().columns if self._out.isatty() else 0
        self._table = TablePrinter(resource, tables.options_of(options, form, screen=screen))
        self._printer = None if form.is_table else form.printer()

    def begin(self, items: list[Printable]) -> None:
        """Print the objects that are there."""
        if self._printer is None and self._sort_by and len(items) > 1:
            items = sorting.ordered(items, self._sort_by)
        self.show([(EventType.ADDED, item) for item in items])

    def show(self, events: list[tuple[EventType, Printable]]) -> None:
        """Print ``events``, at once."""
        if not events:
            return
        if self._printer is None:
            self._table.print_events([(kind.value, item) for kind, item in events], self._out)
        elif self._with_events and self._form.name == "json":
            self._lines(events)
        else:
            wraps = self._with_events and self._form.name != "name"
            shown = [_event(kind, item) if wraps else item for kind, item in events]
            self._printer.print(shown, self._out)
        self._out.flush()

    def _lines(self, events: list[tuple[EventType, Printable]]) -> None:
        """Print each event as one line of JSON, as kubectl does."""
        from protocube.manifests import json_text

        for kind, item in events:
            text = json_text.compact(item.manifest())
            self._out.write(f'{{"type":"{kind.value}","object":{text}}}\n')


def _event(kind: EventType, item: Printable) -> Printable:
    """Return an event as an object to print."""
    return replace(item, given={"type": kind.value, "object": item.manifest()})
