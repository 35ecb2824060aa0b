"""Label and field selectors: their grammar and what they match.

The grammar is Kubernetes' (``k8s.io/apimachinery/pkg/labels`` and ``fields``): labels
know ``=``, ``==``, ``!=``, ``in``, ``notin``, existence, and ``>``/``<`` on integers;
fields know ``=``, ``==`` and ``!=``. A comma means AND.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from protocube.quoting import quote

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_TOKEN = re.compile(r"[ \t\r\n]*(==|!=|=|!|\(|\)|,|>|<|[^ \t\r\n=!(),><]+)")
_PREFIX = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_NAME = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")
_MAX_PREFIX, _MAX_NAME = 253, 63
_NAME_RULE = (
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
    "alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for "
    "validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
)
_PREFIX_RULE = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or "
    "'.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used "
    f"for validation is '{_PREFIX.pattern}')"
)
_VALUE_RULE = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or "
    "'.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  "
    "or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)
_SYMBOLS = frozenset(("=", "==", "!=", "(", ")", ",", ">", "<"))
_OPERATORS = {
    "=": "in",
    "==": "in",
    "in": "in",
    "!=": "notin",
    "notin": "notin",
    ">": "gt",
    "<": "lt",
}
_LABEL_OPERATORS = {"In": "in", "NotIn": "notin", "Exists": "exists", "DoesNotExist": "!"}
_INTEGER = re.compile(r"[+-]?[0-9]{1,19}")
# A backslash keeps a comma, an equals sign or a backslash inside a field's value.
_FIELD_PARTS = re.compile(r"(?:\\.|[^,\\]|\\$)+", re.DOTALL)
_FIELD_PART = re.compile(r"(.*?)(!=|==|=)(.*)", re.DOTALL)
_FIELD_VALUE = re.compile(r"(\\?)(.|$)", re.DOTALL)
_COMMON_FIELDS = frozenset(("metadata.name", "metadata.namespace"))
"""Those that every kind can be selected by."""


class SelectorError(ValueError):
    """A selector that cannot be understood; the text says what was found where."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One part of a selector.

    ``operator`` is one of ``in``, ``notin``, ``exists``, ``!``, ``gt`` and ``lt``;
    ``=`` is ``in`` with one value and ``!=`` is ``notin`` with one.
    """

    key: str
    operator: str
    values: frozenset[str] = frozenset()
    written: str = field(default="", compare=False)
    """How the operator of values is written: one of ``= == != in notin > <``."""

    @property
    def is_equality(self) -> bool:
        """Whether one value alone meets it."""
        return self.operator == "in" and len(self.values) == 1

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Tell whether ``labels`` meet the requirement."""
        return self.admits(labels.get(self.key))

    def admits(self, value: str | None) -> bool:
        """Tell whether a value of the key meets the requirement; ``None``: the key is absent."""
        match self.operator:
            case "in":
                return value in self.values
            case "notin":
                # Kubernetes: an absent key is not one of the values.
                return value not in self.values
            case "exists":
                return value is not None
            case "!":
                return value is None
        if value is None or not _INTEGER.fullmatch(value):
            return False
        left, right = int(value), int(next(iter(self.values)))
        return left > right if self.operator == "gt" else left < right


