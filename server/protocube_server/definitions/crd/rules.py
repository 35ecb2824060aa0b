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
from typing import TYPE_CHECKING, Any, Final, Self

from protocube import memo
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

_OLD: Final = "oldSelf"
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
_OPTIONAL: Final = "size({0}) == 0 ? optional.none() : optional.of({0}[0])"
"""What may not have been there, of a list: values of optional type are made by CEL alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A rule that is none."""

    where: str
    """Below the schema: ``.properties[spec].x-kubernetes-validations[0].rule``."""
    value: Any
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Names:
    """What the variables of values of one type are called; a rule has them as ``self``."""

    new: str
    old: str
    old_list: str
    """A list of the old value, or of nothing."""

    @classmethod
    def of(cls, index: int) -> Self:
        """Return those of the type of that index."""
        return cls(new=f"new_{index}__", old=f"old_{index}__", old_list=f"olds_{index}__")


@functools.cache
def _untyped() -> Environment:
    """Return an environment for any rule, in which it is seen that it is an expression."""
    return Environment(Shadows([]).pool, {"self": "dyn", _OLD: "dyn"})


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

    @memo.cached_property
    def _shadows(self) -> Shadows:
        return Shadows(self._files, field=escaping.rule_field)

    @memo.cached_property
    def _tree(self) -> Node | None:
        if not rule_tree.has_rules(self._schema):
            return None
        shadow = self._shadows.message_class(self._message).DESCRIPTOR
        return rule_tree.grow(self._schema, shadow)

    def prepare(self) -> None:
        """Make now what all rules need. Does nothing where there are none."""
        if self._names:
            _ = self._environment

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

    @memo.cached_property
    def _names(self) -> dict[str, _Names]:
        nodes = self._tree.all() if self._tree is not None else ()
        types = dict.fromkeys(node.type for node in nodes if node.rules)
        return {type_: _Names.of(index) for index, type_ in enumerate(types)}

    @memo.cached_property
    def _environment(self) -> Environment:
        """One for all rules: each holds all types of the version, which can be many."""
        variables: dict[str, str] = {}
        for type_, names in self._names.items():
            variables[names.new] = variables[names.old] = type_
            variables[names.old_list] = f"list<{type_}>"
        return Environment(self._shadows.pool, variables)

    def _program(self, node: Node, text: str, *, is_optional: bool = False) -> tuple[Program, bool]:
        """Return an expression at a node, and whether it uses ``oldSelf``.

        Raises ``CompileError``, with places in the expression as it was written.
        """
        try:
            alone = _untyped().compile(text)
        except CompileError:
            alone = self._alone(node, is_optional=is_optional).compile(text)
        uses_old = is_optional or alone.uses(_OLD)
        names = self._names[node.type]
        bound = f"cel.bind(self, {names.new}, {text}\n)"
        if uses_old:
            old = _OPTIONAL.format(names.old_list) if is_optional else names.old
            bound = f"cel.bind({_OLD}, {old}, {bound})"
        try:
            return self._environment.compile(bound), uses_old
        except CompileError:
            self._alone(node, is_optional=is_optional).compile(text)
            raise

    def _alone(self, node: Node, *, is_optional: bool) -> Environment:
        """Return an environment in which a rule stands as it was written."""
        old = "dyn" if is_optional else node.type
        return Environment(self._shadows.pool, {"self": node.type, _OLD: old})

    def _compile(self, node: Node, rule: Rule) -> _Compiled:
        """Return a rule that can be asked. Raises ``CompileError``."""
        is_optional = bool(rule.optional_old_self)
        program, is_transition = self._program(node, rule.rule, is_optional=is_optional)
        message = None
        if rule.message_expression:
            message, _ = self._program(node, rule.message_expression)
        return _Compiled(rule=rule, program=program, message=message, is_transition=is_transition)

    def _bound(self, value: Value) -> Bindings:
        names = self._names[value.node.type]
        variables: dict[str, Any] = {names.new: value.new}
        if value.old is not None:
            variables[names.old] = value.old
        variables[names.old_list] = [] if value.old is None else [value.old]
        return self._environment.bind(variables)

    def _faults(self, node: Node, index: int, rule: Rule) -> Iterator[Fault]:
        place = f"{node.where}.x-kubernetes-validations[{index}]"
        is_optional = bool(rule.optional_old_self)
        try:
            program, is_transition = self._program(node, rule.rule, is_optional=is_optional)
        except CompileError as error:
            detail = f"compilation failed: {error}"
            yield Fault(where=f"{place}.rule", value=_written(rule), detail=detail)
            return
        if program.result not in ("bool", "dyn"):
            detail = "cel expression must evaluate to a bool"
            yield Fault(where=f"{place}.rule", value=_written(rule), detail=detail)
            return
        yield from self._message_faults(node, place, rule)
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
            program, _ = self._program(node, rule.message_expression)
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
