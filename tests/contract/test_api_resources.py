"""The kinds and their names are Kubernetes' own.

``api-resources.txt`` has, in the columns of ``kubectl api-resources -o wide``, what Kubernetes
says of the kinds that are shipped; ``-`` is an empty cell. Unlike kubectl's, the table names
every version of a kind that is served.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from protocube.catalog import Catalog

if TYPE_CHECKING:
    from protocube.catalog import Resource

Row = tuple[str, ...]

TABLE = Path(__file__).with_name("api-resources.txt")
EXPECTED: list[Row] = [tuple(line.split()) for line in TABLE.read_text().splitlines()[1:]]


def row(resource: Resource) -> Row:
    """Return the row of the table that a resource would have."""
    return (
        resource.plural,
        ",".join(resource.short_names) or "-",
        resource.api_version,
        "true" if resource.namespaced else "false",
        resource.kind,
        ",".join(resource.categories) or "-",
    )


def _is_ours(resource: Resource) -> bool:
    """Tell a kind that Kubernetes has nothing to do with."""
    return resource.group.endswith("protocube.dev")


@pytest.mark.parametrize("expected", EXPECTED, ids=lambda row: f"{row[2]}:{row[4]}")
def test_a_kind_is_called_what_kubernetes_calls_it(expected: Row) -> None:
    """Plural, short names, group, version, scope, kind and categories are the same."""
    *_, api_version, _, kind, _ = expected
    resource = Catalog.shipped().for_kind(api_version, kind)
    assert resource is not None
    assert row(resource) == expected


def test_every_shipped_kind_is_in_the_table() -> None:
    """A kind that Kubernetes lacks, or that the table forgot, is noticed."""
    shipped = {row(resource) for resource in Catalog.shipped().resources if not _is_ours(resource)}
    assert shipped - set(EXPECTED) == set()


@pytest.mark.parametrize("resource", Catalog.shipped().resources, ids=lambda item: item.message)
def test_a_singular_is_the_kind_in_lower_case(resource: Resource) -> None:
    """No kind of Kubernetes has a singular of another form."""
    assert resource.singular == resource.kind.lower()


@pytest.mark.parametrize("resource", Catalog.shipped().resources, ids=lambda item: item.message)
def test_a_short_name_leads_to_its_kind(resource: Resource) -> None:
    """With its group, a short name means one kind, whatever others are called."""
    for name in resource.short_names:
        found = Catalog.shipped().find(f"{name}.{resource.group}")
        assert found is not None
        assert found.plural == resource.plural
