"""Rows of the shipped kinds' tables, cell by cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from google.protobuf import json_format

from protocube.catalog import Catalog
from protocube.tables import columns

if TYPE_CHECKING:
    from collections.abc import Iterable

    from protocube.catalog import Resource

NOW = 1_800_000_000.0
AN_HOUR_AGO = "2027-01-15T07:00:00Z"
TEN_MINUTES_AGO = "2027-01-15T07:50:00Z"


def resource(word: str) -> Resource:
    """Find a kind as a person names it."""
    found = Catalog.shipped().find(word)
    assert found is not None, word
    return found


def cells(word: str, manifest: dict[str, Any], headings: Iterable[str]) -> dict[str, str]:
    """Return the cells below ``headings`` for an object, as they are at :data:`NOW`."""
    kind = resource(word)
    message = json_format.ParseDict(manifest, kind.message_class())
    shown = {column.name: column.cell(message, NOW) for column in columns.of(kind, wide=True)}
    return {heading: shown[heading] for heading in headings}
