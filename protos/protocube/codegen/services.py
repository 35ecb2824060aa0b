"""The typed service of a resource, made from its descriptor.

It works on descriptors and not on text, so that a server can run it for kinds that
it learns at run time; ``proto_text`` prints the result for the files in ``protos/``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
)

from protocube.api.v1 import group_version_pb2, resource_pb2

if TYPE_CHECKING:
    from collections.abc import Iterator

_META = "protocube.meta.v1"
IMPORTS = ("protocube/meta/v1/object_meta.proto", "protocube/meta/v1/requests.proto")

# Tags that SourceCodeInfo paths are made of (descriptor.proto).
_FILE_MESSAGE, _FILE_SERVICE, _FIELD, _METHOD = 4, 6, 2, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The names that belong to a kind; ``kind`` is the message's own name."""

    kind: str
    service: str

    @classmethod
    def of(cls, message: str, resource: resource_pb2.Resource) -> Names:
        """Return the names of a resource whose message is called ``message``."""
        return cls(kind=message, service=resource.service or f"{message}s")

    @property
    def list(self) -> str:
        """What List answers: ``PodList``."""
        return f"{self.kind}List"

    @property
    def create_request(self) -> str:
        """What Create takes: ``CreatePodRequest``."""
        return f"Create{self.kind}Request"

    @property
    def update_request(self) -> str:
        """What Update and UpdateStatus take: ``UpdatePodRequest``."""
        return f"Update{self.kind}Request"

    @property
    def event(self) -> str:
        """One event of a watch: ``PodEvent``."""
        return f"{self.kind}Event"

    @property
    def watch_response(self) -> str:
        """What Watch streams: ``PodWatchResponse``."""
        return f"{self.kind}WatchResponse"

    @property
    def file_stem(self) -> str:
        """The service file's name without its folder and ending: ``pod_service``."""
        snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", self.kind)
        return f"{snake.lower()}_service"


def resources_in(
    file: FileDescriptorProto,
) -> Iterator[tuple[DescriptorProto, resource_pb2.Resource]]:
    """Yield the messages of ``file`` that carry the resource option, with it."""
    for message in file.message_type:
        if message.options.HasExtension(resource_pb2.resource):
            yield message, message.options.Extensions[resource_pb2.resource]


def service_file_name(
    file: FileDescriptorProto, message: DescriptorProto, resource: resource_pb2.Resource
) -> str:
    """Return the name that :func:`service_file` gives its result."""
    folder = file.name.rpartition("/")[0]
    stem = Names.of(message.name, resource).file_stem
    return f"{folder}/{stem}.proto" if folder else f"{stem}.proto"


def service_file(
    file: FileDescriptorProto, message: DescriptorProto, resource: resource_pb2.Resource
) -> FileDescriptorProto:
    """Return the file with the service, requests and list of one resource.

    ``file`` is the one that ``message`` is declared in. Comments are in the
    result's ``source_code_info``.
    """
    names = Names.of(message.name, resource)
    result = FileDescriptorProto(
        name=service_file_name(file, message, resource),
        package=file.package,
        syntax="proto3",
        dependency=sorted({file.name, *IMPORTS}),
    )
    result.options.CopyFrom(file.options)
    if result.options.HasExtension(group_version_pb2.group_version):
        result.dependency.append("protocube/api/v1/group_version.proto")
        result.dependency.sort()
    writer = _Writer(result)
    kind = f".{file.package}.{names.kind}"
    _messages(writer, names, kind)
    _service(writer, names, resource, file.package)
    return result


