"""Lists in a manifest are their items."""

from __future__ import annotations

import pytest

from protocube_client.resource.validation import Validation
from tests.client.resource.walking import BAD_REQUEST, config_map, create, item, listed, write

pytestmark = pytest.mark.usefixtures("here")


async def test_a_list_is_its_items() -> None:
    """Items are created in order and named by the list's source."""
    walk = await create(write("x.yaml", listed(item("a"), item("b")), config_map("c")))
    assert walk.out == [f"configmap/{name} created" for name in "abc"]
    assert [info.source for info in walk.infos] == ["x.yaml"] * 3


async def test_a_typed_list_gives_its_items_their_kind() -> None:
    """Only to an item that says neither kind nor version; half a statement is an error."""
    write("x.yaml", listed("{metadata: {name: a}}", "{kind: ConfigMap}", kind="ConfigMapList"))
    walk = await create("x.yaml")
    assert walk.out == ["configmap/a created"]
    assert walk.err == [
        (
            'unable to get type info from the object "*unstructured.Unstructured": '
            "Object 'apiVersion' is missing in 'object has no apiVersion field'"
        )
    ]


async def test_faults_of_items_leave_their_neighbours_alone() -> None:
    """They print as errors of their own; metadata of items is judged when they are sent."""
    items = [
        "{apiVersion: v1, kind: Widget}",
        item("a", ", labels: {on: true}"),
        item("b"),
        "null",
    ]
    walk = await create(write("x.yaml", listed(*items)), validation=Validation.IGNORE)
    assert walk.out == ["configmap/b created"]
    assert walk.err == [
        (
            f"{BAD_REQUEST}json: cannot unmarshal bool into Go struct field "
            "ObjectMeta.metadata.labels of type string"
        ),
        (
            '[unable to recognize no matches for kind "Widget" in version "v1", '
            'unable to get type info from the object "*unstructured.Unstructured": '
            "Object 'Kind' is missing in 'object has no kind field ']"
        ),
    ]


async def test_a_list_in_a_list_fails_the_outer_one() -> None:
    """Nothing of it is created; kubectl's sentence about it is kept."""
    write("x.yaml", listed(item("a"), "{apiVersion: v1, kind: List, items: []}"), config_map("b"))
    walk = await create("x.yaml")
    assert walk.out == ["configmap/b created"]
    assert walk.err == [
        "error: *unstructured.Unstructured is not a list: no Items field in this object"
    ]


async def test_an_empty_list_is_nothing() -> None:
    """Neither objects nor errors."""
    walk = await create(
        write("x.yaml", listed(), "apiVersion: v1\nkind: List\nitems:\n"),
        validation=Validation.IGNORE,
    )
    assert (walk.out, walk.err) == ([], [])
    unknown = await create(write("y.yaml", "apiVersion: v2\nkind: List\nitems: []\n"))
    assert unknown.err[0].endswith('no matches for kind "List" in version "v2"')
