"""What is told of an object that is accepted all the same: of what is deprecated or does nothing.

The option ``computed_warnings`` of a message type names it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protocube import descriptor_options
from protocube.api.v1 import field_pb2
from protocube_server.kinds import options
from protocube_server.kinds.walking import Walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.protobuf.descriptor import Descriptor
    from google.protobuf.message import Message

    from protocube_server.kinds.named.functions import Functions
    from protocube_server.kinds.named.message_warning import MessageWarning, Remark

MOST: Final = 100
"""Warnings of an object; the rest is not looked for."""


class MessageWarnings:
    """The warnings of one message type and of everything below it."""

    def __init__(self, descriptor: Descriptor, functions: Functions) -> None:
        """Raises ``ValueError`` when an option names a warning that does not exist."""

        def work(descriptor: Descriptor) -> tuple[MessageWarning, ...] | None:
            return tuple(_warnings(descriptor, functions)) or None

        self._walk = Walk(
            descriptor, work, leads=lambda field: not descriptor_options.is_within_schema(field)
        )
        self.are_any = any(True for _ in self._walk.work)
        """Whether any type has one."""

    def on(self, message: Message) -> Iterator[str | None]:
        """Yield the texts of the warnings, and ``None`` where others may have their turn."""
        left = MOST
        for visit in self._walk.visits(message):
            if visit is None:
                yield None
                continue
            for warning in visit.work:
                for remark in warning(visit.message):
                    if remark is None:
                        yield None
                        continue
                    yield _told(remark, visit.prefix)
                    left -= 1
                    if not left:
                        return


def _told(remark: Remark, prefix: str) -> str:
    if remark.at is None:
        return remark.text
    other = f" {prefix}{remark.other}" if remark.other else ""
    return f"{(prefix + remark.at).removesuffix('.')}: {remark.text}{other}"


def _warnings(descriptor: Descriptor, functions: Functions) -> Iterator[MessageWarning]:
    for name in descriptor_options.of_message(descriptor).Extensions[field_pb2.computed_warnings]:
        where = descriptor.full_name
        yield options.named(functions.warnings, name, what="warning of messages", where=where)