def _messages(writer: _Writer, names: Names, kind: str) -> None:
    a = "an" if names.kind[0] in "AEIOU" else "a"
    package = kind.rpartition(".")[0]
    writer.message(
        names.list,
        f"A page of {names.service}.",
        _Field("api_version", "string", "The API version of the list."),
        _Field("kind", "string", f"Always `{names.list}`."),
        _Field("metadata", f".{_META}.ListMeta", "The revision that was read and how to go on."),
        _Field(
            "items", kind, "The objects, in the order of their namespaces and names.", many=True
        ),
    )
    common = (
        _Field("dry_run", "bool", "Check everything, change nothing."),
        _Field("field_manager", "string", "Who writes, such as `kubectl-create`."),
        _Field(
            "request_id",
            "string",
            "Makes a repeated call safe: for ten minutes, unless the server is set otherwise,\n"
            " one with the same id and content is answered with what the first one did; with\n"
            " other content it is a Conflict.",
        ),
        _Field(
            "field_validation",
            f"enum:.{_META}.FieldValidation",
            "What to do with fields that the server does not know.",
        ),
    )
    writer.message(
        names.create_request,
        f"Creates {a} {names.kind}.",
        _Field("object", kind, "The object; the server sets what it leaves out."),
        *common,
    )
    writer.message(
        names.update_request,
        f"Replaces {a} {names.kind}.",
        _Field("object", kind, "The whole object, with the resource version that it was read at."),
        *common,
    )
    writer.message(
        names.event,
        f"What happened to {a} {names.kind}.",
        _Field("type", f"enum:.{_META}.EventType", "What happened."),
        _Field("object", kind, "The object after it, or for a deletion as it last was."),
    )
    writer.message(
        names.watch_response,
        "Events in order: of one or more whole revisions, or a part of one.",
        _Field("events", f"{package}.{names.event}", "The events, in order.", many=True),
        _Field(
            "resource_version",
            "string",
            "Resume a watch after this version. Empty while more of the same revision follows.",
        ),
        _Field("progress", "bool", "There was nothing to report up to this version."),
    )


def _service(writer: _Writer, names: Names, resource: resource_pb2.Resource, package: str) -> None:
    kind = f".{package}.{names.kind}"
    a = "an" if names.kind[0] in "AEIOU" else "a"
    writer.service(names.service, f"Reads and writes {names.kind} objects.")
    request = f".{package}.{names.create_request}"
    writer.method("Create", request, kind, f"Creates {a} {names.kind} that must not exist.")
    writer.method("Get", f".{_META}.GetRequest", kind, f"Reads one {names.kind}.")
    pages = f".{package}.{names.list}"
    writer.method("List", f".{_META}.ListRequest", pages, f"Reads {names.service}, in pages.")
    request = f".{package}.{names.update_request}"
    writer.method(
        "Update",
        request,
        kind,
        f"Replaces {a} {names.kind} that has not changed since it was read.",
    )
    if resource_pb2.SUBRESOURCE_STATUS in resource.subresources:
        writer.method("UpdateStatus", request, kind, "Replaces the status and nothing else.")
    writer.method("Delete", f".{_META}.DeleteRequest", kind, f"Deletes one {names.kind}.")
    request = f".{_META}.DeleteCollectionRequest"
    writer.method("DeleteCollection", request, pages, "Deletes all objects that match.")
    response = f".{package}.{names.watch_response}"
    writer.method(
        "Watch",
        f".{_META}.WatchRequest",
        response,
        "Follows changes, from a version on.",
        many=True,
    )


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    type: str
    comment: str
    many: bool = False


class _Writer:
    """Adds messages and methods to a file together with their comments."""

    def __init__(self, file: FileDescriptorProto) -> None:
        self._file = file

    def message(self, name: str, comment: str, *fields: _Field) -> None:
        path = [_FILE_MESSAGE, len(self._file.message_type)]
        message = self._file.message_type.add(name=name)
        self._comment(path, comment)
        for index, field in enumerate(fields):
            added = message.field.add(
                name=field.name,
                number=index + 1,
                json_name=_json_name(field.name),
                label=FieldDescriptorProto.LABEL_REPEATED
                if field.many
                else FieldDescriptorProto.LABEL_OPTIONAL,
            )
            if field.type == "string":
                added.type = FieldDescriptorProto.TYPE_STRING
            elif field.type == "bool":
                added.type = FieldDescriptorProto.TYPE_BOOL
            elif field.type.startswith("enum:"):
                added.type = FieldDescriptorProto.TYPE_ENUM
                added.type_name = field.type.removeprefix("enum:")
            else:
                added.type = FieldDescriptorProto.TYPE_MESSAGE
                added.type_name = field.type
            self._comment([*path, _FIELD, index], field.comment)

    def service(self, name: str, comment: str) -> None:
        self._file.service.add(name=name)
        self._comment([_FILE_SERVICE, 0], comment)

    def method(
        self, name: str, request: str, response: str, comment: str, *, many: bool = False
    ) -> None:
        methods = self._file.service[0].method
        self._comment([_FILE_SERVICE, 0, _METHOD, len(methods)], comment)
        method = methods.add(name=name, input_type=request, output_type=response)
        if many:
            method.server_streaming = True

    def _comment(self, path: list[int], text: str) -> None:
        self._file.source_code_info.location.add(
            path=path, span=[0, 0, 0], leading_comments=f" {text}\n"
        )


def _json_name(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)
