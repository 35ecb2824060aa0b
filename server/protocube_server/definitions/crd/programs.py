"""The expressions of a custom kind: each is compiled once, when it is asked, for all versions."""

from __future__ import annotations

import functools
import weakref
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

from protocube import memo
from protocube_server.cel import escaping, rooms
from protocube_server.cel.engine import Environment
from protocube_server.cel.faults import CompileError
from protocube_server.cel.shadows import Shadows
from protocube_server.definitions.crd import rule_types

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from google.protobuf.descriptor_pb2 import FileDescriptorProto

    from protocube_server.cel.engine import Bindings, Program
    from protocube_server.cel.rooms import Room
    from protocube_server.definitions.crd.schema import Rule, Schema

OLD: Final = "oldSelf"
_OPTIONAL: Final = "size({0}) == 0 ? optional.none() : optional.of({0}[0])"
"""What may not have been there, of a list: values of optional type are made by CEL alone."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """One rule that can be asked."""

    rule: Rule
    program: Program
    message: Program | None
    is_transition: bool


@functools.cache
def _untyped() -> Environment:
    """Return an environment for any rule, in which it is seen that it is an expression."""
    return Environment(Shadows([]).pool, {"self": "dyn", OLD: "dyn"})


class Programs:
    """The programs of rules, by the type of the value that they speak of."""

    def __init__(
        self,
        own: Sequence[FileDescriptorProto],
        shipped: Sequence[FileDescriptorProto],
        roots: Sequence[tuple[str, Schema]],
    ) -> None:
        """Take the files of the kind, and those that they import.

        ``roots`` are the full names of the messages of its versions, with their schemas.
        """
        self._own = own
        self._shipped = shipped
        self._roots = roots
        self._names: dict[str, _Names] = {}
        self._compiled: dict[tuple[str, Rule], Compiled] = {}

    @memo.cached_property
    def _place(self) -> tuple[Room, Shadows]:
        own = rule_types.met(self._own, self._roots)
        names = [file.name for file in own]
        return rooms.put([*own, *self._shipped], names, escaping.rule_field)

    @property
    def shadows(self) -> Shadows:
        """The messages of the kind, as rules know them."""
        return self._place[1]

    def declare(self, types: Iterable[str]) -> None:
        """Take in the types of values that have rules."""
        for type_ in types:
            self._names.setdefault(type_, _Names.of(len(self._names)))

    def prepare(self) -> None:
        """Make now what all rules need. Raises ``NotInstalled``."""
        _ = self._place[0].environment

    def of(self, type_: str, rule: Rule) -> Compiled:
        """Return a rule on values of a declared type. Raises ``CompileError``."""
        known = self._compiled.get((type_, rule))
        if known is None:
            known = self._compiled[type_, rule] = self._made(type_, rule)
        return known

    def bind(self, type_: str, new: Any, old: Any | None) -> Bindings:
        """Return the values that the rules on one value are asked with."""
        names = self._names[type_]
        variables: dict[str, Any] = {names.new: new}
        if old is not None:
            variables[names.old] = old
        variables[names.old_list] = [] if old is None else [old]
        return self._place[0].environment.bind(variables)

    def compile(self, type_: str, text: str, *, is_optional: bool = False) -> tuple[Program, bool]:
        """Return an expression on values of a declared type, and whether it uses ``oldSelf``.

        It is to be looked at, and runs nowhere. Raises ``CompileError``, with places in the
        expression as it was written.
        """
        try:
            alone = _untyped().compile(text)
        except CompileError:
            alone = self._alone(type_, is_optional=is_optional).compile(text)
        uses_old = is_optional or alone.uses(OLD)
        names = self._names[type_]
        bound = f"cel.bind(self, {names.new}, {text}\n)"
        if uses_old:
            old = _OPTIONAL.format(names.old_list) if is_optional else names.old
            bound = f"cel.bind({OLD}, {old}, {bound})"
        try:
            return self._typed().compile(bound), uses_old
        except CompileError:
            self._alone(type_, is_optional=is_optional).compile(text)
            raise

    def _made(self, type_: str, rule: Rule) -> Compiled:
        environment = self._place[0].environment
        is_optional = bool(rule.optional_old_self)
        program, is_transition = self.compile(type_, rule.rule, is_optional=is_optional)
        message = None
        if rule.message_expression:
            message = environment.adopt(self.compile(type_, rule.message_expression)[0])
        return Compiled(
            rule=rule,
            program=environment.adopt(program),
            message=message,
            is_transition=is_transition,
        )

    def _typed(self) -> Environment:
        """Return one environment for all rules: each has all types of the kind, which can be many.

        It is there while rules are compiled, and takes more than all that are compiled in it.
        """
        known = _RECENT.find(self, len(self._names))
        if known is None:
            variables: dict[str, str] = {}
            for type_, names in self._names.items():
                variables[names.new] = variables[names.old] = type_
                variables[names.old_list] = f"list<{type_}>"
            known = Environment(self.shadows.pool, variables)
            _RECENT.keep(self, len(self._names), known)
        return known

    def _alone(self, type_: str, *, is_optional: bool) -> Environment:
        """Return an environment in which a rule stands as it was written."""
        old = "dyn" if is_optional else type_
        return Environment(self.shadows.pool, {"self": type_, OLD: old})


class _Recent:
    """The environments in which rules were compiled last."""

    def __init__(self, most: int) -> None:
        self._kept: deque[tuple[weakref.ref[Programs], int, Environment]] = deque(maxlen=most)

    def find(self, programs: Programs, count: int) -> Environment | None:
        """Return the one for so many types of a kind."""
        for of, types, environment in tuple(self._kept):
            if of() is programs and types == count:
                return environment
        return None

    def keep(self, programs: Programs, count: int, environment: Environment) -> None:
        self._kept.append((weakref.ref(programs), count, environment))


_RECENT: Final = _Recent(2)
