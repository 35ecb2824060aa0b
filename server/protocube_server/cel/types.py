"""The types that Kubernetes adds to CEL, as messages: functions make them and take them.

The library lets functions in Python give no types of their own, but messages of any type.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from google.protobuf import descriptor_pb2

QUANTITY: Final = "kubernetes.Quantity"
URL: Final = "kubernetes.URL"
IP: Final = "net.IP"
CIDR: Final = "net.CIDR"
SEMVER: Final = "kubernetes.Semver"
FORMAT: Final = "kubernetes.NamedFormat"
AUTHORIZER: Final = "kubernetes.authorization.Authorizer"
PATH_CHECK: Final = "kubernetes.authorization.PathCheck"
GROUP_CHECK: Final = "kubernetes.authorization.GroupCheck"
RESOURCE_CHECK: Final = "kubernetes.authorization.ResourceCheck"
DECISION: Final = "kubernetes.authorization.Decision"
REQUEST: Final = "kubernetes.AdmissionRequest"

_Field = descriptor_pb2.FieldDescriptorProto
_USER: Final = ("user_name", "user_uid", "user_groups*")
_RESOURCE: Final = ("group", "resource", "subresource", "namespace", "name")
_FIELDS: Final[dict[str, tuple[str, ...]]] = {
    QUANTITY: ("number",),
    URL: ("text",),
    IP: ("text",),
    CIDR: ("text",),
    SEMVER: ("text",),
    FORMAT: ("name",),
    AUTHORIZER: _USER,
    PATH_CHECK: (*_USER, "path"),
    GROUP_CHECK: (*_USER, "group"),
    RESOURCE_CHECK: (*_USER, *_RESOURCE),
    DECISION: ("allowed?", "reason"),
    "kubernetes.GroupVersionKind": ("group", "version", "kind"),
    "kubernetes.GroupVersionResource": ("group", "version", "resource"),
    "kubernetes.UserInfo": ("username", "uid", "groups*", "extra:google.protobuf.Struct"),
    REQUEST: (
        "uid",
        "kind:kubernetes.GroupVersionKind",
        "resource:kubernetes.GroupVersionResource",
        "subResource",
        "requestKind:kubernetes.GroupVersionKind",
        "requestResource:kubernetes.GroupVersionResource",
        "requestSubResource",
        "name",
        "namespace",
        "operation",
        "userInfo:kubernetes.UserInfo",
        "dryRun?",
        "options:google.protobuf.Struct",
    ),
}
"""The fields of each message: texts; ``*`` for many of them, ``?`` for a bool, ``:`` a message."""


class Made(NamedTuple):
    """A message that a function in Python gives."""

    type: str
    fields: dict[str, Any]


def files() -> list[descriptor_pb2.FileDescriptorProto]:
    """Return the files that have these messages, a package each, in the order of imports."""
    found: dict[str, descriptor_pb2.FileDescriptorProto] = {}
    for full_name, fields in _FIELDS.items():
        package, _, name = full_name.rpartition(".")
        file = found.get(package)
        if file is None:
            file = found[package] = descriptor_pb2.FileDescriptorProto(
                name=f"protocube/cel/{package}.proto",
                package=package,
                syntax="proto3",
                dependency=["google/protobuf/struct.proto"],
            )
        message = file.message_type.add(name=name)
        for number, field in enumerate(fields, 1):
            message.field.append(_field(field, number))
    return list(found.values())


def _field(text: str, number: int) -> _Field:
    name, _, message = text.partition(":")
    field = _Field(name=name.rstrip("*?"), number=number, label=_Field.LABEL_OPTIONAL)
    field.type = _Field.TYPE_STRING
    if message:
        field.type, field.type_name = _Field.TYPE_MESSAGE, f".{message}"
    elif name.endswith("*"):
        field.label = _Field.LABEL_REPEATED
    elif name.endswith("?"):
        field.type = _Field.TYPE_BOOL
    return field
