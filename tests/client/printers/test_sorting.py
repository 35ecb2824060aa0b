"""``--sort-by``."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf import json_format

from protocube.catalog import Catalog
from protocube.manifests import quantities
from protocube.tables.jsonpath.finding import FindError
from protocube.tables.jsonpath.parser import TemplateError
from protocube_client.printers import sorting
from protocube_client.printers.printable import Printable


def config_maps(**values: str | None) -> list[Printable]:
    """Return ConfigMaps by name, each with a value at ``data.v`` unless it is ``None``."""
    resource = Catalog.shipped().find("cm")
    assert resource is not None
    found = []
    for name, value in values.items():
        manifest: dict[str, Any] = {"metadata": {"name": name}}
        if value is not None:
            manifest["data"] = {"v": value}
        message = json_format.ParseDict(manifest, resource.message_class())
        found.append(Printable(resource=resource, message=message))
    return found


def names(objects: list[Printable]) -> str:
    """Return the names in order."""
    return "".join(item.name for item in objects)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"a": "x", "b": "w"}, "ba"),
        ({"a": "10", "b": "9"}, "ba"),
        ({"a": "1Gi", "b": "500m", "c": "2k"}, "bca"),
        ({"a": "1", "b": "1", "c": "0"}, "cab"),
        ({"a": "2026-01-02T00:00:00Z", "b": "2026-01-01T00:00:00Z"}, "ba"),
        ({"a": "1", "b": None, "c": "0", "d": None}, "dbca"),
    ],
)
def test_objects_are_in_the_order_of_the_field(
    values: dict[str, str | None], expected: str
) -> None:
    """Quantities by size, texts by letters, equal ones as they were, missing ones first."""
    for path in ("{.data.v}", ".data.v", "data.v"):
        assert names(sorting.ordered(config_maps(**values), path)) == expected


def test_a_field_that_nobody_has_is_an_error() -> None:
    """A path that is mistyped does not go unnoticed."""
    with pytest.raises(FindError) as caught:
        sorting.ordered(config_maps(a="1"), ".data.w")
    assert str(caught.value) == (
        'couldn\'t find any field with path "{.data.w}" in the list of objects'
    )
    assert sorting.ordered([], ".data.w") == []


def test_what_has_no_order_is_an_error() -> None:
    """Objects cannot be sorted, and a path must be one."""
    with pytest.raises(FindError, match=r"unsortable type: map\[string\]interface {}"):
        sorting.ordered(config_maps(a="1", b="2"), ".data")
    with pytest.raises(TemplateError, match="unexpected path string"):
        sorting.ordered(config_maps(a="1"), "{.a}{.b}")


@pytest.mark.parametrize(
    ("smaller", "larger"),
    [("1n", "1u"), ("999m", "1"), ("1k", "1Ki"), ("1e3", "1001"), ("-1", "0"), ("1.5Mi", "2M")],
)
def test_quantities_have_sizes(smaller: str, larger: str) -> None:
    """Decimal, binary and exponent forms are compared as numbers."""
    low, high = quantities.parse(smaller), quantities.parse(larger)
    assert low is not None
    assert high is not None
    assert low < high


@pytest.mark.parametrize("text", ["", "x", "1x", "1 k", "1e", "v1"])
def test_other_texts_are_no_quantities(text: str) -> None:
    """They are sorted by their letters."""
    assert quantities.parse(text) is None
