"""The walk to marked fields, and to no others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from google.protobuf import json_format

from protocube.catalog import Catalog
from protocube_server import turns
from protocube_server.kinds.contract import Contract
from protocube_server.kinds.marked import Marked

if TYPE_CHECKING:
    from protocube.api.v1 import field_pb2


def walked(word: str, predicate: Any, manifest: dict[str, Any]) -> list[str]:
    """Return the paths of the marked fields that are set."""
    resource = Catalog.shipped().find(word)
    assert resource is not None
    message = json_format.ParseDict(manifest, resource.message_class())
    marked = Marked(resource.descriptor, predicate, Contract())
    return [found.path for found in turns.at_once(marked.walk(message))]


def is_list(option: field_pb2.Field) -> bool:
    """Choose lists whose elements have names."""
    return option.merge_key == "name"


def test_gives_paths_through_lists_and_messages() -> None:
    """A path has JSON names and indices, down to fields inside list elements."""
    container = {"name": "c", "env": [{"name": "E"}]}
    manifest = {"spec": {"containers": [container, {"name": "d"}], "initContainers": [container]}}
    assert sorted(walked("pods", is_list, manifest)) == [
        "spec.containers",
        "spec.containers[0].env",
        "spec.initContainers",
        "spec.initContainers[0].env",
    ]


def test_gives_nothing_that_is_not_set() -> None:
    """Empty lists and messages that are not there are passed over."""
    assert walked("pods", is_list, {}) == []
    assert walked("pods", is_list, {"spec": {"containers": []}}) == []


def test_ends_in_types_that_hold_themselves() -> None:
    """A recursive type is compiled once and walked as deep as the object goes."""
    manifest = {"metadata": {"managedFields": [{"fieldsV1": {"a": {"b": {"c": [1, {"d": 2}]}}}}]}}
    assert walked("pods", lambda _: False, manifest) == []
    assert walked("pods", is_list, manifest) == []


def test_tells_the_values_of_its_options() -> None:
    """From them the rules of those names can be compiled."""
    resource = Catalog.shipped().find("deployments")
    assert resource is not None
    marked = Marked(resource.descriptor, lambda option: bool(option.computed_default), Contract())
    assert {"image_pull_policy", "rolling_update"} <= marked.options("computed_default")
