"""Compiles and evaluates expressions: the one module that knows the library, ``cel-expr-python``.

What is compiled and bound stays in the library's form. Its errors, of which some are raised and
some are values, become the errors of :mod:`faults`.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from google.protobuf import message_factory

from protocube_server.cel import functions as library
from protocube_server.cel import rewriting, spending, types
from protocube_server.cel.faults import CompileError, EvaluationError, NotInstalled, text_of
from protocube_server.cel.functions import named_formats

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from google.protobuf.descriptor_pool import DescriptorPool

    from protocube_server.cel.functions.declared import Function, Overload

_MISSING: Final = (
    "this installation has no CEL, because the Python package cel-expr-python is missing: "
    "pip install 'protocube[cel]'"
)
MOST_CHARACTERS: Final = 10_000
"""Of an expression: to compile so many takes some hundredths of a second."""
_WORDS: Final = re.compile(r"[^<>, ]+")
_CONFIGURATION: Final = f"""
name: kubernetes
extensions:
  - name: lists
  - name: two-var-comprehensions
functions:{named_formats.DECLARED}"""
"""What the library takes in this form alone."""
_SHARED: Final = ("indexOf", "lastIndexOf", "string", "@mapInsert")
"""Functions of which the library has other forms, and what takes values of any type."""
_NAME_TAG: Final = b"\x0a"
"""What stands before the name in a reference of a compiled expression."""


@functools.cache
def _cel() -> Any:
    """Return the library, which is large: it is loaded when the first expression is there."""
    try:
        from cel_expr_python import cel
    except ImportError as error:
        raise NotInstalled(_MISSING) from error
    return cel


@functools.cache
def _extensions() -> list[Any]:
    from cel_expr_python.ext import ext_bindings, ext_encoders, ext_math, ext_optional, ext_strings

    return [
        ext_bindings.ExtBindings(),
        ext_encoders.ExtEncoders(),
        ext_math.ExtMath(),
        ext_optional.ExtOptional(),
        ext_strings.ExtStrings(),
    ]


@functools.cache
def _configuration() -> Any:
    return _cel().NewEnvConfigFromYaml(_CONFIGURATION)


def require() -> None:
    """Raise :class:`NotInstalled` where expressions cannot be evaluated."""
    _cel()


@dataclass(frozen=True, slots=True)
class Bindings:
    """Values for the variables of an environment, to be shared by its expressions.

    A message is taken in once, at its first use.
    """

    _activation: Any


class Program:
    """A compiled expression."""

    __slots__ = ("_expression", "_names", "expression", "result", "type")

    def __init__(self, expression: str, type_: str, run: Any) -> None:
        self.expression = expression
        """As it was written."""
        self.type = type_
        """The type of its value, as variables are declared: ``bool``, ``list<string>``."""
        self.result = _type_name(self.type)
        """The same as CEL's library for Go has it: ``list(string)``."""
        self._expression = run
        self._names: bytes | None = None

    def uses(self, variable: str) -> bool:
        """Tell whether the expression may refer to a variable."""
        if self._names is None:
            self._names = self._expression.serialize()
        name = variable.encode()
        return _NAME_TAG + bytes((len(name),)) + name in self._names

    def carried_to(self, env: Any) -> Program:
        """Return the same program in an environment of the library."""
        return Program(self.expression, self.type, env.deserialize(self._expression.serialize()))

    def __call__(self, bindings: Bindings) -> Any:
        """Return the value, with lists and maps as Python's. Raises :class:`EvaluationError`."""
        spending.begin()
        try:
            value = self._expression.eval(bindings._activation)  # noqa: SLF001  # of this module
            kind = value.type()
            if kind == _cel().Type.BOOL:
                return value.value()
            found = value.plain_value()
        except (RuntimeError, TypeError, ValueError, OverflowError, MemoryError) as error:
            raise EvaluationError(text_of(error)) from None
        if kind == _cel().Type.ERROR:
            raise EvaluationError(text_of(found))
        return found


