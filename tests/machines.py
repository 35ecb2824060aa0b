"""A kind that no Python was generated for, in as many forms as tests ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.protobuf import descriptor_pb2, text_format

from protocube.api.v1 import field_pb2, group_version_pb2, resource_pb2
from protocube.catalog import Catalog
from protocube.joined_catalog import JoinedCatalog, part
from protocube.vendor.buf.validate import validate_pb2

if TYPE_CHECKING:
    from collections.abc import Sequence

_TEXT = """
name: "example/v1/machine.proto" package: "example.v1" syntax: "proto3"
dependency: "protocube/api/v1/field.proto"
dependency: "protocube/api/v1/group_version.proto"
dependency: "protocube/api/v1/resource.proto"
dependency: "protocube/meta/v1/object_meta.proto"
dependency: "buf/validate/validate.proto"
options { [protocube.api.v1.group_version] { group: "example.com" version: "v1" } }
message_type {
  name: "Machine"
  field { name: "api_version" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL }
  field { name: "kind" number: 2 type: TYPE_STRING label: LABEL_OPTIONAL }
  field {
    name: "metadata" number: 3 type: TYPE_MESSAGE label: LABEL_OPTIONAL
    type_name: ".protocube.meta.v1.ObjectMeta"
  }
  field {
    name: "spec" number: 4 type: TYPE_MESSAGE label: LABEL_OPTIONAL
    type_name: ".example.v1.MachineSpec"
    options { [protocube.api.v1.field] { default: "{}" } }
  }
  options {
    [protocube.api.v1.resource] {
      plural: "machines" short_names: "ma" scope: SCOPE_NAMESPACED
      name_format: NAME_FORMAT_DNS_LABEL
    }
  }
}
message_type {
  name: "MachineSpec"
  field {
    name: "size" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL
    options {
      [protocube.api.v1.field] { default: "small" immutable: true selectable: true }
      [buf.validate.field] { string { in: "small" in: "large" } }
    }
  }
}
"""
_EXTENSIONS = (field_pb2, group_version_pb2, resource_pb2, validate_pb2)
"""Imported so that the text above can name their options."""

SERVICE = "example.v1.Machines"


def file(*changes: tuple[str, str]) -> descriptor_pb2.FileDescriptorProto:
    """Return the file of Machine, its text changed by replacing the first of each pair.

    The objects of a machine have a ``spec.size``, which is ``small`` unless given.
    """
    text = _TEXT
    for old, new in changes:
        if old not in text:
            message = f"the file of Machine has no {old}"
            raise ValueError(message)
        text = text.replace(old, new)
    return text_format.Parse(text, descriptor_pb2.FileDescriptorProto())


def of_sizes(sizes: Sequence[str]) -> descriptor_pb2.FileDescriptorProto:
    """Return the file of a Machine whose size is one of ``sizes``, the first unless given."""
    allowed = " ".join(f'in: "{size}"' for size in sizes)
    return file(
        ('in: "small" in: "large"', allowed),
        ('default: "small"', f'default: "{sizes[0]}"'),
    )


def catalog(*files: descriptor_pb2.FileDescriptorProto) -> Catalog:
    """Return the shipped kinds beside those of ``files``, which have a pool of their own each."""
    shipped = Catalog.shipped()
    return JoinedCatalog([shipped, *(part(shipped, [each]) for each in files)])
