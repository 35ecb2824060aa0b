"""Google's messages, which have JSON forms of their own: in manifests and in columns."""

from __future__ import annotations

from typing import Any

import pytest

from protocube.catalog import Catalog, Resource
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
import "google/protobuf/wrappers.proto";
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
enum Size {
  SIZE_UNSPECIFIED = 0;
  SIZE_LARGE = 1;
}
message LampSpec {
  google.protobuf.Duration lit = 1;
  google.protobuf.FieldMask mask = 2;
  repeated google.protobuf.Duration each = 3;
  google.protobuf.Struct free = 4;
  google.protobuf.Value value = 5;
  google.protobuf.ListValue list = 6;
  google.protobuf.Timestamp since = 7;
  google.protobuf.StringValue text = 8;
  google.protobuf.Int64Value number = 9;
  google.protobuf.BoolValue flag = 10;
  google.protobuf.BytesValue key = 11;
  repeated google.protobuf.FloatValue shares = 12;
  map<string, google.protobuf.UInt32Value> counts = 13;
  google.protobuf.StringValue empty = 14;
  optional Size size = 15;
  repeated Size sizes = 16;
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
    "text": "it's",
    "number": 9007199254740993,
    "flag": False,
    "key": "/w==",
    "shares": [0.1, 0],
    "counts": {"a": 0, "b": 1},
    "empty": "",
    "size": "SIZE_LARGE",
    "sizes": ["SIZE_LARGE", "SIZE_UNSPECIFIED"],
}
_AN_HOUR_LATER = 1704067200.0 + 3600


def _resource(field: str, type_: str = "") -> Resource:
    base = Catalog.shipped()
    text = _TEXT.replace("PATH", f".spec.{field}").replace("TYPE", type_)
    files = list(compiled({"lamps/v1/lamp.proto": text}, base.files).values())
    assert not check.definition(files, base)
    (resource,) = part(base, files).resources
    return resource


@pytest.mark.parametrize("type_", ["", 'type: "string"'])
@pytest.mark.parametrize(
    ("field", "wanted"),
    [
        ("lit", "90.500s"),
        ("mask", "spec.hostName,status"),
        ("free", '{"a":null,"b":1}'),
        ("value", "9007199254740993"),
        ("list", '["a",1]'),
        ("text", "it's"),
        ("number", "9007199254740993"),
        ("flag", "false"),
        ("size", "SIZE_LARGE"),
        ("key", "/w=="),
    ],
)
def test_shows_their_json_form(field: str, wanted: str, type_: str) -> None:
    """A cell has what the manifest has, and nothing where the field is not set."""
    resource = _resource(field, type_)
    lamp = resource.message_class()
    assert not decode({"spec": _SPEC}, lamp).faults
    assert encode.data(lamp)["spec"] == _SPEC
    cell = columns.of(resource, wide=False)[1].cell
    assert cell(lamp, _AN_HOUR_LATER) == wanted
    assert cell(resource.message_class(), _AN_HOUR_LATER) == "<none>"


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        (
            {"number": "5"},
            "cannot unmarshal string into Go struct field LampSpec.spec.number of type",
        ),
        ({"number": 2**63}, "number 9223372036854775808 into Go struct field LampSpec.spec.number"),
        ({"key": "?"}, "illegal base64 data"),
        (
            {"shares": [0.1, None]},
            "cannot unmarshal null into Go struct field LampSpec.spec.shares",
        ),
        (
            {"counts": {"a": -1}},
            "number -1 into Go struct field LampSpec.spec.counts of type uint32",
        ),
    ],
)
def test_a_wrapper_takes_what_its_scalar_takes(spec: dict[str, Any], told: str) -> None:
    """The words are those of a field of that type; nothing is no element."""
    faults = decode({"spec": spec}, _resource("text").message_class()).faults
    assert [told in fault.message for fault in faults] == [True], faults
