"""Where generated code lands, by rule: the file options of other languages.

The .proto files say nothing of Go or Java. What their users expect follows from a
file's package, and is put into the files that leave the house (``stubs``).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileOptions

_OURS = "protocube/"
_OTHERS = ("google/", "buf/", "grpc/")
_PACKAGE = re.compile(r"^package [\w.]+;$", re.MULTILINE)

GO_RULES = "buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
"""Go's package of protovalidate's rules; the other imports say theirs themselves."""


def apply(file: FileDescriptorProto, *, go_prefix: str) -> None:
    """Set the options of ``file``, if it is ours or a user's.

    ``go_prefix`` is the Go import path that the folder ``protocube`` gets. A user's file keeps what
    it says of Java and C#; its Go package lies beside ours.
    """
    if file.name.startswith(_OURS):
        _set(file.options, file.name, file.package, go_prefix)
    elif not file.name.startswith(_OTHERS):
        parent = go_prefix.removesuffix("/protocube")
        alias = "".join(file.package.split("."))
        file.options.go_package = f"{parent}/{file.name.rpartition('/')[0]};{alias}"
        if not file.options.java_package:
            file.options.java_package = file.package
            file.options.java_multiple_files = True


def annotate(text: str, name: str, *, go_prefix: str) -> str:
    """Return the .proto ``text`` of the file ``name`` with the options behind its package.

    Raises ``ValueError`` when it declares no package.
    """
    found = _PACKAGE.search(text)
    if found is None:
        raise ValueError(f"{name} declares no package")
    package = found[0].removeprefix("package ").removesuffix(";")
    lines = [
        f'option csharp_namespace = "{_csharp(package)}";',
        f'option go_package = "{_go(name, package, go_prefix)}";',
        "option java_multiple_files = true;",
        f'option java_outer_classname = "{_outer_class(name)}";',
        f'option java_package = "{_java(package)}";',
    ]
    return f"{text[: found.end()]}\n\n" + "\n".join(lines) + text[found.end() :]


def _set(options: FileOptions, name: str, package: str, go_prefix: str) -> None:
    options.csharp_namespace = _csharp(package)
    options.go_package = _go(name, package, go_prefix)
    options.java_multiple_files = True
    options.java_outer_classname = _outer_class(name)
    options.java_package = _java(package)


def _go(name: str, package: str, prefix: str) -> str:
    """Return ``PREFIX/core/v1;corev1``: the alias is the one that Kubernetes' users know."""
    folder = name.rpartition("/")[0].removeprefix(_OURS)
    return f"{prefix}/{folder};{''.join(package.split('.')[1:])}"


def _java(package: str) -> str:
    return f"dev.{package}"


def _outer_class(name: str) -> str:
    """Return a class name that no message of the file has: ``PodServiceProto``."""
    stem = name.rpartition("/")[2].removesuffix(".proto")
    return "".join(word.capitalize() for word in stem.split("_")) + "Proto"


def _csharp(package: str) -> str:
    return ".".join(word.capitalize() for word in package.split("."))
