"""Rules in CEL: ``x-kubernetes-validations``.

A rule speaks of the value that it stands at, ``self``, and of what that was before an update,
``oldSelf``. Values have the types of their fields, so a rule that names a property which there is
not is refused when it is defined. Source: ``k8s.io/apiextensions-apiserver``,
``pkg/apiserver/schema/cel``.
"""

from __future__ import annotations

import functools
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from protocube.errors import Violation, quote
from protocube_server.cel import escaping
from protocube_server.cel.engine import Environment
from protocube_server.cel.faults import CompileError, EvaluationError
from protocube_server.cel.shadows import Shadows
from protocube_server.definitions.crd import rule_tree, rule_values, texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from google.protobuf.descriptor_pb2 import FileDescriptorProto

    from protocube_server.cel.engine import Bindings, Program
    from protocube_server.definitions.crd.rule_tree import Node
    from protocube_server.definitions.crd.rule_values import Value
    from protocube_server.definitions.crd.schema import Rule, Schema

_MOST: Final = 10_000
"""Rules that are asked of one object; Kubernetes has a budget of costs, which is about as much."""
_TURN: Final = 16
"""Rules that are asked between two marks."""
_LINES: Final = re.compile(r"[\n\r]")
_KEY: Final = re.compile(r"\['((?:[^'\\]|\\.)*)'\]")
_LONGEST_MESSAGE: Final = 5 * 1024
_NO_BUDGET: Final = (
    "validation failed due to running out of cost budget, no further validation rules will be run"
)
_OPTIONAL: Final = (
    "cel.bind(oldSelf, size(oldSelf__list) == 0 ? optional.none() : optional.of(oldSelf__list[0]),"
    " {})"
)
"""How a rule sees what may not have been there: values of optional type are made by CEL alone."""
_OLD_LIST: Final = "oldSelf__list"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A rule that is none."""

    where: str
    """Below the schema: ``.properties[spec].x-kubernetes-validations[0].rule``."""
    value: Any
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Compiled:
    """One rule that can be asked."""

    rule: Rule
    program: Program
    message: Program | None
    is_transition: bool


class Rules:
    """The rules of one version of a kind. They are compiled when one is asked."""

    def __init__(self, schema: Schema, message: str, files: Sequence[FileDescriptorProto]) -> None:
        """Take the schema of an object, the name of its message, and the files that it needs."""
        self._schema = schema
        self._message = message
        self._files = files
        self._compiled: dict[int, tuple[_Compiled, ...]] = {}
        """By the identity of the node."""

    @functools.cached_property
    def _shadows(self) -> Shadows:
        return Shadows(self._files, field=escaping.rule_field)

    @functools.cached_property
    def _tree(self) -> Node | None:
        if not rule_tree.has_rules(self._schema):
            return None
        shadow = self._shadows.message_class(self._message).DESCRIPTOR
        return rule_tree.grow(self._schema, shadow)

    def check(self) -> Iterator[Fault]:
        """Compile all rules and yield those that are none. Raises ``NotInstalled``."""
        for node in self._tree.all() if self._tree is not None else ():
            for index, rule in enumerate(node.rules):
                yield from self._faults(node, index, rule)

    def faults(self, new: Any, old: Any | None) -> Iterator[Violation | None]:
        """Yield what rules say of an object, which was ``old``; ``None`` for others' turns."""
        if self._tree is None:
            return
        begun = self._shadows.of(new), self._shadows.of(old) if old is not None else None
        asked = 0
        for value in rule_values.walk(self._tree, *begun):
            if not value.node.rules:
                continue
            bindings = None
            for compiled in self._of(value.node):
                is_optional = compiled.rule.optional_old_self
                if compiled.is_transition and value.old is None and not is_optional:
                    continue
                asked += 1
                if asked > _MOST:
                    yield texts.invalid(value.path, value.node.schema.type, _NO_BUDGET)
                    return
                if not asked % _TURN:
                    yield None
                bindings = bindings or self._bound(value)
                yield from _asked(compiled, value, bindings)

    def _of(self, node: Node) -> tuple[_Compiled, ...]:
        found = self._compiled.get(id(node))
        if found is None:
            found = tuple(self._compile(node, rule) for rule in node.rules)
            self._compiled[id(node)] = found
        return found

    @functools.cached_property
    def _environments(self) -> dict[str, Environment]:
        return {}

    def _environment(self, node: Node) -> Environment:
        found = self._environments.get(node.type)
        if found is None:
            variables = {"self": node.type, "oldSelf": node.type, _OLD_LIST: f"list<{node.type}>"}
            found = self._environments[node.type] = Environment(self._shadows.pool, variables)
        return found

    def _compile(self, node: Node, rule: Rule) -> _Compiled:
        """Return a rule that can be asked. Raises ``CompileError``."""
        environment = self._environment(node)
        text = _OPTIONAL.format(rule.rule) if rule.optional_old_self else rule.rule
        program = environment.compile(text, results=("bool",))
        message = None
        if rule.message_expression:
            message = environment.compile(rule.message_expression, results=("string",))
        return _Compiled(
            rule=rule,
            program=program,
            message=message,
            is_transition=rule.optional_old_self or program.uses("oldSelf"),
        )

    def _bound(self, value: Value) -> Bindings:
        variables: dict[str, Any] = {"self": value.new}
        if value.old is not None:
            variables["oldSelf"] = value.old
        variables[_OLD_LIST] = [] if value.old is None else [value.old]
        return self._environment(value.node).bind(variables)

    def _faults(self, node: Node, index: int, rule: Rule) -> Iterator[Fault]:
        place = f"{node.where}.x-kubernetes-validations[{index}]"
        environment = self._environment(node)
        try:
            program = environment.compile(rule.rule if not rule.optional_old_self else "true")
            if rule.optional_old_self:
                program = environment.compile(_OPTIONAL.format(rule.rule))
        except CompileError as error:
            detail = f"compilation failed: {error}"
            yield Fault(where=f"{place}.rule", value=_written(rule), detail=detail)
            return
        if program.result not in ("bool", "dyn"):
            detail = "cel expression must evaluate to a bool"
            yield Fault(where=f"{place}.rule", value=_written(rule), detail=detail)
            return
        yield from self._message_faults(node, place, rule)
        is_transition = program.uses("oldSelf")
        if is_transition and node.within:
            detail = "oldSelf cannot be used on the uncorrelatable portion of the schema within "
            yield Fault(where=f"{place}.rule", value=rule.rule, detail=f"{detail}{node.within}")
        elif rule.optional_old_self and "oldSelf" not in rule.rule:
            detail = "may not be set if oldSelf is not used in rule"
            yield Fault(where=f"{place}.optionalOldSelf", value=True, detail=detail)

    def _message_faults(self, node: Node, place: str, rule: Rule) -> Iterator[Fault]:
        if not rule.message_expression:
            return
        where = f"{place}.messageExpression"
        try:
            program = self._environment(node).compile(rule.message_expression)
        except CompileError as error:
            detail = f"messageExpression compilation failed: {error}"
            yield Fault(where=where, value=_written(rule), detail=detail)
            return
        if program.result not in ("string", "dyn"):
            detail = "messageExpression must evaluate to a string"
            yield Fault(where=where, value=_written(rule), detail=detail)


