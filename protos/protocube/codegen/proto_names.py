"""How a .proto text names what a descriptor names in full, and where its comments are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto

_WORDS = frozenset(
    {
        *("enum", "export", "extend", "extensions", "group", "local", "map", "message", "oneof"),
        *("option", "optional", "repeated", "required", "reserved", "returns", "rpc", "service"),
        *("stream", "bool", "bytes", "double", "fixed32", "fixed64", "float", "int32", "int64"),
        *("sfixed32", "sfixed64", "sint32", "sint64", "string", "uint32", "uint64"),
    }
)
"""What the language says, where a type's name may begin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What the text of a file depends on wherever it is."""

    hidden: frozenset[str]
    """Names within the file that hide others, and words of the language."""
    comments: Comments
    is_labelled: bool
    """Singular fields have a label: proto2."""
    is_edition: bool

    @classmethod
    def of(cls, file: FileDescriptorProto) -> Scope:
        """Return that of a file.

        protoc looks a name's first part up from the inside out, and stops at the first package or
        message that is called so: in ``crd.com.google`` a plain ``google.protobuf`` is not found.
        """
        inner = file.package.split(".")[1:]
        return cls(
            hidden=_WORDS.union(inner, _declared(file.message_type)),
            comments=Comments(file),
            is_labelled=file.syntax in ("", "proto2"),
            is_edition=file.HasField("edition"),
        )

    def name(self, full: str) -> str:
        """Return what a type or extension of a full name is called everywhere in the file."""
        plain = full.removeprefix(".")
        return f".{plain}" if plain.partition(".")[0] in self.hidden else plain


def _declared(messages: Iterable[DescriptorProto]) -> Iterator[str]:
    for message in messages:
        yield message.name
        yield from (enum.name for enum in message.enum_type)
        yield from _declared(message.nested_type)


class Comments:
    """The comments of a file, by the path of what they speak of."""

    def __init__(self, file: FileDescriptorProto) -> None:
        """Read those of ``file``."""
        self._texts = {
            tuple(place.path): place.leading_comments + place.trailing_comments
            for place in file.source_code_info.location
        }

    def at(self, path: tuple[int, ...], indent: str = "") -> list[str]:
        """Return the lines of what is said at ``path``."""
        text = self._texts.get(path, "")
        return [f"{indent}//{line}" for line in text.removesuffix("\n").split("\n")] if text else []
