"""Which changes of an object are counted, without a server."""

from __future__ import annotations

from typing import Any

import pytest

from protocube.catalog import Catalog
from protocube_server.kinds.generation import Generation


@pytest.mark.parametrize(
    ("word", "field", "expected"),
    [
        ("deployments", "spec", 1),
        ("deployments", "status", 0),
        # It has none, though there is more to it than metadata and a status.
        ("configmaps", "data", 0),
    ],
)
def test_changes_are_counted_where_the_kind_counts_them(
    word: str, field: str, expected: int
) -> None:
    """Of the spec, in kinds that have one."""
    resource = Catalog.shipped().find(word)
    assert resource is not None
    old: Any = resource.message_class()
    new: Any = resource.message_class()
    if field == "data":
        new.data["k"] = "v"
    else:
        getattr(new, field).replicas = 2
    Generation(resource).count(old, new)
    assert new.metadata.generation == expected
