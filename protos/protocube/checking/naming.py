"""What files, packages, groups and kinds may be called."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from protocube.api.v1 import group_version_pb2, resource_pb2
from protocube.codegen import service_names

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from protocube.checking.declarations import File, Message
    from protocube.checking.fault import Fault

_OURS: Final = ("protocube", "google", "grpc", "buf", "crd")
"""Packages, and the folders of their files, that belong to others than the user."""
_LABEL: Final = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?")
_KIND: Final = re.compile(r"[A-Za-z][A-Za-z0-9]{0,62}")
_DOMAIN: Final = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_PACKAGE: Final = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")
_LONGEST_GROUP: Final = 253
_KUBERNETES: Final = re.compile(r"(.*\.)?(k8s|kubernetes)\.io")
_HOME: Final = re.compile(r"(.*\.)?protocube\.dev")
_LABEL_TEXT: Final = "a lower-case word of letters, digits and '-' that begins with a letter"
_SERVERS: Final = (
    "allocation",
    "binding",
    "conversion",
    "eviction",
    "grace",
    "judges_others",
    "most_elements",
    "protection",
    "review",
)
"""Options of a kind that say what the server does for its own kinds, or set its bounds."""
_SUBRESOURCES: Final = (resource_pb2.SUBRESOURCE_STATUS, resource_pb2.SUBRESOURCE_SCALE)
IMPORTS: Final = re.compile(
    r"google/protobuf/(duration|timestamp|struct|field_mask|wrappers)\.proto"
    r"|buf/validate/validate\.proto|protocube/(api|meta)/v1/\w+\.proto"
)
"""What a user's files may import of the server's."""
_INSTEAD: Final = {
    "google/protobuf/any.proto": "a manifest has no form for it; Struct is any JSON",
    "google/protobuf/empty.proto": "a message of your own without fields says the same",
}
"""Why some of Google's cannot be."""


def file_faults(file: File, own: Collection[str]) -> Iterator[Fault]:
    """Yield what is wrong with the name, package and imports of a user's file.

    ``own`` are the names of all files of its definition.
    """
    package = file.proto.package
    first = package.partition(".")[0]
    folder = file.name.partition("/")[0]
    if not _PACKAGE.fullmatch(package):
        text = f"the package {package!r} must be words in lower case with dots between"
        yield file.at_package("package", text)
    elif first in _OURS or folder in _OURS:
        owner = first if first in _OURS else folder
        text = f"{file.name}, package {package}: {owner}/... is the server's"
        yield file.at_package("package.reserved", text)
    elif not re.fullmatch(re.escape(package.replace(".", "/")) + r"/[\w-]+\.proto", file.name):
        text = (
            f"the file of package {package} must be called "
            f"{package.replace('.', '/')}/NAME.proto, not {file.name}"
        )
        yield file.fault("file.name", text)
    for index, name in enumerate(file.proto.dependency):
        if name not in own and not IMPORTS.fullmatch(name):
            why = _INSTEAD.get(name, "it is not of this definition, nor one on offer")
            text = f"{name} cannot be imported: {why}"
            yield file.fault("import", text, path=(3, index))


def version_faults(file: File) -> Iterator[Fault]:
    """Yield what is wrong with the API group and version of a user's file."""
    if not file.proto.options.HasExtension(group_version_pb2.group_version):
        return
    found = file.proto.options.Extensions[group_version_pb2.group_version]
    group, version = found.group, found.version
    path = (8,)
    if not _DOMAIN.fullmatch(group) or len(group) > _LONGEST_GROUP or "." not in group:
        text = f"the group {group!r} should be a domain with at least one dot"
        yield file.fault("group", text, path=path)
    elif _KUBERNETES.fullmatch(group) or _HOME.fullmatch(group):
        text = f"the group {group} is not for definitions: use a domain of your own"
        yield file.fault("group.reserved", text, path=path)
    if not _LABEL.fullmatch(version):
        text = f"the version {version!r} must be {_LABEL_TEXT}"
        yield file.fault("version", text, path=path)
    elif file.proto.package.rpartition(".")[2] != version:
        text = f"the package {file.proto.package} must end in the version, .{version}"
        yield file.at_package("package.version", text)


def option_faults(file: File, message: Message, option: resource_pb2.Resource) -> Iterator[Fault]:
    """Yield options of a user's kind that are for the server's own kinds."""
    given = [field.name for field, _ in option.ListFields() if field.name in _SERVERS]
    names = resource_pb2.Subresource.DESCRIPTOR.values_by_number
    given += [
        names[number].name if number in names else f"subresource {number}"
        for number in option.subresources
        if number not in _SUBRESOURCES
    ]
    for name in given:
        text = f"{name} is for kinds of the server's own"
        yield file.fault("resource.option", text, symbol=message.name, path=message.path)


def resource_faults(file: File, message: Message, option: resource_pb2.Resource) -> Iterator[Fault]:
    """Yield what is wrong with the names of a kind."""

    def fault(what: str, text: str) -> Fault:
        return file.fault(f"resource.{what}", text, symbol=message.name, path=message.path)

    names = service_names.Names.of(message.proto.name, option)
    kind = option.kind or names.kind
    if not _KIND.fullmatch(kind):
        yield fault("kind", f"the kind {kind!r} must be letters and digits, at most 63")
    words = [("plural", option.plural), ("singular", option.singular or kind.lower())]
    words += [("short_names", word) for word in option.short_names]
    words += [("categories", word) for word in option.categories]
    for what, word in words:
        if not _LABEL.fullmatch(word):
            yield fault(what, f"{word!r} must be {_LABEL_TEXT}")
