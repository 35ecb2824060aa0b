"""One run of ``cubectl history``."""

from __future__ import annotations

import time
from contextlib import aclosing
from typing import TYPE_CHECKING, Final

from protocube import errors
from protocube.tables import ages
from protocube.tables.kinds import missing
from protocube_client.cli import absence, past, targets
from protocube_client.cli.commands.history import versions
from protocube_client.printers import cells
from protocube_client.printers.grid import Grid
from protocube_client.printers.printable import Printable
from protocube_client.resource import aggregate

if TYPE_CHECKING:
    from protocube_client.cli.commands.history.command import HistoryOptions
    from protocube_client.cli.commands.history.versions import Version
    from protocube_client.cli.session import Session
    from protocube_client.cli.targets import Named

_HEADINGS: Final = ["REVISION", "AGE", "OPERATION", "MANAGER"]
_CREATED: Final = "Create"


class Showing:
    """Shows the versions of objects as a table with what changed, or as documents."""

    def __init__(self, options: HistoryOptions, session: Session) -> None:
        self._options = options
        self._session = session
        self._printer = options.format.printer() if options.format.name else None

    async def run(self) -> None:
        """Show the objects; raises what could not be read, together, after the last one."""
        query = targets.Query(selects=False, kinds_alone=False, all_namespaces=False)
        found = await targets.find(self._options.arguments, self._session.kinds, query)
        for number, item in enumerate(found.named):
            try:
                await self._show(item, is_first=not number)
            except errors.ApiError as error:
                self._session.errors.append(aggregate.kept(error))
        aggregate.raise_all(self._session.errors)

    async def _show(self, item: Named, *, is_first: bool) -> None:
        """Show the versions of an object. Raises the exceptions of :mod:`protocube.errors`."""
        session, resource = self._session, item.resource
        namespace = item.namespace or session.namespace_for(resource)
        grid = Grid()
        # Rows are shown as they are read, so their columns are as wide as the headings.
        headings = list(grid.lines([_HEADINGS]))
        count = 0
        found = versions.of_object(
            session.client, resource, item.name, namespace, at=self._options.at_revision
        )
        async with absence.explained(session, namespace), aclosing(found) as each:
            async for version in each:
                if self._printer is not None:
                    shown = Printable(resource=resource, message=version.message)
                    self._printer.print([shown], session.streams.out)
                else:
                    if not count and not self._options.no_headers:
                        session.streams.out.writelines(headings if is_first else ["\n", *headings])
                    self._row(grid, version, item)
                session.streams.out.flush()
                count += 1
                if version.forgotten:
                    self._say(f"Versions before {_number(version)} are forgotten {past.HOW_FAR}.")
                elif count == self._options.limit and version.previous is not None:
                    self._say(f"There are versions before {_number(version)}: --limit=0 shows all.")
                    return

    def _row(self, grid: Grid, version: Version, item: Named) -> None:
        out = self._session.streams.out
        entry = version.entry
        operation = missing.NONE if entry is None else entry.operation
        if version.previous is None and not version.forgotten:
            operation = _CREATED
        elif entry is not None and entry.subresource:
            operation += f"/{entry.subresource}"
        row = [
            _number(version),
            ages.UNKNOWN if entry is None else ages.since(entry.time, time.time()),
            operation,
            missing.NONE if entry is None else cells.visible(entry.manager),
        ]
        out.writelines(grid.lines([row]))
        out.writelines(f"{line}\n" for line in version.changes(item.resource))

    def _say(self, text: str) -> None:
        self._session.streams.err.write(f"{text}\n")


def _number(version: Version) -> str:
    return str(version.message.metadata.resource_version)
