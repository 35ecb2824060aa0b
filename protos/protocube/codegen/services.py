"""The typed service of a resource, made from its descriptor.

It works on descriptors and not on text, so that a server can run it for kinds that
it learns at run time; ``proto_text`` prints the result for the files in ``protos/``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto

from protocube.api.v1 import group_version_pb2, resource_pb2
from protocube.codegen import service_imports
from protocube.codegen.service_names import Names
from protocube.codegen.writer import Field, Writer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_META = "protocube.meta.v1"
_API = "protocube.api.v1"
_AUTOSCALING = "protocube.autoscaling.v1"
_SCALE = f".{_AUTOSCALING}.Scale"


def resources_in(
    file: FileDescriptorProto,
) -> Iterator[tuple[DescriptorProto, resource_pb2.Resource]]:
    """Yield the messages of ``file`` that carry the resource option, with it."""
    for message in file.message_type:
        if message.options.HasExtension(resource_pb2.resource):
            yield message, message.options.Extensions[resource_pb2.resource]


Declared = tuple[FileDescriptorProto, DescriptorProto, resource_pb2.Resource]
"""A file, a message in it, and the message's resource option."""


def declared(files: Iterable[FileDescriptorProto]) -> list[Declared]:
    """Return the resources in files."""
    return [(file, *item) for file in files for item in resources_in(file)]


def missing(
    files: Iterable[FileDescriptorProto], resources: Iterable[Declared]
) -> list[FileDescriptorProto]:
    """Return the files of the services of resources that are not among some files."""
    present = {file.name for file in files}
    return [service_file(*item) for item in resources if service_file_name(*item) not in present]


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
        dependency=[file.name, *service_imports.of(resource)],
    )
    result.options.CopyFrom(file.options)
    if result.options.HasExtension(group_version_pb2.group_version):
        result.dependency.append("protocube/api/v1/group_version.proto")
    result.dependency[:] = sorted(set(result.dependency))
    writer = Writer(result)
    kind = f".{file.package}.{names.kind}"
    if resource.review:
        _review(writer, names, kind)
        return result
    _messages(writer, names, kind, resource)
    _service(writer, names, resource, file.package)
    return result


_DRY_RUN = Field("dry_run", "bool", "Check everything, change nothing.")
_REQUEST_ID = Field(
    "request_id",
    "string",
    "Makes a repeated call safe: for ten minutes, unless the server is set otherwise,\n"
    " one with the same id and content is answered with what the first one did; with\n"
    " other content it is a Conflict. 256 bytes at most; a dry run ignores it.",
)
_INCLUDE_MANAGED_FIELDS = Field(
    "include_managed_fields", "bool", "The answer tells who owns which fields."
)
_WRITING = (
    _DRY_RUN,
    Field(
        "field_manager",
        "string",
        "Who writes, such as `kubectl-create`; the name of the user agent when empty.",
    ),
    _REQUEST_ID,
    Field(
        "field_validation",
        f"enum:.{_META}.FieldValidation",
        "What to do with fields that the server does not know.",
    ),
    _INCLUDE_MANAGED_FIELDS,
)
"""What every request that writes an object says besides."""


def _review(writer: Writer, names: Names, kind: str) -> None:
    """Write what a kind has that is answered and not stored."""
    package = kind.rpartition(".")[0]
    _create_request(writer, names, kind, "The question.")
    writer.service(names.service, f"Answers {names.kind} objects.")
    request = f"{package}.{names.create_request}"
    writer.method("Create", request, kind, f"Answers {names.one} in its status.")


def _create_request(writer: Writer, names: Names, kind: str, text: str) -> None:
    comment = f"Creates {names.one}."
    writer.message(names.create_request, comment, Field("object", kind, text), *_WRITING)


