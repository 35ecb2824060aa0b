"""Columns over Google's messages, which have JSON forms of their own."""

from __future__ import annotations

import pytest

from protocube.catalog import Catalog
from protocube.checking import check
from protocube.joined_catalog import part
from protocube.manifests import encode
from protocube.manifests.decode import decode
from protocube.tables import columns
from tests.compiling import compiled

_TEXT = """
syntax = "proto3";
package lamps.v1;
import "google/protobuf/duration.proto";
import "google/protobuf/field_mask.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/timestamp.proto";
import "protocube/api/v1/group_version.proto";
import "protocube/api/v1/resource.proto";
import "protocube/meta/v1/object_meta.proto";
option (protocube.api.v1.group_version) = {group: "lamps.example.com" version: "v1"};
message Lamp {
  option (protocube.api.v1.resource) = {
    plural: "lamps"
    columns {name: "Cell" path: "PATH" TYPE}
  };
  string api_version = 1;
  string kind = 2;
  protocube.meta.v1.ObjectMeta metadata = 3;
  LampSpec spec = 4;
}
message LampSpec {
  google.protobuf.Duration lit = 1;
  google.protobuf.FieldMask mask = 2;
  repeated google.protobuf.Duration each = 3;
  google.protobuf.Struct free = 4;
  google.protobuf.Value value = 5;
  google.protobuf.ListValue list = 6;
  google.protobuf.Timestamp since = 7;
}
"""
_SPEC = {
    "lit": "90.500s",
    "mask": "spec.hostName,status",
    "each": ["1s", "0s"],
    "free": {"b": 1, "a": None},
    "value": 9007199254740993,
    "list": ["a", 1],
    "since": "2024-01-01T00:00:00Z",
}
_AN_HOUR_LATER = 1704067200.0 + 3600


@pytest.mark.parametrize("type_", ["", 'type: "string"'])
@pytest.mark.parametrize(
    ("field", "wanted"),
    [
        ("lit", "90.500s"),
        ("mask", "spec.hostName,status"),
        ("free", '{"a":null,"b":1}'),
        ("value", "9007199254740993"),
        ("list", '["a",1]'),
    ],
)
def test_shows_their_json_form(field: str, wanted: str, type_: str) -> None:
    """A cell has what the manifest has, and nothing where the field is not set."""
    base = Catalog.shipped()
    text = _TEXT.replace("PATH", f".spec.{field}").replace("TYPE", type_)
    files = list(compiled({"lamps/v1/lamp.proto": text}, base.files).values())
    assert not check.definition(files, base)
    (resource,) = part(base, files).resources
    lamp = resource.message_class()
    manifest = {"apiVersion": "lamps.example.com/v1", "kind": "Lamp", "spec": _SPEC}
    assert not decode(manifest, lamp).faults
    assert encode.data(lamp)["spec"] == _SPEC
    cell = columns.of(resource, wide=False)[1].cell
    assert cell(lamp, _AN_HOUR_LATER) == wanted
    assert cell(resource.message_class(), _AN_HOUR_LATER) == "<none>"
