"""The rules that the contract itself holds, asked of an object or of a part of one."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import protovalidate

from protocube import descriptor_options, memo
from protocube_server.kinds import parts, places, violations
from protocube_server.kinds.message_rules import MessageRules

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from google.protobuf.descriptor import Descriptor
    from google.protobuf.message import Message

    from protocube import errors
    from protocube_server.kinds.named.message_rule import MessageRule
    from protocube_server.kinds.parts import Part

_HELD = 100
"""Faults that are held back, because one that is found later may have to be told before them."""


@memo.by_message_type
def is_of_schema(descriptor: Descriptor) -> bool:
    """Tell whether messages of a type are held to the JSON schema that the type was made of."""
    return descriptor_options.is_of_schema(descriptor)


class Contract:
    """The rules of the messages of one descriptor pool.

    A validator compiles the rules of a message type at its first use and keeps them by the
    type's *name*. A kind that is replaced comes in a pool of its own, so with one validator a
    pool it is checked by its own rules at once.
    """

    def __init__(self, message_rules: Mapping[str, MessageRule] | None = None) -> None:
        """Take the named rules on whole messages, which protovalidate does not know."""
        self._by_name = message_rules or {}
        self._message_rules: dict[str, MessageRules] = {}

    @functools.cached_property
    def _validator(self) -> protovalidate.Validator:
        return protovalidate.Validator()

    def prepare(self, message_class: type[Message]) -> None:
        """Compile the rules of a type now.

        Raises ``ValueError`` when one does not compile, or cannot be evaluated on an empty message.
        """
        message: Any = message_class()
        held = message
        if is_of_schema(message_class):
            if message.DESCRIPTOR.containing_type is not None:
                return
            held = message.metadata
        try:
            self._validator.collect_violations(held)
        except (protovalidate.CompilationError, protovalidate.EvaluationError) as error:
            raise ValueError(str(error)) from error
        self._rules_on(held)

    def faults(self, message: Message, path: str = "") -> Iterator[errors.Violation | None]:
        """Yield as :meth:`in_turns` what is wrong with a part of an object at ``path``."""
        for found in self.in_turns(message):
            yield violations.below(path, found) if path and found else found

    def in_turns(self, message: Message) -> Iterator[errors.Violation | None]:
        """Yield what is wrong with an object, and ``None`` where others may have their turn.

        One of a JSON schema is held to that by the schema's own rule; here its metadata is asked.
        """
        if is_of_schema(type(message)):
            metadata: Any = message
            yield from self.faults(metadata.metadata, "metadata")
            return
        held = places.Held(type(message))
        for part in parts.of(message):
            if part is None:
                yield None
                continue
            if isinstance(part, parts.TooMany):
                yield from held.faults
                yield violations.too_many(part.path, part.count, part.most)
                return
            held.faults += self.of_part(part)
            yield from held.beyond(_HELD)
            yield None
        for broken in self._rules_on(message).walk(message):
            if broken is None:
                yield None
                continue
            place, fault = broken
            for found in violations.of_rule(message, place, fault.rule, fault.text):
                held.insert(found, below=place)
            yield from held.beyond(_HELD)
        yield from held.faults
        yield None

    def of_part(self, part: Part) -> Iterator[errors.Violation]:
        """Yield what protovalidate says of one part of an object."""
        try:
            refused = self._validator.collect_violations(part.message)
        except protovalidate.EvaluationError as error:
            # What is not checked is not stored; that is the object's fault, not the server's.
            yield violations.below(part.path.rstrip("."), violations.unchecked(str(error)))
            return
        for violation in refused:
            path = violation.proto.field
            if not part.has(path.elements if path else []):
                continue
            for found in violations.translate(part.message, violation):
                if part.field is None:
                    yield found
                else:
                    yield violations.in_part(part.path, part.field.json_name, part.first, found)

    def _rules_on(self, message: Message) -> MessageRules:
        descriptor: Any = message.DESCRIPTOR  # of one implementation or the other
        known = self._message_rules.get(descriptor.full_name)
        if known is None:
            known = MessageRules(descriptor, self._by_name)
            self._message_rules[descriptor.full_name] = known
        return known
