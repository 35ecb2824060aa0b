"""``kind/name``, alone (``-o name``) or with what was done to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from protocube_client.printers.printable import Printable, kind_and_group

if TYPE_CHECKING:
    from collections.abc import Sequence

_NAMELESS = "<unknown>"


class NamePrinter:
    """Prints ``pod/web`` a line, followed by ``done`` (`` created``) where that is given."""

    def __init__(self, done: str = "") -> None:
        self._done = f" {done}" if done else ""

    def print(self, objects: Sequence[Printable], stream: TextIO) -> None:
        """Write ``objects`` to ``stream``."""
        stream.writelines(
            f"{kind_and_group(item.resource)}/{item.name or _NAMELESS}{self._done}\n"
            for item in objects
        )