def _written(rule: Rule) -> texts.Written:
    """Return a rule as Kubernetes shows it, by the names that it has in Go."""
    fields = {
        "Rule": rule.rule,
        "Message": rule.message,
        "MessageExpression": rule.message_expression,
        "Reason": None if rule.reason == "FieldValueInvalid" else rule.reason,
        "FieldPath": rule.field_path,
        "OptionalOldSelf": True if rule.optional_old_self else None,
    }
    return texts.Written(json.dumps(fields, separators=(",", ":"), ensure_ascii=False))


def _asked(compiled: _Compiled, value: Value, bindings: Bindings) -> Iterator[Violation]:
    """Ask one rule, and yield what it says."""
    rule, type_name = compiled.rule, value.node.schema.type
    try:
        if compiled.program(bindings) is True:
            return
    except EvaluationError as error:
        said = rule.message or rule.rule.strip()
        detail = f"{error} evaluating rule: {said}"
        if str(error).startswith("no such overload"):
            detail = (
                f"'{error}': call arguments did not match a supported operator, function or macro "
                f"signature for rule: {said}"
            )
        yield texts.invalid(value.path, type_name, detail)
        return
    # What an update leaves as it was may break a rule that came later.
    if not compiled.is_transition and value.is_same():
        return
    message = rule.message or f"failed rule: {rule.rule.strip()}"
    if compiled.message is not None:
        message = _message(compiled.message, bindings) or message
    path = value.path
    if rule.field_path:
        path = _child(path, rule.field_path)
    yield _refusal(rule.reason, path, type_name, message)


def _message(program: Program, bindings: Bindings) -> str:
    """Return the text that a rule makes; ``""`` when it makes none that can be shown."""
    try:
        found = program(bindings)
    except EvaluationError:
        return ""
    text = found.strip() if isinstance(found, str) else ""
    return "" if _LINES.search(text) or len(text.encode()) > _LONGEST_MESSAGE else text


def _child(path: str, below: str) -> str:
    """Return a path of fields below a place: ``.a['b']`` are two fields."""
    plain = _KEY.sub(lambda found: f".{found[1]}", below)
    return f"{path}{plain}" if path else plain.removeprefix(".")


def _refusal(reason: str, path: str, type_name: str, message: str) -> Violation:
    place = path or texts.NOWHERE
    if reason == "FieldValueForbidden":
        return Violation(field=place, reason=reason, message=f"Forbidden: {message}")
    if reason == "FieldValueRequired":
        return Violation(field=place, reason=reason, message=f"Required value: {message}")
    if reason == "FieldValueDuplicate":
        shown = f"Duplicate value: {quote(type_name)}"
        return Violation(field=place, reason=reason, message=shown)
    return texts.invalid(path, type_name, message)
