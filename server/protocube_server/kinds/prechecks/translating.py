"""Writes expressions of CEL as Python that is true only where they are.

Where Python could judge otherwise than CEL, there stands a call that gives up. Either language
looks at the right side of ``||`` and ``&&`` only where the left one has not decided, and what CEL
forgives on the left is not forgiven here; so what is true here is true there.
"""

from __future__ import annotations

import keyword
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from google.protobuf.descriptor import FieldDescriptor

from protocube import descriptor_options
from protocube_server.kinds.prechecks import judging, syntax
from protocube_server.kinds.prechecks.syntax import Node

if TYPE_CHECKING:
    from collections.abc import Callable


ONE, LIST, MAP = "one", "list", "map"
"""Forms of what a name stands for."""
UNSURE: Final = "unsure()"
_SAME: Final = {"==": "==", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">=", "in": "in"}
_NOT_ASKED: Final = Node("!", parts=(Node("name", "rule"),))
_LOGIC: Final = {"||": "or", "&&": "and"}
_TESTS: Final = {*_SAME, *_LOGIC, "!"}
_TEXTUAL: Final = {
    "contains": "({1} in {0})",
    "startsWith": "{0}.startswith({1})",
    "endsWith": "{0}.endswith({1})",
    "indexOf": "{0}.find({1})",
    "trim": "trim({0})",
    "isIp": "is_ip({0})",
}
_IS_TEST: Final = {"contains", "startsWith", "endsWith", "isIp", "matches", "unique"}
_FREE: Final = "google.protobuf.Value"
_KINDS: Final = {
    "bool": "bool_value",
    "double": "number_value",
    "list": "list_value",
    "map": "struct_value",
    "string": "string_value",
}
"""Types of CEL that free JSON can have, by what is set then."""
_MACROS: Final = {
    "all": "all({2} for {1} in {0})",
    "exists": "any({2} for {1} in {0})",
    "exists_one": "(sum(1 for {1} in {0} if {2}) == 1)",
}
_NUMBERS: Final = frozenset(
    {
        FieldDescriptor.CPPTYPE_INT32,
        FieldDescriptor.CPPTYPE_INT64,
        FieldDescriptor.CPPTYPE_UINT32,
        FieldDescriptor.CPPTYPE_UINT64,
        FieldDescriptor.CPPTYPE_DOUBLE,
        FieldDescriptor.CPPTYPE_FLOAT,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What a name stands for, or a field of it."""

    text: str
    """In Python."""
    form: str = ONE
    message: Any = None
    """The type of messages, or of those that a list or a map holds."""

    def field(self, name: str) -> tuple[Place, FieldDescriptor] | None:
        """Return a field of a message; ``None`` when it has none, or none that is read here."""
        if self.form != ONE or self.message is None:
            return None
        field = self.message.fields_by_name.get(name)
        return (of_field(field, attribute(self.text, name)), field) if field is not None else None


def attribute(holder: str, name: str) -> str:
    """Return what reads a field of a message."""
    return f"getattr({holder}, {name!r})" if keyword.iskeyword(name) else f"{holder}.{name}"


def of_field(field: FieldDescriptor, text: str) -> Place:
    """Return what stands for the value of a field."""
    values = descriptor_options.map_values(field)
    form = MAP if values is not None else LIST if field.is_repeated else ONE
    return Place(text=text, form=form, message=(values or field).message_type)


def is_free(field: FieldDescriptor) -> bool:
    """Tell whether a field holds one value of free JSON."""
    held = field.message_type
    return held is not None and not field.is_repeated and held.full_name == _FREE


def is_plain(field: FieldDescriptor) -> bool:
    """Tell whether values of a field are the same in CEL and in Python."""
    one = descriptor_options.map_values(field) or field
    held: Any = one.message_type
    if held is not None:
        return not held.full_name.startswith("google.protobuf.")
    return one.type == FieldDescriptor.TYPE_STRING or (
        one.cpp_type in _NUMBERS or one.cpp_type == FieldDescriptor.CPPTYPE_BOOL
    )


class Translation:
    """Writes expressions on one thing; patterns become constants."""

    def __init__(
        self, this: Place, constant: Callable[[Any], str], *, rule: Any = None, patterns: bool
    ) -> None:
        """``constant`` names a value. Without ``patterns`` those are left to protovalidate."""
        self._scope: dict[str, Place] = {"this": this}
        self._constant = constant
        self._rule = rule
        self._patterns = patterns

    def condition(self, expression: str) -> str:
        """Return what is true only where a rule with this expression is kept."""
        try:
            node = syntax.parse(expression)
        except syntax.NotReadError:
            return UNSURE
        text = self._text(node)
        return text if _is_test(node) else f"({text} in KEPT)"

    def kind_of(self, expression: str) -> str:
        """Return as :meth:`condition`, of a rule on free JSON that asks for its type alone."""
        try:
            node = syntax.parse(expression)
        except syntax.NotReadError:
            return UNSURE
        asked, *others = node.parts or (node,)
        wanted: tuple[Node, ...] = ()
        if node.form == "==":
            wanted = tuple(others)
        elif node.form == "in" and others[0].form == "list":
            wanted = others[0].parts
        kinds = tuple(_KINDS.get(str(each.value), "") for each in wanted if each.form == "name")
        is_asked = asked == Node("call", "type", (Node("name", "this"),))
        if not is_asked or not kinds or len(kinds) < len(wanted):
            return UNSURE
        return f"({self._scope['this'].text}.WhichOneof('kind') in {kinds!r})"

    def _text(self, node: Node) -> str:
        place = self._place(node)
        if place is not None:
            return place.text if place.form == ONE and place.message is None else UNSURE
        if node.form == "literal":
            return repr(node.value)
        if node.form == "name" and node.value == "rule" and isinstance(self._rule, bool):
            return repr(self._rule)
        if node.form in ("call", "method"):
            return self._called(node)
        return self._operation(node.form, node.parts)

    def _operation(self, form: str, parts: tuple[Node, ...]) -> str:
        if form == "choice":
            test, first, second = map(self._text, parts)
            return f"({first} if {test} else {second})"
        if form == "!":
            return f"(not {self._text(parts[0])})"
        if form == "||" and self._rule is True and parts[0] == _NOT_ASKED:
            return self._text(parts[1])
        if form in _LOGIC:
            return f"({self._text(parts[0])} {_LOGIC[form]} {self._text(parts[1])})"
        if form in _SAME:
            right = self._sought(parts[1]) if form == "in" else self._text(parts[1])
            return f"({self._text(parts[0])} {_SAME[form]} {right})"
        if form in ("+", "-"):
            return f"({self._text(parts[0])} {form} {self._text(parts[1])})"
        if form == "negative" and parts[0].form == "literal":
            return f"(-{self._text(parts[0])})"
        return UNSURE

    def _called(self, node: Node) -> str:
        name, parts = node.value, node.parts
        if name == "has" and node.form == "call" and len(parts) == 1:
            return self._has(parts[0])
        if name == "size" and len(parts) == 1:
            return f"len({self._many(parts[0], texts=True)})"
        if node.form == "call":
            return UNSURE
        if name in _MACROS and len(parts) == len(("of", "name", "test")):
            return self._macro(str(name), *parts)
        if name == "matches" and len(parts) == len(("text", "pattern")):
            return self._matches(*parts)
        if name == "unique" and len(parts) == 1:
            return self._unique(parts[0])
        if name in _TEXTUAL:
            return _TEXTUAL[str(name)].format(*map(self._text, parts))
        return UNSURE

    def _unique(self, node: Node) -> str:
        place = self._place(node)
        # As in :meth:`_macro`, of a list that is not in another one.
        if place is None or place.form != LIST or place.message is not None or len(self._scope) > 1:
            return UNSURE
        return f"(len(set({place.text})) == len({place.text}))"

    def _has(self, node: Node) -> str:
        if node.form != "field":
            return UNSURE
        holder = self._place(node.parts[0])
        found = holder.field(str(node.value)) if holder is not None else None
        if holder is None or found is None:
            return UNSURE
        if found[1].has_presence:
            return f"{holder.text}.HasField({node.value!r})"
        return f"bool({found[0].text})"

    def _matches(self, text: Node, given: Node) -> str:
        search = judging.pattern(str(given.value)) if given.form == "literal" else None
        if search is None or not self._patterns:
            return UNSURE
        return searched(self._constant(search), self._text(text))

    def _macro(self, name: str, of: Node, variable: Node, test: Node) -> str:
        place = self._place(of)
        # Each within each takes the time of both; protovalidate gives up at some length.
        is_inner = len(self._scope) > 1
        if place is None or place.form == ONE or variable.form != "name" or is_inner:
            return UNSURE
        inner = f"each{len(self._scope)}"
        # Of a map these are its keys.
        message = place.message if place.form == LIST else None
        before = self._scope
        self._scope = {**before, str(variable.value): Place(text=inner, message=message)}
        body = self._text(test)
        self._scope = before
        return _MACROS[name].format(place.text, inner, body)

    def _sought(self, node: Node) -> str:
        """Return that which something is looked for in."""
        place = self._place(node)
        if place is not None and place.form == LIST and len(self._scope) > 1:
            return UNSURE  # As each within each.
        return self._many(node)

    def _many(self, node: Node, *, texts: bool = False) -> str:
        """Return a list or a map as what ``in`` and ``len`` take, with ``texts`` also a text."""
        if node.form == "list":
            return f"({''.join(f'{self._text(part)}, ' for part in node.parts)})"
        if texts and node.form == "call" and node.value == "bytes" and len(node.parts) == 1:
            return f"{self._text(node.parts[0])}.encode()"
        if (parts := self._split(node)) is not None:
            return parts
        place = self._place(node)
        if place is None or (place.form == ONE and place.message is None):
            return self._text(node) if texts else UNSURE
        return place.text if place.form != ONE else UNSURE

    def _place(self, node: Node) -> Place | None:
        """Return what a name or a field of it stands for; ``None`` for anything else."""
        if node.form == "name":
            return self._scope.get(str(node.value))
        if node.form == "field":
            holder = self._place(node.parts[0])
            found = holder.field(str(node.value)) if holder is not None else None
            return found[0] if found is not None and is_plain(found[1]) else None
        if node.form == "index":
            return self._element(*node.parts)
        return None

    def _split(self, node: Node) -> str | None:
        """Return the parts of a text between others; ``None`` for anything else."""
        if node.form != "method" or node.value != "split" or len(node.parts) != len(("of", "by")):
            return None
        text, by = node.parts
        is_some = by.form == "literal" and isinstance(by.value, str) and by.value
        return f"{self._text(text)}.split({by.value!r})" if is_some else None

    def _element(self, of: Node, index: Node) -> Place | None:
        if (parts := self._split(of)) is not None:
            return Place(text=f"of_list({parts}, {self._text(index)})")
        holder = self._place(of)
        if holder is None or holder.form == ONE or (holder.form == MAP and holder.message):
            return None
        inner = f"of_{holder.form}({holder.text}, {self._text(index)})"
        return Place(text=inner, message=holder.message)


def searched(search: str, text: str) -> str:
    """Return what tells whether a pattern is in a text."""
    if text.isidentifier():
        return f"({search}({text}) is not None if len({text}) <= {judging.LONGEST} else {UNSURE})"
    return f"matches({search}, {text})"


def _is_test(node: Node) -> bool:
    """Tell whether an expression is true or false, and no text."""
    if node.form == "choice":
        return _is_test(node.parts[1]) and _is_test(node.parts[2])
    if node.form == "literal":
        return isinstance(node.value, bool)
    if node.form == "call":
        return node.value == "has"
    if node.form == "method":
        return node.value in _IS_TEST or node.value in _MACROS
    return node.form in _TESTS