def _updated(resource: resource_pb2.Resource) -> str:
    """Return what an update says of the version that the object was read at."""
    text = (
        "The whole object. With the resource version that it was read at, a write that came\n"
        " between is a Conflict; without one it replaces what is there."
        if resource.unconditional_update
        else "The whole object, with the resource version that it was read at: a write that came\n"
        " between is a Conflict."
    )
    return f"{text} One that is missing is made." if resource.create_on_update else text


def _messages(writer: Writer, names: Names, kind: str, resource: resource_pb2.Resource) -> None:
    package = kind.rpartition(".")[0]
    writer.message(
        names.list,
        f"A page of {names.service}.",
        Field("api_version", "string", "The API version of the list."),
        Field("kind", "string", f"Always `{names.list}`."),
        Field("metadata", f".{_META}.ListMeta", "The revision that was read and how to go on."),
        Field("items", kind, "The objects, in the order of their namespaces and names.", many=True),
    )
    _create_request(writer, names, kind, "The object; the server sets what it leaves out.")
    writer.message(
        names.update_request,
        f"Replaces {names.one}.",
        Field("object", kind, _updated(resource)),
        *_WRITING,
    )
    _patch_request(writer, names, kind)
    _apply_request(writer, names, kind)
    writer.message(
        names.event,
        f"What happened to {names.one}.",
        Field("type", f"enum:.{_META}.EventType", "What happened."),
        Field("object", kind, "The object after it, or for a deletion as it last was."),
    )
    writer.message(
        names.watch_response,
        "Events in order: of one or more whole revisions, or a part of one.",
        Field("events", f"{package}.{names.event}", "The events, in order.", many=True),
        Field(
            "resource_version",
            "string",
            "Resume a watch after this version. Empty while more of the same revision, or of the\n"
            " present objects, follows.",
        ),
        Field("progress", "bool", "There was nothing to report up to this version."),
        Field(
            "initial_events_end",
            "bool",
            "The present objects have been sent, as they were at this version.",
        ),
    )


def _patch_request(writer: Writer, names: Names, kind: str) -> None:
    writer.message(
        names.patch_request,
        f"Changes parts of {names.one}.",
        Field("name", "string", "The object's name."),
        Field(
            "namespace",
            "string",
            "Its namespace; `default` when empty. Ignored for cluster-scoped kinds.",
        ),
        Field(
            "json_patch",
            "string",
            "A JSON patch (RFC 6902): the text of a list of operations.",
            oneof="patch",
        ),
        Field(
            "merge_patch",
            "string",
            "A JSON merge patch (RFC 7386): the text of an object.",
            oneof="patch",
        ),
        Field(
            "strategic_merge_patch",
            "string",
            "As a merge patch, but lists merge by their elements' keys where the schema\n"
            " says so, and `$patch` and the other directives are carried out.",
            oneof="patch",
        ),
        Field(
            "object",
            kind,
            "The new values of the fields that `update_mask` names.",
            oneof="patch",
        ),
        Field(
            "update_mask",
            ".google.protobuf.FieldMask",
            "With `object`: the fields to take from it, such as `spec.replicas`. A field\n"
            " that it has not set is cleared.",
        ),
        Field(
            "subresource",
            f"enum:.{_API}.Subresource",
            "The part of the object to change; the object itself when it is not set.",
        ),
        *_WRITING,
        oneofs={
            "patch": "The change. With another resource version in it than the object has it is a\n"
            " Conflict, with another uid Invalid."
        },
    )


