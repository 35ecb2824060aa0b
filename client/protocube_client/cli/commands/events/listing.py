"""One run of ``cubectl events``: the events that there are, and with ``--watch`` those to come."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from protocube_client.cli import event_rows, following, listed
from protocube_client.printers import cells, typed_order
from protocube_client.printers.grid import Grid
from protocube_client.printers.printable import Printable
from protocube_client.watching import EventType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from google.protobuf.message import Message

    from protocube_client.cli.commands.events.options import EventsOptions
    from protocube_client.cli.session import Session
    from protocube_client.watching import WatchEvent

_HEADINGS = ["LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"]


class EventListing:
    """Shows events as one table, or as documents."""

    def __init__(self, options: EventsOptions, session: Session) -> None:
        self._options = options
        self._session = session
        self._resource = event_rows.resource(session.kinds)
        self._grid = Grid()
        self._printer = options.format.printer() if options.format.name else None
        self._headed = options.no_headers

    async def run(self) -> None:
        """Show the events. Raises the exceptions of :mod:`protocube.errors`."""
        options, session = self._options, self._session
        namespace = session.namespace_for(self._resource, everywhere=options.all_namespaces)
        selector = await options.selector(session)
        listing = await listed.objects(
            self._resource,
            session,
            namespace=namespace,
            field_selector=selector,
            page_size=max(options.chunk_size, 0),
            include_managed_fields=options.format.managed_fields,
        )
        found = event_rows.in_order(event for event in listing if options.shows(event))
        if options.watch:
            self._show_each(found)
            await self._follow(namespace, selector, listing.resource_version)
        elif found:
            self._show(found)
        else:
            where = "" if options.all_namespaces else f" in {namespace} namespace"
            session.streams.err.write(f"No events found{where}.\n")

    async def _follow(self, namespace: str, selector: str, version: str) -> None:
        events = self._session.client.watch(
            self._resource.message_class,
            namespace=namespace,
            field_selector=selector,
            resource_version=version,
            include_managed_fields=self._options.format.managed_fields,
        )
        await following.each(events, self._session, self._happened)

    def _happened(self, event: WatchEvent[Message]) -> None:
        # An event that is deleted is one that has been kept long enough.
        if event.type is not EventType.DELETED and self._options.shows(event.object):
            self._show_each([event.object])

    def _show_each(self, events: Sequence[Any]) -> None:
        out = self._session.streams.out
        if self._printer is not None:
            self._printer.print([self._printable(each) for each in events], out)
        elif events:
            self._rows(events)
        out.flush()

    def _show(self, events: Sequence[Any]) -> None:
        """Show events as a table, or as one list of events."""
        if self._printer is None:
            self._rows(events)
            return
        shown = [self._printable(event) for event in events]
        if self._options.format.name != "name":
            # kubectl makes one object of them, of a kind of its own.
            items = [item.manifest() for item in shown]
            head = {"kind": "EventList", "apiVersion": "v1", "metadata": {}}
            shown = [replace(shown[0], given={**head, "items": items})]
        self._printer.print(shown, self._session.streams.out)

    def _printable(self, event: Any) -> Printable:
        found = Printable(resource=self._resource, message=event, typed=True)
        return replace(found, given=typed_order.of(found.manifest(), self._resource.descriptor))

    def _rows(self, events: Sequence[Any]) -> None:
        now = time.time()
        rows = [self._row(event, now) for event in events]
        if not self._headed:
            self._headed = True
            rows.insert(0, [*(["NAMESPACE"] if self._options.all_namespaces else []), *_HEADINGS])
        self._session.streams.out.writelines(self._grid.lines(rows))

    def _row(self, event: Any, now: float) -> list[str]:
        about = event.involved_object
        return [
            *([event.metadata.namespace] if self._options.all_namespaces else []),
            event_rows.interval(event, now),
            cells.visible(event.type),
            cells.visible(event.reason),
            cells.visible(f"{about.kind}/{about.name}"),
            cells.visible(event.message.strip()),
        ]
