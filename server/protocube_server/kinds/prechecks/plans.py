"""What there is to see of the messages of each type, as a function in Python."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube import descriptor_options
from protocube.vendor.buf.validate import validate_pb2
from protocube_server.kinds.prechecks import conditions, translating
from protocube_server.kinds.prechecks.translating import Place, Translation
from protocube_server.kinds.prechecks.writing import Names
from protocube_server.kinds.reaching import reaching

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from google.protobuf.descriptor import Descriptor, FieldDescriptor
    from google.protobuf.message import Message

    from protocube.steps import Steps

    See = Callable[[Any], bool]

_REFUSED = "return False"


class _Type:
    """A message type, until its function is written."""

    def __init__(self, descriptor: Descriptor, name: str) -> None:
        self.descriptor = descriptor
        self.name = name
        """That of the function."""
        self.rules: list[tuple[FieldDescriptor, Any]] = []
        self.below: list[_Type] = []
        self.has_rules = False


class Plans:
    """What is seen of the messages of one descriptor pool."""

    def __init__(self, passes: See, *, patterns: bool) -> None:
        """``passes`` asks protovalidate whether it finds nothing wrong with a message.

        Without ``patterns`` those in the rules are left to it, too: strangers could write one
        that Python takes for ever to hold a text against.
        """
        self._patterns = patterns
        self._names = Names(passes)
        self._types: dict[str, _Type] = {}
        self._made: dict[str, See | None] = {}

    def compile(self, descriptor: Descriptor) -> Steps[None]:
        """Write the functions of a type and of all below it; yield between the types."""
        fresh: list[_Type] = []
        yield from self._collect(descriptor, fresh)
        known = [*self._types.values()]
        busy = reaching(known, works=lambda each: each.has_rules, below=lambda each: each.below)
        for each in fresh:
            full_name = each.descriptor.full_name
            made = self._written(each, busy) if id(each) in busy else None
            self._made[full_name] = made
            yield

    def is_compiled(self, full_name: str) -> bool:
        """Tell whether that was done for a type."""
        return full_name in self._made

    def sees(self, message: Message) -> bool:
        """Tell whether protovalidate would find nothing wrong with a message.

        Its type has been compiled. It takes a time that grows with the message. ``False`` may
        also mean that it was not found out.
        """
        descriptor: Any = message.DESCRIPTOR
        see = self._made[descriptor.full_name]
        return see is None or see(message)

    def _collect(self, descriptor: Any, fresh: list[_Type]) -> Steps[_Type]:
        found = self._types.get(descriptor.full_name)
        if found is not None:
            return found
        found = _Type(descriptor, f"sees_{len(self._types)}")
        self._types[descriptor.full_name] = found
        fresh.append(found)
        rules: Any = descriptor_options.of_message(descriptor).Extensions[validate_pb2.message]
        found.has_rules = bool(rules.ByteSize()) or any(map(_is_required, descriptor.oneofs))
        for field in descriptor.fields:
            own: Any = descriptor_options.of_field(field).Extensions[validate_pb2.field]
            if own.ignore == validate_pb2.IGNORE_ALWAYS:
                continue
            found.rules.append((field, own))
            found.has_rules = found.has_rules or bool(own.ByteSize())
            held = _held(field)
            if held is not None:
                found.below.append((yield from self._collect(held, fresh)))
        yield
        return found

    def _written(self, of: _Type, busy: set[int]) -> See:
        lines = [*self._of_message(of)]
        for field, rules in of.rules:
            lines += self._of_field(field, rules, busy)
        # Where it cannot be seen, what is asked about is no more than this message.
        body = [f"    {line}" for line in (*lines, "return True")]
        whole = ("try:", *body, "except NotSureError:", "    return passes(m)")
        made: See = self._names.define(f"def {of.name}(m):", whole)
        return made

    def _of_message(self, of: _Type) -> Iterator[str]:
        for oneof in of.descriptor.oneofs:
            if _is_required(oneof):
                yield f"if m.WhichOneof({oneof.name!r}) is None: {_REFUSED}"
        rules: Any = descriptor_options.of_message(of.descriptor).Extensions[validate_pb2.message]
        if conditions.has_unknown(rules) or rules.oneof:
            yield _REFUSED
        this = Place(text="m", message=of.descriptor)
        translation = Translation(this, self._names.constant, patterns=self._patterns)
        for rule in (*rules.cel, *rules.cel_expression):
            text = rule if isinstance(rule, str) else rule.expression
            yield f"if not {translation.condition(text)}: {_REFUSED}"

    def _of_field(self, field: FieldDescriptor, rules: Any, busy: set[int]) -> Iterator[str]:
        """Yield the lines that look at one field of a message ``m``."""
        place = translating.of_field(field, "x")
        asked = [*self._asked(rules, place, field)]
        below = self._below(field, busy)
        inner = [*self._of_elements(field, rules, below)] if field.is_repeated else []
        if below is not None and not field.is_repeated:
            asked.append(f"{below}(x)")
        if not (asked or inner or rules.required):
            return
        value = translating.attribute("m", field.name)
        if field.has_presence:
            yield f"if m.HasField({field.name!r}):"
        else:
            yield f"x = {value}"
            skips = rules.required or rules.ignore or (inner and not asked)
            yield "if x:" if skips else "if True:"
        if field.has_presence and (asked or inner):
            yield f"    x = {value}"
        if rules.ignore and field.has_presence and _held(field) is None and asked:
            asked = [f"(not x or ({' and '.join(asked)}))"]
        yield "    pass"
        if asked:
            yield f"    if not ({' and '.join(asked)}): {_REFUSED}"
        yield from (f"    {line}" for line in inner)
        if rules.required:
            yield f"else: {_REFUSED}"

    def _of_elements(self, field: FieldDescriptor, rules: Any, below: str | None) -> Iterator[str]:
        """Yield the lines that look at the elements of a list or a map ``x``."""
        values = descriptor_options.map_values(field)
        if values is None:
            asked = self._of_element("each", rules.repeated.items, field, below)
            if asked:
                yield f"for each in x:\n                if not ({asked}): {_REFUSED}"
            return
        entry: Any = field.message_type
        keys = self._of_element("key", rules.map.keys, entry.fields_by_name["key"], None)
        of_values = self._of_element("each", rules.map.values, values, below)
        if keys:
            yield f"for key in x:\n                if not ({keys}): {_REFUSED}"
        if of_values:
            yield f"for each in x.values():\n                if not ({of_values}): {_REFUSED}"

    def _of_element(self, name: str, rules: Any, field: FieldDescriptor, below: str | None) -> str:
        if rules.ignore == validate_pb2.IGNORE_ALWAYS:
            return ""
        place = Place(text=name, message=field.message_type)
        asked = [*self._asked(rules, place, field)]
        if rules.required:
            asked.append(translating.UNSURE)
        if below is not None:
            asked.append(f"{below}({name})")
        text = " and ".join(asked)
        skips = text and rules.ignore and field.message_type is None
        return f"not {name} or ({text})" if skips else text

    def _asked(self, rules: Any, place: Place, field: FieldDescriptor) -> Iterator[str]:
        yield from conditions.of_rules(rules, place, field, self._names, patterns=self._patterns)

    def _below(self, field: FieldDescriptor, busy: set[int]) -> str | None:
        held = _held(field)
        found = self._types.get(held.full_name) if held is not None else None
        return found.name if found is not None and id(found) in busy else None


def _held(field: FieldDescriptor) -> Any:
    """Return the type of the messages that a field holds, of a map as its values."""
    held: Any = (descriptor_options.map_values(field) or field).message_type
    return held


def _is_required(oneof: Any) -> bool:
    return bool(descriptor_options.of_oneof(oneof).Extensions[validate_pb2.oneof].required)
