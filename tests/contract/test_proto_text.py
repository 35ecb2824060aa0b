"""Descriptors as .proto text: protoc makes of it what it was printed from."""

from __future__ import annotations

import pytest
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto

from protocube.catalog import Catalog
from protocube.codegen import proto_text
from tests.compiling import bare, comments, compiled

_PROTO3 = r"""
syntax = "proto3";
package crd.google.v1;
import public "google/protobuf/struct.proto";
import "buf/validate/validate.proto";
import "protocube/api/v1/field.proto";
option java_package = "com.example";
option optimize_for = LITE_RUNTIME;
// An enum.
enum Size {
  option allow_alias = true;
  reserved -5, 10 to 12, 100 to max;
  reserved "OLD";
  SIZE_UNSPECIFIED = 0;
  // Below zero.
  SIZE_COLD = -1;
  SIZE_NONE = 0 [deprecated = true];
}
// Holds all sorts of fields.
//
//   Indented.
message Every {
  option (buf.validate.message).cel = {
    id: "a" message: "it's \"so\"\n" expression: "this.count > 0 ? '\\d\u00e9' : \"\""
  };
  option deprecated = true;
  reserved 3, 50 to 60, 1000 to max;
  reserved "gone", "lost";
  enum Inner { INNER_UNSPECIFIED = 0; }
  message First { optional bool b = 1; message Deep { .google.protobuf.Value v = 1; } }
  map<string, First> firsts = 1;
  message Second { First.Deep deep = 1; }
  map<int32, .google.protobuf.Struct> seconds = 2;
  map<bool, Inner> inners = 4;
  // How many.
  int64 count = 5 [(buf.validate.field).int64 = { gte: -9223372036854775808 lt: 7 }];
  repeated string list = 6 [json_name = "the-list", (protocube.api.v1.field).default_json =
    "[\"\\u0000\", \"\u2028\"]"];
  repeated sint32 packed = 7 [packed = false];
  optional double share = 8 [(buf.validate.field).double = { lt: inf gt: -1e-300 finite: true }];
  // One of two.
  oneof choice {
    option (buf.validate.oneof).required = true;
    // The first.
    Second second = 9;
    Size size = 10;
  }
  bytes message = 11 [(buf.validate.field).bytes.const = "\377\000\""];
  fixed64 snake_case_1 = 12;
  message google {}
}
message Third { Every.First.Deep deep = 1; Every every = 2; }
service Calls {
  // Asks.
  rpc Ask(Every) returns (stream Third);
  rpc Talk(stream Every) returns (Third) {
    option idempotency_level = NO_SIDE_EFFECTS;
  }
}
"""
_EDITION = """
edition = "2023";
package example.v1;
option features.field_presence = IMPLICIT;
message A {
  reserved 2 to 4;
  reserved gone, lost;
  string plain = 1;
  int32 present = 5 [features.field_presence = EXPLICIT, default = -3];
  enum Open { option features.enum_type = CLOSED; OPEN_ONE = 1; }
  Open open = 6 [features.field_presence = EXPLICIT, default = OPEN_ONE];
  A delimited = 7 [features.message_encoding = DELIMITED];
}
"""
_PROTO2 = r"""
package other;
message A {
  required string a = 1 [default = "it's\n\"\303\251\""];
  optional bytes b = 2 [default = "\000\377'\""];
  optional float c = 3 [default = inf];
  repeated int32 d = 4 [packed = true];
  oneof e { bool f = 5 [default = true]; }
}
"""


def test_shipped_files_come_back() -> None:
    """Every shipped file but those of options is printed; messages, options, comments are equal."""
    files = [file for file in Catalog.shipped().files if file.name.startswith("protocube/")]
    printed = {file.name: proto_text.render(file) for file in files if not file.extension}
    assert len(printed) > 100
    made = compiled(printed, Catalog.shipped().files)
    for file in files:
        if file.name in printed:
            assert bare(made[file.name]) == bare(file), file.name


@pytest.mark.parametrize("text", [_PROTO3, _EDITION, _PROTO2], ids=["proto3", "edition", "proto2"])
def test_what_the_language_has_comes_back(text: str) -> None:
    """Fields, maps, enums, oneofs, reserved numbers, options, defaults, comments and calls."""
    base = Catalog.shipped().files
    (file,) = compiled({"example/v1/every.proto": text}, base).values()
    printed = proto_text.render(file, "// Printed.")
    (again,) = compiled({file.name: printed}, base).values()
    assert bare(again) == bare(file), printed
    assert comments(again).items() >= comments(file).items()


def test_text_is_laid_out_for_people() -> None:
    """Short options stay on the line, long ones get lines of their own."""
    (file,) = compiled({"example/v1/every.proto": _PROTO3}, Catalog.shipped().files).values()
    text = proto_text.render(file, "// Printed.")
    assert "  map<string, First> firsts = 1;\n" in text
    assert "  oneof choice {\n    option (.buf.validate.oneof) = {required: true};\n" not in text
    assert "    // The first.\n    Second second = 9;\n" in text
    assert "  reserved 3, 50 to 60, 1000 to max;\n" in text
    assert "  map<int32, .google.protobuf.Struct> seconds = 2;\n" in text


def test_text_refuses_what_it_cannot_print() -> None:
    """Parts of the language that the printer does not know are named, not dropped."""
    file = FileDescriptorProto(name="a.proto", package="a.v1", syntax="proto2")
    message = file.message_type.add(name="A")
    field = message.field.add(name="b", number=1, type_name=".a.v1.A.B", label=1)
    field.type = FieldDescriptorProto.TYPE_GROUP
    with pytest.raises(ValueError, match=r"A\.b: no text for groups"):
        proto_text.render(file)
    message.ClearField("field")
    message.extension_range.add(start=5, end=6)
    with pytest.raises(ValueError, match="A: no text for extensions"):
        proto_text.render(file)
    message.ClearField("extension_range")
    # Number 60000, a varint: the option of somebody else.
    message.options.MergeFromString(b"\x80\xa6\x1d\x01")
    with pytest.raises(
        ValueError, match=r"no text for google.protobuf.MessageOptions, number 60000"
    ):
        proto_text.render(file)
