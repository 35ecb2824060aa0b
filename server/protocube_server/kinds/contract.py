"""The rules that the contract itself holds, asked of an object or of a part of one."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import protovalidate

from protocube_server.kinds import parts, violations
from protocube_server.kinds.message_rules import MessageRules

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from google.protobuf.message import Message

    from protocube import errors
    from protocube_server.kinds.named.message_rule import MessageRule
    from protocube_server.kinds.parts import Part


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
        """Compile the rules of a type now. Raises when one of them does not compile."""
        self._validator.collect_violations(message_class())
        self._rules_on(message_class())

    def faults(self, message: Message, path: str = "") -> Iterator[errors.Violation]:
        """Yield what is wrong with ``message``, a part of an object at ``path`` or all of one."""
        for found in self.in_turns(message):
            if found is not None:
                yield violations.below(path, found) if path else found

    def in_turns(self, message: Message) -> Iterator[errors.Violation | None]:
        """Yield what is wrong with an object, and ``None`` where others may have their turn."""
        for part in parts.of(message):
            if isinstance(part, parts.TooMany):
                yield violations.too_many(part.path, part.count, part.most)
                return
            yield from self._of_part(part)
            yield None
        for place, fault in self._rules_on(message).walk(message):
            yield from violations.of_rule(message, place, fault.rule, fault.text)
        yield None

    def _of_part(self, part: Part) -> Iterator[errors.Violation]:
        try:
            refused = self._validator.collect_violations(part.message)
        except protovalidate.EvaluationError as error:
            # What is not checked is not stored; that is the object's fault, not the server's.
            yield violations.below(part.path.rstrip("."), violations.unchecked(str(error)))
            return
        for violation in refused:
            for found in violations.translate(part.message, violation):
                if not part.only:
                    yield found
                elif found.field.startswith(part.only):
                    yield violations.in_part(part.path, part.only, part.first, found)

    def _rules_on(self, message: Message) -> MessageRules:
        descriptor: Any = message.DESCRIPTOR  # of one implementation or the other
        known = self._message_rules.get(descriptor.full_name)
        if known is None:
            known = MessageRules(descriptor, self._by_name)
            self._message_rules[descriptor.full_name] = known
        return known
