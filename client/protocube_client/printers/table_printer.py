"""Tables as kubectl prints them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from protocube.tables import columns, labels
from protocube_client.printers import cells
from protocube_client.printers.grid import Grid
from protocube_client.printers.printable import Printable, kind_and_group

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from protocube.catalog import Resource

_EVENT_WIDTH = len("MODIFIED")


@dataclass(frozen=True, slots=True, kw_only=True)
class TableOptions:
    """What a table shows beside the columns of the kind."""

    wide: bool = False
    headers: bool = True
    namespace: bool = False
    """A column NAMESPACE comes first, for kinds that live in one."""
    kind: bool = False
    """Names are printed as ``kind/name``."""
    label_columns: tuple[str, ...] = ()
    """Each of these labels has a column behind those of the kind."""
    labels: bool = False
    """A column LABELS comes last."""
    event: bool = False
    """A column EVENT comes first of all."""
    screen: int = 0
    """The columns of the terminal that is printed to: longer lines are cut, and the headings
    come again when columns get wider. 0 when it is none."""


class TablePrinter:
    """Prints the objects of one kind. Later calls go on with the same table."""

    def __init__(
        self,
        resource: Resource,
        options: TableOptions,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._resource = resource
        self._options = options
        self._clock = clock
        self._columns = columns.of(resource, wide=options.wide)
        self._grid = Grid()
        self._headed = not options.headers

    def print(self, objects: Sequence[Printable], stream: TextIO) -> None:
        """Write ``objects`` to ``stream``, the headings before the first of them."""
        self.print_events([("", item) for item in objects], stream)

    def print_events(self, events: Sequence[tuple[str, Printable]], stream: TextIO) -> None:
        """Write objects with what happened to them, which is shown with ``event``."""
        now = self._clock()
        rows = [self._row(event, item, now) for event, item in events]
        widens = self._options.screen and self._options.headers and not self._grid.fits(rows)
        if not self._headed or widens:
            self._headed = True
            rows.insert(0, self._headings())
        stream.writelines(map(self._cut, self._grid.lines(rows)))

    def _cut(self, line: str) -> str:
        """Return a line as the terminal has room for it."""
        screen = self._options.screen
        if not screen or len(line.removesuffix("\n")) <= screen:
            return line
        return f"{line[: screen - 1]}…\n"

    def _headings(self) -> list[str]:
        options = self._options
        return [
            *(["EVENT"] if options.event else []),
            *(["NAMESPACE"] if self._shows_namespace else []),
            *(column.name for column in self._columns),
            *(label.rpartition("/")[2].upper() for label in options.label_columns),
            *(["LABELS"] if options.labels else []),
        ]

    def _row(self, event: str, item: Printable, now: float) -> list[str]:
        options = self._options
        row = [
            *([event.ljust(_EVENT_WIDTH)] if options.event else []),
            *([item.metadata.namespace] if self._shows_namespace else []),
        ]
        for column in self._columns:
            text = column.cell(item.message, now)
            if options.kind and column.name == "NAME":
                text = f"{kind_and_group(self._resource)}/{text}"
            row.append(cells.one_line(text))
        row += [item.metadata.labels.get(label, "") for label in options.label_columns]
        if options.labels:
            row.append(labels.text(item.metadata.labels))
        return row

    @property
    def _shows_namespace(self) -> bool:
        return self._options.namespace and self._resource.namespaced
