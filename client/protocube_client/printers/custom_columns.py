"""``-o custom-columns=NAME:.metadata.name,...``: a table of one's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TextIO

from protocube.tables import go_values
from protocube.tables.jsonpath.parser import TemplateError
from protocube_client.printers import cells, field_paths
from protocube_client.printers.grid import Grid

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from protocube.tables.jsonpath.finding import Template
    from protocube_client.printers.printable import Printable

_NONE = "<none>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A heading and where its values are."""

    heading: str
    path: Template


def from_spec(spec: str) -> tuple[Column, ...]:
    """Read ``HEADING:PATH,HEADING:PATH``. Raises ``TemplateError``."""
    columns: list[Column] = []
    for part in spec.split(","):
        heading, colon, path = part.partition(":")
        if not colon:
            raise TemplateError(
                f"unexpected custom-columns spec: {part}, expected <header>:<json-path-expr>"
            )
        columns.append(Column(heading=heading, path=field_paths.template(path)))
    return tuple(columns)


def from_lines(text: str) -> tuple[Column, ...]:
    """Read a line of headings and one of paths. Raises ``TemplateError``."""
    lines = text.splitlines()
    for number, missing in enumerate(("header", "spec")):
        if len(lines) <= number:
            raise TemplateError(
                f"invalid template, missing {missing} line. Expected format is one line of "
                "space separated headers, one line of space separated column specs."
            )
    headings, paths = lines[0].split(), lines[1].split()
    if len(headings) != len(paths):
        raise TemplateError(
            f"number of headers ({len(headings)}) and field specifications ({len(paths)}) "
            "don't match"
        )
    return tuple(
        Column(heading=heading, path=field_paths.template(path))
        for heading, path in zip(headings, paths, strict=True)
    )


class CustomColumnsPrinter:
    """Prints a row an object. The headings come once, also without any object."""

    def __init__(self, columns: tuple[Column, ...], *, headers: bool = True) -> None:
        self._columns = columns
        self._headers = headers
        self._grid = Grid()

    def print(self, objects: Sequence[Printable], stream: TextIO) -> None:
        """Write ``objects`` to ``stream``. Raises ``FindError``."""
        self.print_data((item.manifest() for item in objects), stream)

    def print_data(self, documents: Iterable[Any], stream: TextIO) -> None:
        """Write a row for each of any documents. Raises ``FindError``."""
        rows: list[list[str]] = []
        if self._headers:
            self._headers = False
            rows.append([column.heading for column in self._columns])
        try:
            for document in documents:
                rows += self._rows(document)
        finally:
            # What came before the first fault is shown.
            stream.writelines(self._grid.lines(rows))

    def _rows(self, document: Any) -> list[list[str]]:
        """Return the row of a document, which a value with line breaks makes several."""
        row = "\t".join(_cell(column.path.find(document)) for column in self._columns)
        return [line.split("\t") for line in row.split("\n")]


def _cell(parts: list[list[Any]]) -> str:
    found = [cells.visible(go_values.text(value)) for values in parts for value in values]
    if not parts or not parts[0]:
        found.insert(0, _NONE)
    return ",".join(found)
