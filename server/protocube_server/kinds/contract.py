"""The rules that the contract itself holds, asked of an object or of a part of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import protovalidate
from google.protobuf import message_factory

from protocube import descriptor_options, memo
from protocube_server.kinds import parts, places, violations
from protocube_server.kinds.message_rules import MessageRules
from protocube_server.kinds.prechecks.plans import Plans
from protocube_server.kinds.shared_steps import SharedSteps

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping

    from google.protobuf.descriptor import Descriptor
    from google.protobuf.message import Message

    from protocube import errors
    from protocube_server.kinds.named.message_rule import MessageRule
    from protocube_server.kinds.parts import Part

_AT_ONCE = 4 * 1024
"""Bytes of a message that is seen to be valid in one go."""
_HELD = 100
"""Faults that are held back, because one that is found later may have to be told before them."""


@memo.by_message_type
def is_of_schema(descriptor: Descriptor) -> bool:
    """Tell whether messages of a type are held to the JSON schema that the type was made of."""
    return descriptor_options.is_of_schema(descriptor)


class Contract:
    """The rules of the messages of one descriptor pool.

    A validator compiles the rules of a message type at its first use and keeps them by the
    type's *name*. A kind that is replaced comes in another pool, so with one validator a
    pool it is checked by its own rules at once.
    """

    def __init__(
        self,
        message_rules: Mapping[str, MessageRule] | None = None,
        *,
        is_users: bool = False,
        beside: Contract | None = None,
    ) -> None:
        """Take the named rules on whole messages, which protovalidate does not know.

        ``is_users`` tells that users have written the rules. ``beside`` has the rules of other
        messages of the same pool: they share a validator, which takes a megabyte.
        """
        self._by_name = message_rules or {}
        self._beside = beside
        self._plans = Plans(self._passes, patterns=not is_users)
        self._planning = SharedSteps()
        self._compiling = SharedSteps()
        self._message_rules: dict[str, MessageRules] = {}

    @memo.cached_property
    def _validator(self) -> protovalidate.Validator:
        if self._beside is not None:
            return self._beside._validator  # noqa: SLF001  # of this class
        return protovalidate.Validator()

    def prepare(self, message_class: type[Message]) -> None:
        """Compile the rules of a type now.

        Raises ``ValueError`` when one does not compile, or cannot be evaluated on an empty message.
        """
        message: Any = message_class()
        held: Any = message
        if is_of_schema(message_class):
            if message.DESCRIPTOR.containing_type is not None:
                return
            held = message.metadata
        for _ in self._compiled(held.DESCRIPTOR):
            pass
        try:
            self._validator.collect_violations(held)
        except (protovalidate.CompilationError, protovalidate.EvaluationError) as error:
            raise ValueError(str(error)) from error
        for _ in self.planned(held.DESCRIPTOR):
            pass
        self._rules_on(held)

    def planned(self, descriptor: Descriptor) -> Iterator[None]:
        """Compile what is asked first of messages of a type; yield between its parts."""
        return self._planning.until(descriptor.full_name, lambda: self._plans.compile(descriptor))

    def _compiled(self, descriptor: Descriptor) -> Iterator[None]:
        """Let protovalidate compile the rules of a type, those of what is in it first.

        It does so in one go, during which nothing else happens in the process.
        """
        return self._compiling.until(descriptor.full_name, lambda: self._each_type(descriptor))

    def _each_type(self, descriptor: Descriptor) -> Iterator[None]:
        for each in _inside_out(descriptor, set()):
            # What is wrong with the rules is said when an object is held to them.
            self._passes(message_factory.GetMessageClass(each)())
            yield

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
        is_small = message.ByteSize() <= _AT_ONCE
        if not (is_small and self._sees(message)) and (
            yield from self._by_protovalidate(message, held, is_small=is_small)
        ):
            return
        rules = self._rules_on(message)
        for broken in rules.walk(message) if rules.are_any else ():
            if broken is None:
                yield None
                continue
            place, fault = broken
            for found in violations.of_rule(message, place, fault.rule, fault.text):
                held.insert(found, below=place)
            yield from held.beyond(_HELD)
        yield from held.faults
        yield None

    def _by_protovalidate(
        self, message: Message, held: places.Held, *, is_small: bool
    ) -> Generator[errors.Violation | None, None, bool]:
        """Let ``held`` have what protovalidate says of an object, and yield what is too much of it.

        Return whether the object is too large to be looked at further.
        """
        descriptor: Any = message.DESCRIPTOR  # of one implementation or the other
        if not self._plans.is_compiled(descriptor.full_name):
            yield from self.planned(descriptor)
            if is_small and self._plans.sees(message):
                return False
        yield from self._compiled(descriptor)
        for part in parts.of(message):
            if part is None:
                yield None
                continue
            if isinstance(part, parts.TooMany):
                yield from held.faults
                yield violations.too_many(part.path, part.count, part.most)
                return True
            if is_small or not self._plans.sees(part.message):
                held.faults += self.of_part(part)
                yield from held.beyond(_HELD)
            yield None
        return False

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

    def _sees(self, message: Message) -> bool:
        """Tell whether it is known that protovalidate finds nothing."""
        descriptor: Any = message.DESCRIPTOR  # of one implementation or the other
        return self._plans.is_compiled(descriptor.full_name) and self._plans.sees(message)

    def _passes(self, message: Message) -> bool:
        try:
            return not self._validator.collect_violations(message)
        except (protovalidate.CompilationError, protovalidate.EvaluationError):
            return False

    def _rules_on(self, message: Message) -> MessageRules:
        descriptor: Any = message.DESCRIPTOR  # of one implementation or the other
        known = self._message_rules.get(descriptor.full_name)
        if known is None:
            known = MessageRules(descriptor, self._by_name)
            self._message_rules[descriptor.full_name] = known
        return known


def _inside_out(descriptor: Any, seen: set[str]) -> Iterator[Descriptor]:
    """Yield all types that messages of one can hold, each before those that hold it."""
    seen.add(descriptor.full_name)
    for field in descriptor.fields:
        held: Any = field.message_type
        if held is not None and held.full_name not in seen:
            yield from _inside_out(held, seen)
    if not descriptor.GetOptions().map_entry:
        yield descriptor
