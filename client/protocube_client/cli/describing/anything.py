"""The page of any kind: all fields, with names for people."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from protocube.tables import go_values

if TYPE_CHECKING:
    from protocube_client.cli.describing.page import Page
    from protocube_client.printers.printable import Printable

_HEAD = frozenset({"name", "namespace", "labels", "annotations", "managedFields"})
_PLAIN = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|-")
_ACRONYMS = frozenset({"API", "GUID", "OSB", "UID", "URL"})


def describe(page: Page, shown: Printable) -> None:
    """Write the page of an object as its manifest has it."""
    data = dict(shown.manifest())
    page.head(shown.metadata)
    data["metadata"] = {key: data["metadata"][key] for key in data["metadata"].keys() - _HEAD}
    fields(page, data, 0)


def fields(page: Page, data: dict[str, Any], level: int) -> None:
    """Write all fields of some data, and what is in them, deeper."""
    for key in sorted(data):
        value, name = data[key], heading(key)
        if isinstance(value, dict):
            page.line(f"{name}:", level)
            fields(page, value, level + 1)
        elif isinstance(value, list):
            page.line(f"{name}:", level)
            for item in value:
                if isinstance(item, dict):
                    fields(page, item, level + 1)
                else:
                    page.line(go_values.text(item), level + 1)
        else:
            page.field(name, go_values.text(value), level)


def heading(field: str) -> str:
    """Return the name of a field as a heading: ``resourceVersion`` is ``Resource Version``.

    One with other signs than letters stays as it is.
    """
    if not _PLAIN.fullmatch(field):
        return field
    words = (word.upper() if word.upper() in _ACRONYMS else word for word in _WORD.findall(field))
    return " ".join(word[:1].upper() + word[1:] for word in words)
