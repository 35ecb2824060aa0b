"""What a change of files does to code that was generated from the files before.

The rules, and their names, are those of Buf's category FILE that WIRE_JSON has not: objects
survive such a change, and programs have to be changed when their stubs are generated again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from protocube.checking.declarations import File

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from google.protobuf.descriptor_pb2 import FileDescriptorProto

    from protocube.checking.fault import Fault

_OPTIONS: Final = (
    "go_package",
    "java_package",
    "java_outer_classname",
    "java_multiple_files",
    "csharp_namespace",
    "php_class_prefix",
    "php_namespace",
    "php_metadata_namespace",
    "ruby_package",
    "swift_prefix",
    "objc_class_prefix",
    "cc_enable_arenas",
    "optimize_for",
)
"""Options of a file by which generated code is found."""


def faults(
    before: Sequence[FileDescriptorProto], after: Sequence[FileDescriptorProto]
) -> list[Fault]:
    """Return what code that was generated from ``before`` does not find in ``after``."""
    new = {proto.name: File(proto) for proto in after}
    found: list[Fault] = []
    for proto in before:
        old = File(proto)
        file = new.get(proto.name)
        if file is None:
            found.append(old.fault("FILE_NO_DELETE", "the file is gone"))
            continue
        found += _options(proto, file)
        found += _gone(old, file)
    return found


def _options(old: FileDescriptorProto, file: File) -> Iterator[Fault]:
    if _syntax(old) != _syntax(file.proto):
        text = f"the syntax was {_syntax(old)}, and is {_syntax(file.proto)}"
        yield file.at_syntax("FILE_SAME_SYNTAX", text)
    for name in _OPTIONS:
        was: Any = getattr(old.options, name)
        now: Any = getattr(file.proto.options, name)
        if was != now:
            yield file.fault(f"FILE_SAME_{name.upper()}", f"{name} was {was!r}, and is {now!r}")


def _syntax(proto: FileDescriptorProto) -> str:
    return proto.syntax or "proto2"


def _gone(old: File, file: File) -> Iterator[Fault]:
    """Yield the messages and enums that are not in the file any more."""
    messages = {message.name for message in file.messages()}
    for message in old.messages():
        if message.name not in messages and not message.proto.options.map_entry:
            yield file.fault("MESSAGE_NO_DELETE", "the message is gone", symbol=message.name)
    enums = {name for name, _, _ in file.enums()}
    for name, _, _ in old.enums():
        if name not in enums:
            yield file.fault("ENUM_NO_DELETE", "the enum is gone", symbol=name)