def _apply_request(writer: Writer, names: Names, kind: str) -> None:
    writer.message(
        names.apply_request,
        f"Makes {names.one} have what its field manager wants it to have.",
        Field("name", "string", "The object's name; may be empty with `object`, which has it."),
        Field(
            "namespace",
            "string",
            "Its namespace; `default` when empty. Ignored for cluster-scoped kinds.",
        ),
        Field(
            "object",
            kind,
            "The fields that the manager has a say in, and no others. A field at its zero\n"
            " value, and an empty list or map, is not set: `manifest` can say those.",
            oneof="configuration",
        ),
        Field(
            "manifest",
            "string",
            "The same as text: one document of YAML or JSON.",
            oneof="configuration",
        ),
        Field("field_manager", "string", "Whose wishes these are. Required."),
        Field(
            "force",
            "bool",
            "Take fields that others own; otherwise to change them is a Conflict.",
        ),
        Field(
            "subresource",
            f"enum:.{_API}.Subresource",
            "The part of the object to apply to; the object itself when it is not set.",
        ),
        _DRY_RUN,
        _REQUEST_ID,
        Field(
            "field_validation",
            f"enum:.{_META}.FieldValidation",
            "What to do with names that occur twice in the text. Fields that the server does\n"
            " not know are always refused.",
        ),
        _INCLUDE_MANAGED_FIELDS,
        oneofs={"configuration": "What the manager wants."},
    )


_STATUS = "Replaces the status, and metadata as far as the kind lets it; the spec stays."


def _service(writer: Writer, names: Names, resource: resource_pb2.Resource, package: str) -> None:
    kind = f".{package}.{names.kind}"
    writer.service(names.service, f"Reads and writes {names.kind} objects.")
    request = f".{package}.{names.create_request}"
    writer.method("Create", request, kind, f"Creates {names.one} that must not exist.")
    writer.method("Get", f".{_META}.GetRequest", kind, f"Reads one {names.kind}.")
    pages = f".{package}.{names.list}"
    writer.method("List", f".{_META}.ListRequest", pages, f"Reads {names.service}, in pages.")
    request = f".{package}.{names.update_request}"
    writer.method(
        "Update",
        request,
        kind,
        f"Replaces {names.one}; a Conflict where it has changed since it was read.",
    )
    if resource_pb2.SUBRESOURCE_STATUS in resource.subresources:
        writer.method("UpdateStatus", request, kind, _STATUS)
    if resource_pb2.SUBRESOURCE_FINALIZE in resource.subresources:
        writer.method("Finalize", request, kind, "Replaces the finalizers of the spec.")
    request = f".{package}.{names.patch_request}"
    writer.method("Patch", request, kind, f"Changes parts of {names.one}.")
    request = f".{package}.{names.apply_request}"
    writer.method(
        "Apply",
        request,
        kind,
        f"Makes {names.one} have what one of its managers wants; creates it if need be.",
    )
    if resource_pb2.SUBRESOURCE_SCALE in resource.subresources:
        _scale_methods(writer, names)
    if resource_pb2.SUBRESOURCE_EVICTION in resource.subresources:
        request = ".protocube.policy.v1.EvictRequest"
        writer.method("Evict", request, kind, f"Deletes one {names.kind} if its budget allows it.")
    if resource_pb2.SUBRESOURCE_BINDING in resource.subresources:
        request = ".protocube.core.v1.BindRequest"
        writer.method("Bind", request, kind, f"Assigns {names.one}, once.")
    if resource_pb2.SUBRESOURCE_TOKEN in resource.subresources:
        asked = ".protocube.authentication.v1"
        request, answer = f"{asked}.CreateTokenRequest", f"{asked}.TokenRequest"
        writer.method("CreateToken", request, answer, f"Makes a token of {names.one}.")
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


def _scale_methods(writer: Writer, names: Names) -> None:
    of = f"the number of replicas of {names.one}"
    writer.method("GetScale", f".{_META}.GetRequest", _SCALE, f"Reads {of}.")
    request = f".{_AUTOSCALING}.UpdateScaleRequest"
    writer.method("UpdateScale", request, _SCALE, f"Sets {of}.")
    request = f".{_AUTOSCALING}.PatchScaleRequest"
    writer.method("PatchScale", request, _SCALE, f"Changes {of} by a patch of its Scale.")
    request = f".{_AUTOSCALING}.ApplyScaleRequest"
    writer.method("ApplyScale", request, _SCALE, f"Makes {of} what one of its managers wants.")
