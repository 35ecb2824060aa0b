"""``-o json``: as kubectl writes it, keys sorted, four spaces."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from protocube.manifests import json_text
from protocube_client.printers import lists

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocube_client.printers.printable import Printable


class JsonPrinter:
    """Prints one JSON document an object, or with ``as_list`` one List of all."""

    def __init__(self, *, as_list: bool = False) -> None:
        self._as_list = as_list

    def print(self, objects: Sequence[Printable], stream: TextIO) -> None:
        """Write ``objects`` to ``stream``."""
        order = list if any(item.typed for item in objects) else sorted
        documents = lists.documents(objects, as_list=self._as_list)
        stream.writelines(f"{json_text.text(document, order=order)}\n" for document in documents)
