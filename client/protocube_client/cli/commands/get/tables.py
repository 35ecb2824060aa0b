"""The tables that ``cubectl get`` prints: one for each run of objects of a kind."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from protocube_client.printers.table_printer import TableOptions, TablePrinter

if TYPE_CHECKING:
    from protocube_client.cli.commands.get.objects import Retrieval
    from protocube_client.cli.commands.get.options import GetOptions
    from protocube_client.cli.flags.output import Format
    from protocube_client.cli.session import Session
    from protocube_client.printers.printable import Printable


def options_of(
    options: GetOptions, form: Format, *, kind: bool = False, screen: int = 0
) -> TableOptions:
    """Return what tables show; names are printed with their ``kind`` where it is needed.

    ``screen`` is how wide the terminal is that they stay on; 0 for none.
    """
    return TableOptions(
        wide=form.name == "wide",
        headers=not options.no_headers,
        namespace=options.all_namespaces,
        kind=kind or options.show_kind,
        label_columns=options.label_columns,
        labels=options.show_labels,
        event=options.output_watch_events,
        screen=screen,
    )


def show(options: GetOptions, form: Format, retrieval: Retrieval, session: Session) -> None:
    """Print what was read; say so when that is nothing, and nothing went wrong."""
    groups = [
        _sorted(list(group), options.sort_by)
        for _, group in itertools.groupby(retrieval.shown, lambda item: item.resource.message)
    ]
    several = len({item.resource.message for item in retrieval.shown}) > 1
    table = options_of(options, form, kind=several)
    out = session.streams.out
    for number, items in enumerate(groups):
        if number and table.headers:
            out.write("\n")
        TablePrinter(items[0].resource, table).print(items, out)
    if not groups and not retrieval.failed and not options.ignore_not_found:
        session.streams.err.write(f"{_nothing(options, retrieval, session)}\n")


def _sorted(items: list[Printable], path: str) -> list[Printable]:
    # A table of one row is in order, whatever the path says.
    if not path or len(items) < 2:  # noqa: PLR2004  # as the comment says
        return items
    from protocube_client.printers import sorting

    return sorting.ordered(items, path)


def _nothing(options: GetOptions, retrieval: Retrieval, session: Session) -> str:
    if options.all_namespaces or not retrieval.all_namespaced:
        return "No resources found"
    return f"No resources found in {session.settings.namespace} namespace."
