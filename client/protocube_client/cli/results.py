"""How a command tells what it did to an object: a line, or the object in a form of output."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from protocube.catalog import Resource
    from protocube_client.cli.flags.output import Format
    from protocube_client.printers.printable import Printer


def printer(form: Format, done: str) -> Printer:
    """Return what prints each object: as ``form`` says, or as ``pod/web`` with ``done``."""
    if form.name:
        return form.printer()
    from protocube_client.printers.name_printer import NamePrinter

    return NamePrinter(done)


def deleted(resource: Resource, name: str, *, form: str, done: str = "deleted") -> str:
    """Return the line that tells of an object that is deleted; its name with the form ``name``."""
    from protocube_client.printers.printable import kind_and_group

    kind = kind_and_group(resource)
    return f"{kind}/{name}\n" if form == "name" else f'{kind} "{name}" {done}\n'
