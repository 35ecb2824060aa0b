"""The rules that the contract itself holds, asked of an object or of a part of one."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import protovalidate

from protocube_server.kinds import violations
from protocube_server.kinds.message_rules import MessageRules

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from google.protobuf.message import Message

    from protocube import errors
    from protocube_server.kinds.named.message_rule import MessageRule


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
        """Return what is wrong with ``message``, a part of an object at ``path`` or all of one."""
        try:
            refused = self._validator.collect_violations(message)
        except protovalidate.EvaluationError as error:
            # What is not checked is not stored; that is the object's fault, not the server's.
            found = violations.unchecked(str(error))
            yield violations.below(path, found) if path else found
            return
        for violation in refused:
            for found in violations.translate(message, violation):
                yield violations.below(path, found) if path else found
        for place, fault in self._rules_on(message).walk(message):
            for found in violations.of_rule(message, place, fault.rule, fault.text):
                yield violations.below(path, found) if path else found

    def _rules_on(self, message: Message) -> MessageRules:
        descriptor: Any = message.DESCRIPTOR  # of one implementation or the other
        known = self._message_rules.get(descriptor.full_name)
        if known is None:
            known = MessageRules(descriptor, self._by_name)
            self._message_rules[descriptor.full_name] = known
        return known
