"""Tables that stay on a terminal and get more rows."""

from __future__ import annotations

import io

from protocube.catalog import Catalog
from protocube.core.v1.config_map_pb2 import ConfigMap
from protocube.meta.v1.object_meta_pb2 import ObjectMeta
from protocube_client.printers.printable import Printable
from protocube_client.printers.table_printer import TableOptions, TablePrinter

RESOURCE = Catalog.shipped(comments=False).find("configmaps")


def shown(*names: str, **options: int) -> list[str]:
    """Return the lines of a table to which one object after the other comes."""
    assert RESOURCE is not None
    table, stream = TablePrinter(RESOURCE, TableOptions(**options)), io.StringIO()  # type: ignore[arg-type]  # the options are numbers and switches
    for name in names:
        message = ConfigMap(metadata=ObjectMeta(name=name))
        table.print([Printable(resource=RESOURCE, message=message)], stream)
    return stream.getvalue().splitlines()


def test_wider_columns_have_their_headings_again() -> None:
    """So that each row stands below headings that line up with it."""
    assert shown("a", "longer-name", "b", screen=80) == [
        "NAME   DATA   AGE",
        "a      0      <unknown>",
        "NAME          DATA   AGE",
        "longer-name   0      <unknown>",
        "b             0      <unknown>",
    ]


def test_headings_come_once_where_there_is_no_terminal() -> None:
    """As kubectl's, and never where they are left out."""
    assert sum(line.startswith("NAME") for line in shown("a", "longer-name")) == 1
    assert shown("a", "longer-name", screen=80, headers=False)[0].startswith("a ")
    assert len(shown("a", "longer-name", screen=80, headers=False)) == 2


def test_lines_are_cut_at_the_edge() -> None:
    """A line that goes on in the next one is hard to read among others."""
    assert shown("a-name-of-some-length", screen=20) == [
        "NAME               …",
        "a-name-of-some-leng…",
    ]
