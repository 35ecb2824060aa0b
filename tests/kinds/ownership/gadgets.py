"""A kind whose fields are shared in every way there is, and random objects of it."""

from __future__ import annotations

from typing import Any

from google.protobuf import descriptor_pb2, text_format
from hypothesis import strategies as st

from protocube import joined_catalog
from protocube.api.v1 import field_pb2, group_version_pb2, resource_pb2
from protocube.catalog import Catalog
from protocube_server.kinds.ownership import schemas, scopes
from protocube_server.kinds.ownership.entries import Operation, Owner
from protocube_server.kinds.ownership.managers import Write
from protocube_server.kinds.ownership.versions import Version

_EXTENSIONS = (field_pb2, group_version_pb2, resource_pb2)
"""Imported so that the text below can name their options."""
_OPTION = "options { [protocube.api.v1.field] { %s } }"
_TEXT = """
name: "example/v1/gadget.proto" package: "example.v1" syntax: "proto3"
dependency: "google/protobuf/struct.proto"
dependency: "protocube/api/v1/field.proto"
dependency: "protocube/api/v1/group_version.proto"
dependency: "protocube/api/v1/resource.proto"
dependency: "protocube/meta/v1/object_meta.proto"
options { [protocube.api.v1.group_version] { group: "example.com" version: "v1" } }
message_type {
  name: "Gadget"
  options { [protocube.api.v1.resource] {
    plural: "gadgets" singular: "gadget" kind: "Gadget" service: "Gadgets"
    scope: SCOPE_NAMESPACED subresources: SUBRESOURCE_STATUS
  } }
  field { name: "api_version" json_name: "apiVersion" number: 1 type: TYPE_STRING }
  field { name: "kind" number: 2 type: TYPE_STRING }
  field { name: "metadata" number: 3 type: TYPE_MESSAGE
          type_name: ".protocube.meta.v1.ObjectMeta" ALWAYS }
  field { name: "spec" number: 4 type: TYPE_MESSAGE type_name: ".example.v1.Spec" ALWAYS }
  field { name: "status" number: 5 type: TYPE_MESSAGE type_name: ".example.v1.Status" ALWAYS }
}
message_type {
  name: "Spec"
  field { name: "size" number: 1 type: TYPE_INT32 proto3_optional: true oneof_index: 0 }
  field { name: "title" number: 2 type: TYPE_STRING ALWAYS }
  field { name: "labels" number: 3 type: TYPE_MESSAGE label: LABEL_REPEATED
          type_name: ".example.v1.Spec.LabelsEntry" }
  field { name: "picked" number: 4 type: TYPE_MESSAGE label: LABEL_REPEATED
          type_name: ".example.v1.Spec.PickedEntry" ATOMIC }
  field { name: "tags" number: 5 type: TYPE_STRING label: LABEL_REPEATED SET }
  field { name: "args" number: 6 type: TYPE_STRING label: LABEL_REPEATED }
  field { name: "parts" number: 7 type: TYPE_MESSAGE label: LABEL_REPEATED
          type_name: ".example.v1.Part" KEYED }
  field { name: "limits" number: 8 type: TYPE_MESSAGE type_name: ".example.v1.Limits" }
  field { name: "shared" number: 9 type: TYPE_MESSAGE type_name: ".example.v1.Limits" GRANULAR }
  field { name: "box" number: 10 type: TYPE_MESSAGE type_name: ".example.v1.Box" ALWAYS }
  field { name: "door" number: 11 type: TYPE_MESSAGE type_name: ".example.v1.Box" }
  field { name: "free" number: 12 type: TYPE_MESSAGE type_name: ".google.protobuf.Struct" }
  field { name: "inner" number: 13 type: TYPE_MESSAGE type_name: ".example.v1.Spec" }
  oneof_decl { name: "_size" }
  nested_type { name: "LabelsEntry" options { map_entry: true }
    field { name: "key" number: 1 type: TYPE_STRING }
    field { name: "value" number: 2 type: TYPE_STRING } }
  nested_type { name: "PickedEntry" options { map_entry: true }
    field { name: "key" number: 1 type: TYPE_STRING }
    field { name: "value" number: 2 type: TYPE_STRING } }
}
message_type { name: "Part"
  field { name: "port" number: 1 type: TYPE_INT32 }
  field { name: "protocol" number: 2 type: TYPE_STRING DEFAULT }
  field { name: "value" number: 3 type: TYPE_STRING }
  field { name: "box" number: 4 type: TYPE_MESSAGE type_name: ".example.v1.Box" ALWAYS } }
message_type { name: "Limits" options { [protocube.api.v1.atomic]: true }
  field { name: "cpu" number: 1 type: TYPE_STRING }
  field { name: "disk" number: 2 type: TYPE_STRING } }
message_type { name: "Box"
  field { name: "width" number: 1 type: TYPE_STRING }
  field { name: "depth" number: 2 type: TYPE_STRING } }
message_type { name: "Status"
  field { name: "phase" number: 1 type: TYPE_STRING }
  field { name: "ready" number: 2 type: TYPE_INT32 } }
"""
_MARKS = {
    "ALWAYS": "always_present: true",
    "ATOMIC": "atomic: true",
    "GRANULAR": "granular: true",
    "SET": "list_type: LIST_TYPE_SET",
    "KEYED": 'list_type: LIST_TYPE_MAP list_map_keys: "port" list_map_keys: "protocol"',
    "DEFAULT": 'default: "TCP"',
}


