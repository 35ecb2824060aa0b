"""The kinds of a catalog, as a server prepares them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from protocube.catalog import Catalog
from protocube_server.kinds.registry import Registry

if TYPE_CHECKING:
    from protocube_server.kinds.kind import Kind

KINDS = [pytest.param(kind, id=kind.resource.message) for kind in Registry(Catalog.shipped(), "/r")]


@pytest.mark.parametrize("kind", KINDS)
def test_every_shipped_kind_can_be_honoured(kind: Kind) -> None:
    """All options of our own kinds name defaults, rules and selectors that exist."""
    kind.check()


def test_a_second_version_lies_under_the_key_of_the_stored_one() -> None:
    """Two versions of a kind are one object in the store."""
    catalog = Catalog.shipped()
    keys = {
        kind.key("default", "web")
        for kind in Registry(catalog, "/r")
        if kind.resource.kind == "HorizontalPodAutoscaler"
    }
    assert keys == {b"/r/horizontalpodautoscalers.autoscaling/default/web"}