@dataclass(frozen=True, slots=True)
class Selector:
    """Requirements that must all hold; without any it matches everything."""

    requirements: tuple[Requirement, ...] = ()

    def __bool__(self) -> bool:
        """Tell whether it can exclude anything."""
        return bool(self.requirements)

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Tell whether all requirements hold for ``labels``."""
        return all(requirement.matches(labels) for requirement in self.requirements)

    def value_of(self, key: str) -> str | None:
        """Return the one value that ``key`` must have, when an equality asks for one."""
        for asked in self.requirements:
            if asked.key == key and asked.is_equality:
                return next(iter(asked.values))
        return None


def parse_labels(text: str) -> Selector:
    """Parse a label selector. Raises :class:`SelectorError`."""
    return Selector(tuple(_Parser(text).parse()))


def of_label_selector(message: Any) -> Selector | None:
    """Return the selector of a ``LabelSelector``; ``None`` where an operator is not known."""
    found = [
        Requirement(key=key, operator="in", values=frozenset((value,)))
        for key, value in message.match_labels.items()
    ]
    for each in message.match_expressions:
        operator = _LABEL_OPERATORS.get(each.operator)
        if operator is None:
            return None
        found.append(Requirement(key=each.key, operator=operator, values=frozenset(each.values)))
    return Selector(tuple(found))


def parse_fields(text: str, *, known: Collection[str]) -> Selector:
    """Parse a field selector, whose fields must be ``known``. Raises :class:`SelectorError`.

    The first term that is wrong in the order of their texts is told, and what cannot be
    understood before what is not known.
    """
    requirements = []
    for part in sorted(filter(None, _FIELD_PARTS.findall(text))):
        found = _FIELD_PART.fullmatch(part)
        if found is None:
            raise SelectorError(f"invalid selector: '{text}'; can't understand '{part}'")
        key, operator, value = found.groups()
        requirements.append(
            Requirement(
                key=key,
                operator="notin" if operator == "!=" else "in",
                values=frozenset((_unescape(value),)),
            )
        )
    for requirement in requirements:
        if requirement.key not in known:
            raise SelectorError(_unknown_field(requirement.key, known))
    return Selector(tuple(requirements))


def _unknown_field(key: str, known: Collection[str]) -> str:
    """Return Kubernetes' words, which name the known fields only where those are all kinds'."""
    if _COMMON_FIELDS.issuperset(known):
        listed = ", ".join(map(quote, sorted(known)))
        return f"{quote(key)} is not a known field selector: only {listed}"
    return f"field label not supported: {key}"


def _unescape(value: str) -> str:
    for backslash, char in _FIELD_VALUE.findall(value):
        if backslash and char not in (",", "=", "\\"):
            raise SelectorError(f"invalid field selector: invalid escape sequence: \\{char}")
        if not backslash and char in (",", "="):
            # Kubernetes prints the number of the character.
            message = f"invalid field selector: unescaped character in value: {ord(char)}"
            raise SelectorError(message)
    return "".join(char for _, char in _FIELD_VALUE.findall(value))


class _Parser:
    """Kubernetes' parser (``labels/selector.go``), function by function, with its words."""

    def __init__(self, text: str) -> None:
        self._tokens = _TOKEN.findall(text)
        self._next = 0

    def parse(self) -> list[Requirement]:
        requirements: list[Requirement] = []
        while (token := self._peek()) != "":
            if token in _SYMBOLS:
                message = f"found '{token}', expected: !, identifier, or 'end of string'"
                raise SelectorError(message)
            try:
                requirements.append(self._requirement())
            except SelectorError as error:
                raise SelectorError(f"unable to parse requirement: {error}") from None
            token = self._take()
            if token not in ("", ","):
                raise SelectorError(f"found '{token}', expected: ',' or 'end of string'")
            if token == "," and self._peek() in ("", *_SYMBOLS):
                message = f"found '{self._peek()}', expected: identifier after ','"
                raise SelectorError(message)
        return requirements

    def _peek(self) -> str:
        return self._tokens[self._next] if self._next < len(self._tokens) else ""

    def _take(self) -> str:
        token = self._peek()
        self._next += 1
        return token

    def _requirement(self) -> Requirement:
        absent = self._peek() == "!"
        if absent:
            self._take()
        key = self._identifier()
        _check_key(key)
        if absent or self._peek() in ("", ","):
            return Requirement(key=key, operator="!" if absent else "exists")
        token = self._take()
        operator = _OPERATORS.get(token, "")
        if not operator:
            raise SelectorError(f"found '{token}', expected: in, notin, =, ==, !=, gt, lt")
        values = self._values() if token in ("in", "notin") else self._value()
        for index, value in enumerate(sorted(values)):
            if operator in ("gt", "lt") and not _INTEGER.fullmatch(value):
                message = (
                    f'values[0]: Invalid value: "{value}": '
                    "for 'Gt', 'Lt' operators, the value must be an integer"
                )
                raise SelectorError(message)
            _check_value(key, value, index)
        return Requirement(key=key, operator=operator, values=values, written=token)

    def _identifier(self) -> str:
        token = self._take()
        if token in ("", "!", *_SYMBOLS):
            raise SelectorError(f"found '{token}', expected: identifier")
        return token

    def _value(self) -> frozenset[str]:
        return frozenset(("" if self._peek() in ("", ",") else self._identifier(),))

    def _values(self) -> frozenset[str]:
        token = self._take()
        if token != "(":  # a bracket, not a password
            raise SelectorError(f"found '{token}' expected: '('")
        values: set[str] = set()
        while True:
            # A comma or a bracket where a value could stand is the empty value.
            expected = "',', or identifier" if values else "',', ')' or identifier"
            values.add("" if self._peek() in (",", ")") else self._listed(expected))
            token = self._take()
            if token == ")":  # a bracket, not a password
                return frozenset(values)
            if token != ",":
                raise SelectorError(f"found '{token}', expected: ',' or ')'")

    def _listed(self, expected: str) -> str:
        token = self._take()
        if token in ("", "!", *_SYMBOLS):
            raise SelectorError(f"found '{token}', expected: {expected}")
        return token


def _check_key(key: str) -> None:
    faults = qualified_name_faults(key)
    if faults:
        raise SelectorError(f'<nil>: Invalid value: "{key}": {"; ".join(faults)}')


def qualified_name_faults(key: str) -> list[str]:
    """Return what is wrong with a label's key or another name of its form.

    Source: ``IsQualifiedName`` of ``k8s.io/apimachinery/pkg/util/validation``.
    """
    prefix, slash, name = key.rpartition("/")
    if "/" in prefix:
        rule = f"a qualified name {_NAME_RULE} with an optional DNS subdomain prefix and '/' "
        return [f"{rule}(e.g. 'example.com/MyName')"]
    faults = []
    if slash and not prefix:
        faults.append("prefix part must be non-empty")
    elif slash:
        if len(prefix) > _MAX_PREFIX:
            faults.append(f"prefix part must be no more than {_MAX_PREFIX} characters")
        if not _PREFIX.fullmatch(prefix):
            faults.append(f"prefix part {_PREFIX_RULE}")
    if not name:
        faults.append("name part must be non-empty")
    elif len(name) > _MAX_NAME:
        faults.append(f"name part must be no more than {_MAX_NAME} characters")
    if not _NAME.fullmatch(name):
        faults.append(f"name part {_NAME_RULE}")
    return faults


def label_value_faults(value: str) -> list[str]:
    """Return what is wrong with a label's value.

    Source: ``IsValidLabelValue`` of ``k8s.io/apimachinery/pkg/util/validation``.
    """
    faults = []
    if len(value) > _MAX_NAME:
        faults.append(f"must be no more than {_MAX_NAME} characters")
    if value and not _NAME.fullmatch(value):
        faults.append(_VALUE_RULE)
    return faults


def _check_value(key: str, value: str, index: int) -> None:
    faults = label_value_faults(value)
    if faults:
        message = f'values[{index}][{key}]: Invalid value: "{value}": {"; ".join(faults)}'
        raise SelectorError(message)