def _resource() -> Any:
    text = _TEXT
    for mark, option in _MARKS.items():
        text = text.replace(f" {mark} }}", f" {_OPTION % option} }}")
    file = text_format.Parse(text, descriptor_pb2.FileDescriptorProto())
    shipped = Catalog.shipped()
    return joined_catalog.part(shipped, [file]).find("gadgets")


GADGET = _resource()
SCHEMA = schemas.for_message(GADGET.message_class)
API_VERSION = "example.com/v1"
VERSIONS = {API_VERSION: Version(schema=SCHEMA, scope=scopes.of("", has_status=True))}


def gadget(**spec: Any) -> dict[str, Any]:
    """Return a gadget with this spec."""
    return {
        "apiVersion": API_VERSION,
        "kind": "Gadget",
        "metadata": {"name": "g", "namespace": "default"},
        "spec": spec,
    }


def write(
    manager: str, operation: Operation = Operation.UPDATE, *, now: int = 1, subresource: str = ""
) -> Write:
    """Return a write by a manager."""
    owner = Owner(
        manager=manager, operation=operation, api_version=API_VERSION, subresource=subresource
    )
    versions = {API_VERSION: Version(schema=SCHEMA, scope=scopes.of(subresource, has_status=True))}
    return Write(owner=owner, versions=versions, now=now)


_WORDS = st.sampled_from(["a", "b", "c"])
_MAPS = st.dictionaries(_WORDS, _WORDS, min_size=1, max_size=2)
_BOXES = st.fixed_dictionaries({}, optional={"width": _WORDS, "depth": _WORDS})
_PARTS = st.lists(
    st.fixed_dictionaries(
        {"port": st.integers(1, 3)},
        optional={"protocol": st.sampled_from(["TCP", "UDP"]), "value": _WORDS, "box": _BOXES},
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda part: (part["port"], part.get("protocol", "TCP")),
)
_FREE = st.dictionaries(
    _WORDS, _WORDS | st.booleans() | st.just(1) | _MAPS | st.lists(_WORDS, min_size=1), min_size=1
)
_FIELDS = {
    "size": st.integers(0, 3),
    "title": _WORDS,
    "labels": _MAPS,
    "picked": _MAPS,
    "tags": st.lists(_WORDS, min_size=1, unique=True),
    "args": st.lists(_WORDS, min_size=1, max_size=2),
    "parts": _PARTS,
    "limits": _BOXES.map(lambda box: {"cpu": box.get("width", "a")}),
    "shared": _MAPS.map(lambda pairs: {"cpu": pairs.get("a", "x"), "disk": "d"}),
    "box": _BOXES.filter(bool),
    "door": _BOXES,
    "free": _FREE,
}


def specs() -> st.SearchStrategy[dict[str, Any]]:
    """Return random specs, as they are stored: without what is empty."""
    inner = st.fixed_dictionaries({}, optional=_FIELDS)
    return st.fixed_dictionaries({}, optional={**_FIELDS, "inner": inner})
