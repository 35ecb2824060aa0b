"""``-o jsonpath=TEMPLATE`` and ``-o jsonpath-as-json=TEMPLATE``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TextIO

from protocube.errors import quote
from protocube.manifests import json_text
from protocube.tables import go_values
from protocube.tables.jsonpath.finding import FindError, Template
from protocube.tables.print_error import PrintError
from protocube_client.printers import lists

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocube_client.printers.printable import Printable


class JsonPathPrinter:
    """Prints what a template finds, without a line break of its own.

    With ``as_list`` the template speaks of one List of all objects; with ``as_json``
    every part of it is printed as a JSON array.
    """

    def __init__(self, template: Template, *, as_json: bool = False, as_list: bool = False) -> None:
        self._template = template
        self._as_json = as_json
        self._as_list = as_list

    def print(self, objects: Sequence[Printable], stream: TextIO) -> None:
        """Write what is found in ``objects``.

        Raises :class:`PrintError`; its text holds template and object, as kubectl's does.
        """
        typed = any(item.typed for item in objects)
        for document in lists.documents(objects, as_list=self._as_list):
            self.print_data(go_values.as_floats(document) if typed else document, stream)

    def print_data(self, data: Any, stream: TextIO) -> None:
        """Write what is found in any JSON data. Raises what :meth:`print` raises."""
        try:
            parts = self._template.find(data)
        except FindError as error:
            text = self._template.text
            raise PrintError(
                f"error executing jsonpath {quote(text)}: Error executing template: {error}. "
                "Printing more information for debugging the template:\n"
                f"\ttemplate was:\n\t\t{text}\n"
                f"\tobject given to jsonpath engine was:\n\t\t{go_values.literal(data)}\n\n"
            ) from None
        for values in parts:
            if self._as_json:
                stream.write(f"{json_text.text(values)}\n")
            else:
                stream.write(" ".join(map(_text, values)))


def _text(value: Any) -> str:
    if isinstance(value, dict | list):
        return json_text.compact(value)
    return "null" if value is None else go_values.text(value)
