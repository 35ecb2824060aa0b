"""Columns of custom kinds: JSONPaths, and cells by their type."""

from __future__ import annotations

from typing import Any

import pytest

from protocube.tables import columns
from tests.definitions.crd.making import kind, machine

_SPEC = """
type: object
properties:
  host: {type: string}
  cores: {type: integer}
  share: {type: number}
  enabled: {type: boolean}
  since: {type: string, format: date-time}
  day: {type: string}
  list: {type: array, items: {type: string}}
  map: {type: object, additionalProperties: {type: string}}
  port: {x-kubernetes-int-or-string: true}
  conditions:
    type: array
    items: {type: object, properties: {type: {type: string}, status: {type: string}}}
"""
_OBJECT = {
    "host": "a",
    "cores": 0,
    "share": 2.0,
    "since": "2024-01-01T00:00:00Z",
    "day": "2024-01-01T00:00:00Z",
    "list": ["a", "b"],
    "map": {"k": "v"},
    "port": 80,
    "conditions": [{"type": "Ready", "status": "True"}, {"type": "Old", "status": "False"}],
}
_AN_HOUR_LATER = 1704067200.0 + 3600


@pytest.mark.parametrize(
    ("path", "type_", "wanted"),
    [
        (".spec.host", "string", "a"),
        (".spec.cores", "integer", "0"),
        (".spec.share", "number", "2"),
        (".spec.enabled", "boolean", "<none>"),
        (".spec.since", "date", "60m"),
        (".spec.since", "string", "2024-01-01T00:00:00Z"),
        (".spec.day", "date", "60m"),
        (".spec.host", "date", "<invalid>"),
        (".spec.list", "string", '["a","b"]'),
        (".spec.list[1]", "string", "b"),
        (".spec.list[*]", "string", "a b"),
        (".spec.map", "string", '{"k":"v"}'),
        (".spec.port", "string", "80"),
        ('.spec.conditions[?(@.type=="Ready")].status', "string", "True"),
        ('.spec.conditions[?(@.type=="None")].status', "string", "<none>"),
        (".spec.nothing.here", "string", "<none>"),
        (".spec.host[", "string", "<none>"),
        (".metadata.name", "string", "v1"),
    ],
)
def test_shows_what_a_path_finds(path: str, type_: str, wanted: str) -> None:
    """A cell is what kubectl's server makes of the path and the type."""
    column: dict[str, Any] = {"name": "Cell", "type": type_, "jsonPath": path}
    made = kind(_SPEC, additionalPrinterColumns=[column])
    name, cell = columns.of(made.resource, wide=False)
    assert (name.name, cell.name) == ("NAME", "CELL")
    assert cell.cell(machine(made, _OBJECT), _AN_HOUR_LATER) == wanted


def test_shows_the_age_where_no_column_is_declared() -> None:
    """Without columns of its own a kind shows its name and its age, with them not."""
    made = kind(_SPEC)
    assert [column.name for column in columns.of(made.resource, wide=False)] == ["NAME", "AGE"]
