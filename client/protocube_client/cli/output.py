"""``-o``: which printer shows the objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube.errors import quote

from protocube_client.cli.failures import CommandError

if TYPE_CHECKING:
    from protocube_client.printers.printable import Printer

STRUCTURED = frozenset({"json", "name", "yaml"})
"""The formats that are not tables."""

# kubectl names these, and so do we; the ones we lack are refused by name below.
_TEMPLATES = (
    "go-template",
    "go-template-file",
    "json",
    "jsonpath",
    "jsonpath-as-json",
    "jsonpath-file",
    "name",
    "template",
    "templatefile",
    "yaml",
)
_COLUMNS = ("custom-columns", "custom-columns-file")


def check(output: str, *, tables: bool) -> None:
    """Refuse an ``output`` that cannot be printed. With ``tables``, ``wide`` is one more format.

    Raises :class:`CommandError`.
    """
    name = output.partition("=")[0]
    allowed = sorted({*_TEMPLATES, *_COLUMNS, "wide"} if tables else _TEMPLATES)
    if name not in allowed and output:
        raise CommandError(
            f"unable to match a printer suitable for the output format {quote(output)}, "
            f"allowed formats are: {','.join(allowed)}"
        )
    if output and output not in STRUCTURED and output != "wide":
        raise CommandError(
            f"the output format {quote(name)} is not supported yet; use json, name or yaml"
        )


def printer(output: str, *, as_list: bool = False) -> Printer:
    """Give the printer of one of the :data:`STRUCTURED` formats.

    ``as_list`` makes one List of what is printed at once.
    """
    if output == "json":
        from protocube_client.printers.json_printer import JsonPrinter

        return JsonPrinter(as_list=as_list)
    if output == "yaml":
        from protocube_client.printers.yaml_printer import YamlPrinter

        return YamlPrinter(as_list=as_list)
    from protocube_client.printers.name_printer import NamePrinter

    return NamePrinter()
