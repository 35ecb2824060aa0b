"""Rules on whole messages that only the server knows: those that CEL cannot say shortly.

The option ``computed_rules`` of a message type names them. Each costs no more than the
message is large, while CEL compares every element of a list with every other one, and its
evaluators give up after some thousand steps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube import descriptor_options
from protocube.api.v1 import field_pb2
from protocube.vendor.buf.validate import validate_pb2
from protocube_server.kinds import options
from protocube_server.kinds.walking import Walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from google.protobuf.descriptor import Descriptor, FieldDescriptor
    from google.protobuf.message import Message

    from protocube_server.kinds.named.message_rule import Fault, MessageRule


class MessageRules:
    """The rules of one message type and of everything below it."""

    def __init__(self, descriptor: Descriptor, by_name: Mapping[str, MessageRule]) -> None:
        """Raises ``ValueError`` when an option names a rule that is not in ``by_name``."""

        def work(descriptor: Descriptor) -> tuple[MessageRule, ...] | None:
            return tuple(_rules(descriptor, by_name)) or None

        self._walk = Walk(descriptor, work, leads=lambda field: not _is_ignored(field))
        self.are_any = any(True for _ in self._walk.work)
        """Whether any type has one."""

    def walk(self, message: Message) -> Iterator[tuple[str, Fault] | None]:
        """Yield each fault with the path of JSON names that it belongs to.

        And ``None`` where others may have their turn.
        """
        for visit in self._walk.visits(message):
            if visit is None:
                yield None
                continue
            rules, part, prefix, _ = visit
            for rule in rules:
                for fault in rule(part):
                    if fault is None:
                        yield None
                        continue
                    yield f"{prefix}{fault.at}" if fault.at else prefix[:-1], fault


def _rules(descriptor: Descriptor, by_name: Mapping[str, MessageRule]) -> Iterator[MessageRule]:
    for name in descriptor_options.of_message(descriptor).Extensions[field_pb2.computed_rules]:
        yield options.named(by_name, name, what="rule of messages", where=descriptor.full_name)


def _is_ignored(field: FieldDescriptor) -> bool:
    """Tell whether protovalidate asks nothing of what the field holds; neither is it asked here."""
    rules = descriptor_options.of_field(field).Extensions[validate_pb2.field]
    return bool(rules.ignore == validate_pb2.IGNORE_ALWAYS)
