"""``Object{...}`` and ``JSONPatch{...}``: what expressions make changes of.

In Kubernetes the type of a part is named by the path that leads to it: ``Object.spec.template``. In
protobuf a message and a field of one scope cannot have the same name, so the types are called
``Object_spec_template`` here, and expressions are rewritten. The names are of the same length, so
that places in texts of faults stay right.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from google.protobuf import descriptor_pb2

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from protocube_server.cel.shadows import Shadows

ROOT: Final = "Object"
PATCH: Final = "JSONPatch"
CONFIGURATION: Final = "ApplyConfiguration"
"""The form of a change that is an object."""
_FILE: Final = "protocube/cel/object.proto"
_Field = descriptor_pb2.FieldDescriptorProto
_TOKEN: Final = re.compile(
    r"""(?P<text>[rRbB]{0,2}(?:\"\"\"(?:[^\\]|\\.)*?\"\"\"|'''(?:[^\\]|\\.)*?'''"""
    r"""|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'))|(?P<comment>//[^\n]*)"""
    r"""|(?<![\w.])(?P<name>Object(?:\.[A-Za-z_]\w*)*)(?=\s*\{)""",
    re.DOTALL,
)

Path = tuple[str, ...]
"""The names of fields that lead to a part."""


def paths(texts: Iterable[str]) -> frozenset[Path]:
    """Return the parts that expressions make, the object itself with an empty path."""
    found = (match["name"] for text in texts for match in _TOKEN.finditer(text))
    return frozenset(tuple(name.split(".")[1:]) for name in found if name)


def rewritten(text: str) -> str:
    """Return an expression with the names that types have here."""
    return _TOKEN.sub(
        lambda match: match["name"].replace(".", "_") if match["name"] else match[0], text
    )


def as_written(text: str, parts: Collection[Path]) -> str:
    """Return the text of a fault with the names that expressions have."""
    for path in sorted(parts, key=len, reverse=True):
        text = text.replace(name_of(path), ".".join((ROOT, *path)))
    return text


def name_of(path: Path) -> str:
    """Return the name of the type of a part."""
    return "_".join((ROOT, *path))


def file(shadows: Shadows, message: str, parts: Collection[Path]) -> Any:
    """Return a file with the types of these parts of a message, and of patches.

    A part that the message does not have is left out: its name is then none.
    """
    made = descriptor_pb2.FileDescriptorProto(
        name=_FILE, syntax="proto3", dependency=["google/protobuf/struct.proto"]
    )
    patch = made.message_type.add(name=PATCH)
    for number, name in enumerate(("op", "path", "from"), 1):
        patch.field.add(name=name, number=number, type=_Field.TYPE_STRING, label=1)
    patch.field.add(
        name="value",
        number=4,
        type=_Field.TYPE_MESSAGE,
        type_name=".google.protobuf.Value",
        label=1,
    )
    files = {shadows.message_class(message).DESCRIPTOR.file.name}
    for path in sorted(parts):
        descriptor: Any = shadows.message_class(message).DESCRIPTOR
        for step in path:
            field = descriptor.fields_by_name.get(step) if descriptor is not None else None
            descriptor = field.message_type if field is not None else None
        if descriptor is None or descriptor.GetOptions().map_entry:
            continue
        _add(made, descriptor, path, parts)
        files.add(descriptor.file.name)
        files.update(f.message_type.file.name for f in descriptor.fields if f.message_type)
    made.dependency.extend(sorted(files - set(made.dependency)))
    return made


def _add(made: Any, descriptor: Any, path: Path, parts: Collection[Path]) -> None:
    """Add a copy of a message type, whose fields have the types of parts where there are such."""
    copy = made.message_type.add()
    descriptor.CopyToProto(copy)
    copy.name = name_of(path)
    # Maps have their entries in the message that they are copied from.
    del copy.nested_type[:]
    for field in copy.field:
        own = descriptor.fields_by_name[field.name]
        below = (*path, field.name)
        entry = own.message_type
        if entry is not None and entry.GetOptions().map_entry:
            nested = copy.nested_type.add()
            entry.CopyToProto(nested)
            field.type_name = f".{copy.name}.{nested.name}"
        elif entry is not None and below in parts:
            field.type_name = f".{name_of(below)}"
