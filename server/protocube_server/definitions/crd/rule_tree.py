"""The values of an object that have rules in CEL, and the ways that lead to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from protocube import descriptor_options
from protocube_server.cel import escaping
from protocube_server.definitions.crd import forms
from protocube_server.definitions.crd.forms import Form, Held, Shape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube_server.definitions.crd.schema import Rule, Schema

DYN: Final = "dyn"
"""The type of free JSON, which is known when a rule is asked."""
_TYPES: Final = {
    Held.STRING: "string",
    Held.BYTES: "bytes",
    Held.TIMESTAMP: "google.protobuf.Timestamp",
    Held.BOOL: "bool",
    Held.INT32: "int",
    Held.INT64: "int",
    Held.DOUBLE: "double",
}
_FREE: Final = (Held.STRUCT, Held.VALUE, Held.LIST_VALUE, Held.INT_OR_STRING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """The way to a property."""

    name: str
    """In JSON."""
    field: str
    """Of the shadow of the message; its name in a dict is that in JSON."""
    has_presence: bool
    node: Node


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Node:
    """One value that rules speak of, or that has such in it."""

    schema: Schema
    type: str
    """Of ``self``, as CEL's environments name it."""
    is_free: bool
    """The value is free JSON, alone or in a list or map."""
    rules: tuple[Rule, ...]
    """Those of the value itself, and behind them those under its ``allOf``."""
    where: str
    """The path of the schema: ``.properties[spec].items``."""
    within: str = ""
    """The path of the list whose elements cannot be found again, if the value is below one."""
    ways: tuple[Way, ...] = ()
    elements: Node | None = None
    """Of a list."""
    values: Node | None = None
    """Of a map."""

    def all(self) -> Iterator[Node]:
        """Yield the node and all below it."""
        yield self
        for way in self.ways:
            yield from way.node.all()
        for node in (self.elements, self.values):
            if node is not None:
                yield from node.all()


def grow(schema: Schema, descriptor: Any) -> Node | None:
    """Return the tree of a whole object; ``None`` when it has no rules.

    ``descriptor`` is that of the shadow of its message.
    """
    return _Growing().node(schema, Form(held=Held.MESSAGE), descriptor, "", "")


class HasRules:
    """Tells whether a value, or one in it, has rules."""

    def __init__(self) -> None:
        self._known: dict[int, bool] = {}
        """By the identities of schemas, of which equal ones are one."""

    def __call__(self, schema: Schema) -> bool:
        """Tell so of a value."""
        if id(schema) not in self._known:
            own = bool(own_rules(schema))
            self._known[id(schema)] = own or any(self(part) for _, part in schema.parts())
        return self._known[id(schema)]


def own_rules(schema: Schema) -> tuple[Rule, ...]:
    """Return the rules of a value itself, and behind them those under its ``allOf``."""
    found = list(schema.rules)
    for part in schema.all_of:
        found += own_rules(part)
    return tuple(found)


class _Growing:
    def __init__(self) -> None:
        self._has_rules = HasRules()

    def node(
        self, schema: Schema, form: Form, message: Any, where: str, within: str
    ) -> Node | None:
        """Return the node of a value; ``message`` describes the message that it is, or holds."""
        if not self._has_rules(schema):
            return None
        rules = own_rules(schema)
        is_one = form.shape is Shape.ONE
        is_free = form.held in _FREE
        ways = tuple(self._ways(schema, message, where, within)) if is_one else ()
        element = Form(held=Held.VALUE) if is_one else Form(held=form.held)
        elements = values = None
        if schema.items is not None:
            apart = within if schema.list_type == "map" else within or where
            elements = self.node(schema.items, element, message, f"{where}.items", apart)
        elif schema.additional is not None:
            below = f"{where}.additionalProperties"
            values = self.node(schema.additional, element, message, below, within)
        return Node(
            schema=schema,
            type=_type(form, message),
            is_free=is_free,
            rules=rules,
            where=where,
            within=within,
            ways=ways,
            elements=elements,
            values=values,
        )

    def _ways(self, schema: Schema, message: Any, where: str, within: str) -> Iterator[Way]:
        for name, part in schema.properties.items():
            below = f"{where}.properties[{name}]"
            name_in_cel = escaping.rule_field(name)
            if not self._has_rules(part):
                continue
            if message is None:
                node = self.node(part, Form(held=Held.VALUE), None, below, within)
                has_presence = True
            else:
                field = message.fields_by_name[name_in_cel]
                held = (descriptor_options.map_values(field) or field).message_type
                form = forms.of(part)
                is_message = form.held is Held.MESSAGE
                node = self.node(part, form, held if is_message else None, below, within)
                has_presence = field.has_presence
            if node is not None:
                yield Way(name=name, field=name_in_cel, has_presence=has_presence, node=node)


def _type(form: Form, message: Any) -> str:
    one = message.full_name if message is not None else _TYPES.get(form.held, DYN)
    if form.shape is Shape.LIST:
        return f"list<{one}>"
    if form.shape is Shape.MAP:
        return f"map<string, {one}>"
    return str(one)
