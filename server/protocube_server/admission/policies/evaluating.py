"""Evaluates the expressions of one policy for one write and one object of parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from protocube_server.admission.policies.programs import VARIABLES
from protocube_server.cel import spending
from protocube_server.cel.faults import CompileError, EvaluationError

if TYPE_CHECKING:
    from protocube_server.admission.policies.policy import Expression, Policy
    from protocube_server.admission.policies.programs import Compiled
    from protocube_server.cel.engine import Bindings, Program


class Given(Protocol):
    """Makes the values of the variables that are not the policy's own."""

    def bindings(self) -> Bindings:
        """Return them bound; they may be shared."""
        ...

    def values(self) -> dict[str, Any]:
        """Return them by the names of their variables."""
        ...


class Unevaluated(Exception):
    """An expression has no value; ``str()`` is what Kubernetes says then."""


class Evaluation:
    """The values of a policy's variables, each worked out at its first use."""

    __slots__ = ("_bindings", "_compiled", "_failed", "_given", "_known", "_values")

    def __init__(self, compiled: Compiled, given: Given) -> None:
        """``given`` makes the values of the other variables, bound and as they are."""
        self._compiled = compiled
        self._given = given
        self._bindings: Bindings | None = None
        self._values: dict[str, Any] | None = None
        """Those that are given, and those of variables, once there is one."""
        self._known: set[str] = set()
        self._failed: dict[str, str] = {}

    def value(self, expression: Expression) -> Any:
        """Return the value of an expression. Raises :class:`Unevaluated`."""
        try:
            return self._value(expression)
        except EvaluationError as error:
            text = f"expression '{expression.text}' resulted in error: {error}"
            raise Unevaluated(text) from None
        except CompileError as error:
            raise Unevaluated(f"compilation error: {error}") from None

    def _value(self, expression: Expression) -> Any:
        program = self._compiled.programs[expression.place]
        if isinstance(program, CompileError):
            raise program
        names = self._compiled.needs[expression.place]
        for name in names:
            if name not in self._known:
                self._work_out(name)
        found = self._run(program, names)
        if expression.results == ("bool",) and not isinstance(found, bool):
            raise EvaluationError("it gives no bool")
        return found

    def _work_out(self, name: str) -> None:
        self._known.add(name)
        program = self._compiled.variables[name]
        if isinstance(program, CompileError):
            self._failed[name] = str(program)
            return
        try:
            # What it asks for itself was worked out before it.
            value = self._run(program, self._compiled.variables)
            # Each can be made of others many times: an expression is not all that bounds it.
            if spending.size(value) > spending.MOST:
                raise EvaluationError(spending.TOO_MUCH)
        except EvaluationError as error:
            self._failed[name] = str(error)
            return
        if self._values is None:
            self._values = self._given.values()
        self._values[f"{VARIABLES}{name}"] = value
        self._bindings = None

    def _run(self, program: Program, names: Any) -> Any:
        if self._bindings is None:
            environment = self._compiled.environment
            if self._values is None or environment is None:
                self._bindings = self._given.bindings()
            else:
                self._bindings = environment.bind(self._values)
        try:
            return program(self._bindings)
        except EvaluationError as error:
            for name in names:
                if name in self._failed and f'"{VARIABLES}{name}"' in str(error):
                    why = self._failed[name]
                    text = f'composited variable "{name}" fails to evaluate: {why}'
                    raise EvaluationError(text) from None
            raise


def is_asked(policy: Policy, evaluation: Evaluation) -> bool:
    """Tell whether the conditions of a policy let it be asked.

    Raises :class:`Unevaluated` when one has no value, and none is false.
    """
    faults = []
    for condition in policy.conditions:
        try:
            if not evaluation.value(condition):
                return False
        except Unevaluated as error:
            faults.append(str(error))
    if faults:
        joined = faults[0] if len(faults) == 1 else f"[{', '.join(faults)}]"
        raise Unevaluated(joined)
    return True