class Environment:
    """What expressions may speak of: variables with their types, and functions."""

    def __init__(
        self,
        pool: DescriptorPool,
        variables: Mapping[str, str],
        *,
        functions: Iterable[Function] = (),
    ) -> None:
        """Declare ``variables`` by their types: ``int``, ``list<string>``, a message, ``dyn``.

        ``pool`` has the messages, those of :mod:`types` too, as that of
        :class:`~protocube_server.cel.shadows.Shadows` does. ``functions`` are in addition to
        Kubernetes' own. Raises :class:`NotInstalled`.
        """
        cel = _cel()
        shared = [each for each in library.ALL if each.name in _SHARED]
        own = [*(each for each in library.ALL if each.name not in _SHARED), *functions]
        self._env = cel.NewEnv(
            pool,
            config=_configuration(),
            variables={name: cel.Type(type_) for name, type_ in variables.items()},
            # More forms of a function that the library has are taken from what comes behind it.
            extensions=[*_extensions(), cel.CelExtension("more", _declarations(pool, shared))],
            functions=_declarations(pool, own),
        )

    def compile(self, expression: str, *, results: Iterable[str] = ()) -> Program:
        """Return a program of ``expression``. Raises :class:`CompileError`.

        Its value must be of one of the types ``results``, if any, as far as that is known.
        """
        if len(expression) > MOST_CHARACTERS:
            raise CompileError(f"the expression has more than {MOST_CHARACTERS} characters")
        try:
            compiled = self._env.compile(expression)
            instead = rewriting.rewritten(compiled.serialize())
            run = compiled if instead is None else self._env.deserialize(instead)
            program = Program(expression, _signature(compiled.return_type().name()), run)
        except CompileError:
            raise
        except (RuntimeError, ValueError, TypeError) as error:
            raise CompileError(text_of(error)) from None
        wanted = tuple(results)
        if wanted and program.result not in (*wanted, "dyn"):
            what = wanted[0] if len(wanted) == 1 else f"one of [{' '.join(wanted)}]"
            raise CompileError(f"must evaluate to {what} but got {program.result}")
        return program

    def adopt(self, program: Program) -> Program:
        """Return a program that was compiled in another environment, to be run in this one.

        It finds its variables by their names, be they declared here or not, and its messages in
        the pool of this environment.
        """
        return program.carried_to(self._env)

    def bind(self, values: Mapping[str, Any]) -> Bindings:
        """Return values for variables: messages of the pool, data as of JSON, ``None``.

        A variable without a value gives an error to the expression that asks for it.
        """
        return Bindings(self._env.Activation(values))


def _signature(name: str) -> str:
    """Return a type that variables can be declared with; ``dyn`` for those that they cannot."""
    words = _WORDS.sub(lambda found: found[0].lower() if found[0].isupper() else found[0], name)
    if any(f"{outer}<" in words for outer in ("type", "optional", "optional_type")):
        return "dyn"
    return words


def _type_name(signature: str) -> str:
    if signature == "null":
        return "null_type"
    return signature.replace("<", "(").replace(">", ")")


def _declarations(pool: DescriptorPool, functions: Iterable[Function]) -> list[Any]:
    cel = _cel()
    by_name: dict[str, list[Overload]] = {}
    for function in functions:
        by_name.setdefault(function.name, []).extend(function.overloads)
    found = []
    for name, overloads in by_name.items():
        # At run time all messages are of one kind: the first overload of a form runs for all.
        forms: dict[tuple[Any, ...], list[Overload]] = {}
        for overload in overloads:
            forms.setdefault(overload.form, []).append(overload)
        declared = [
            cel.Overload(
                overload.id,
                cel.Type(overload.result),
                [cel.Type(parameter) for parameter in overload.parameters],
                overload.is_member,
                _running(pool, forms[overload.form])
                if overload.run is not None and forms[overload.form][0] is overload
                else None,
            )
            for overload in overloads
        ]
        found.append(cel.FunctionDecl(name, declared))
    return found


def _running(pool: DescriptorPool, overloads: list[Overload]) -> Callable[..., Any]:
    by_types = {overload.messages: overload.run for overload in overloads}
    (alone,) = by_types.values() if len(by_types) == 1 else (None,)
    is_counted = overloads[0].is_counted
    classes: dict[str, Any] = {}

    def message(made: types.Made) -> Any:
        if made.type not in classes:
            descriptor = pool.FindMessageTypeByName(made.type)
            classes[made.type] = message_factory.GetMessageClass(descriptor)
        return classes[made.type](**made.fields)

    def run(*given: Any) -> Any:
        if is_counted:
            spending.spend(given)
        chosen = alone
        if chosen is None:
            names = tuple(
                value.DESCRIPTOR.full_name for value in given if hasattr(value, "DESCRIPTOR")
            )
            chosen = by_types.get(names)
            if chosen is None:
                raise ValueError("no such overload")
        found = chosen(*given)
        if isinstance(found, types.Made):
            return message(found)
        if isinstance(found, list):
            return [message(each) if isinstance(each, types.Made) else each for each in found]
        return found

    return run
