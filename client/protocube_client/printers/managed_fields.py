"""Leaves ``metadata.managedFields`` out of what is printed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocube_client.printers.printable import Printable, Printer

_NAME = "managedFields"


class OmitManagedFieldsPrinter:
    """Hands objects on without the fields' managers, which fill screens and are seldom wanted."""

    def __init__(self, printer: Printer) -> None:
        self._printer = printer

    def print(self, objects: Sequence[Printable], stream: TextIO) -> None:
        """Write ``objects`` to ``stream``."""
        self._printer.print([without(item) for item in objects], stream)


def without(item: Printable) -> Printable:
    """Return an object without its fields' managers."""
    manifest = item.manifest()
    metadata: Any = manifest.get("metadata")
    if not isinstance(metadata, dict) or _NAME not in metadata:
        return item
    kept = {key: value for key, value in metadata.items() if key != _NAME}
    return replace(item, given={**manifest, "metadata": kept})
