"""Rules in CEL: ``x-kubernetes-validations``.

A rule speaks of the value that it stands at, ``self``, and of what that was before an update,
``oldSelf``. Values have the types of their fields, so a rule that names a property which there is
not is refused when it is defined. Source: ``k8s.io/apiextensions-apiserver``,
``pkg/apiserver/schema/cel``.
"""

from __future__ import annotations

import dataclasses
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from protocube import memo
from protocube_server.cel.faults import CompileError, EvaluationError
from protocube_server.definitions.crd import rule_tree, rule_values, texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube.errors import Violation
    from protocube_server.cel.engine import Bindings, Program
    from protocube_server.definitions.crd.programs import Compiled, Programs
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A rule that is none."""

    where: str
    """Below the schema: ``.properties[spec].x-kubernetes-validations[0].rule``."""
    value: Any
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Looked:
    """What is known of a rule on a type of value when it was looked at."""

    faults: tuple[Fault, ...]
    """With what is behind the place of the rule as their places."""
    is_condition: bool = False
    is_transition: bool = False


class Rules:
    """The rules of one version of a kind. They are compiled when one is asked."""

    def __init__(self, schema: Schema, message: str, programs: Programs) -> None:
        """Take the schema of an object, the name of its message, and what runs its rules."""
        self._schema = schema
        self._message = message
        self._programs = programs

    @memo.cached_property
    def _tree(self) -> Node | None:
        if not rule_tree.HasRules()(self._schema):
            return None
        shadow = self._programs.shadows.message_class(self._message).DESCRIPTOR
        tree = rule_tree.grow(self._schema, shadow)
        if tree is not None:
            self._programs.declare(node.type for node in tree.all() if node.rules)
        return tree

    def prepare(self) -> None:
        """Make now what all rules need. Does nothing where there are none."""
        if self._tree is not None:
            self._programs.prepare()

    def check(self) -> Iterator[Fault]:
        """Compile all rules and yield those that are none. Raises ``NotInstalled``."""
        looked: dict[tuple[str, Rule], _Looked] = {}
        for node in self._tree.all() if self._tree is not None else ():
            for index, rule in enumerate(node.rules):
                place = f"{node.where}.x-kubernetes-validations[{index}]"
                key = node.type, rule
                if key not in looked:
                    looked[key] = self._look(node.type, rule)
                for fault in looked[key].faults:
                    yield dataclasses.replace(fault, where=f"{place}{fault.where}")
                if looked[key].is_condition:
                    yield from _uses_faults(node, place, rule, looked[key])

    def faults(self, new: Any, old: Any | None) -> Iterator[Violation | None]:
        """Yield what rules say of an object, which was ``old``; ``None`` for others' turns."""
        if self._tree is None:
            return
        shadows = self._programs.shadows
        begun = shadows.of(new), shadows.of(old) if old is not None else None
        asked = 0
        for value in rule_values.walk(self._tree, *begun):
            if not value.node.rules:
                continue
            type_, bindings = value.node.type, None
            for rule in value.node.rules:
                compiled = self._programs.of(type_, rule)
                is_optional = rule.optional_old_self
                if compiled.is_transition and value.old is None and not is_optional:
                    continue
                asked += 1
                if asked > _MOST:
                    yield texts.invalid(value.path, value.node.schema.type, _NO_BUDGET)
                    return
                if not asked % _TURN:
                    yield None
                bindings = bindings or self._programs.bind(type_, value.new, value.old)
                yield from _asked(compiled, value, bindings)

    def _look(self, type_: str, rule: Rule) -> _Looked:
        """Compile a rule, and return what is wrong with it on values of a type."""
        is_optional = bool(rule.optional_old_self)
        try:
            program, is_transition = self._programs.compile(
                type_, rule.rule, is_optional=is_optional
            )
        except CompileError as error:
            detail = f"compilation failed: {error}"
            return _Looked(faults=(Fault(where=".rule", value=_written(rule), detail=detail),))
        if program.result not in ("bool", "dyn"):
            detail = "cel expression must evaluate to a bool"
            return _Looked(faults=(Fault(where=".rule", value=_written(rule), detail=detail),))
        return _Looked(
            faults=tuple(self._message_faults(type_, rule)),
            is_condition=True,
            is_transition=is_transition,
        )

    def _message_faults(self, type_: str, rule: Rule) -> Iterator[Fault]:
        if not rule.message_expression:
            return
        where = ".messageExpression"
        try:
            program, _ = self._programs.compile(type_, rule.message_expression)
        except CompileError as error:
            detail = f"messageExpression compilation failed: {error}"
            yield Fault(where=where, value=_written(rule), detail=detail)
            return
        if program.result not in ("string", "dyn"):
            detail = "messageExpression must evaluate to a string"
            yield Fault(where=where, value=_written(rule), detail=detail)


def _uses_faults(node: Node, place: str, rule: Rule, looked: _Looked) -> Iterator[Fault]:
    """Yield what is wrong with how a rule uses ``oldSelf``, where it stands."""
    if looked.is_transition and node.within:
        detail = "oldSelf cannot be used on the uncorrelatable portion of the schema within "
        yield Fault(where=f"{place}.rule", value=rule.rule, detail=f"{detail}{node.within}")
    elif rule.optional_old_self and "oldSelf" not in rule.rule:
        detail = "may not be set if oldSelf is not used in rule"
        yield Fault(where=f"{place}.optionalOldSelf", value=True, detail=detail)


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


def _asked(compiled: Compiled, value: Value, bindings: Bindings) -> Iterator[Violation]:
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
    if reason == "FieldValueForbidden":
        return texts.forbidden(path, message)
    if reason == "FieldValueRequired":
        return texts.required(path, message)
    if reason == "FieldValueDuplicate":
        return texts.duplicate(path, type_name)
    return texts.invalid(path, type_name, message)
