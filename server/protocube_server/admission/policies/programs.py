"""Compiles the expressions of policies, for the types of what is written.

An object has the type of its kind. One that a rule with ``*`` meets has any type: what its kind
does not fit is then evaluated on JSON data, as Kubernetes does with everything.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from protocube_server import turns
from protocube_server.admission.policies import objects
from protocube_server.cel import engine, types
from protocube_server.cel.engine import Environment, Program
from protocube_server.cel.faults import CompileError
from protocube_server.cel.functions import authorizing, escapes
from protocube_server.cel.shadows import Shadows
from protocube_server.kinds.kind import NAMESPACE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from google.protobuf.descriptor_pb2 import FileDescriptorProto

    from protocube.catalog import Catalog
    from protocube.steps import Steps
    from protocube_server.admission.policies.policy import Expression, Policy
    from protocube_server.cel.functions.authorizing import May
    from protocube_server.kinds.edition import Edition
    from protocube_server.kinds.kind import Kind

DYN: Final = "dyn"
VARIABLES: Final = "variables."
_OBJECTS: Final = ("object", "oldObject", "params")
_MOST_ENVIRONMENTS: Final = 1000
_FAILED: Final = "compilation failed: "

Types = tuple[tuple[str, str], ...]
"""The variables that there are, each with its type."""


@dataclass(slots=True)
class Compiled:
    """The programs of one policy for some types."""

    shadows: Shadows
    types: Types
    programs: dict[str, Program | CompileError] = field(default_factory=dict)
    """By the places of their expressions; what cannot be compiled has its fault."""
    variables: dict[str, Program | CompileError] = field(default_factory=dict)
    """Those of the policy, in their order."""
    needs: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The variables that an expression asks for, by its place, those first that others ask for."""
    uses: set[str] = field(default_factory=set)
    """Which of the other variables any of them asks for."""
    faults: list[tuple[Expression, CompileError]] = field(default_factory=list)
    environment: Environment | None = None
    """Binds values to its variables, those of the policy included."""
    sharing: int = 0
    """The same number for all that are given the same values of a write."""


class Programs:
    """Makes the environments of policies, and keeps those of the current edition."""

    def __init__(self, may: May) -> None:
        """``may`` answers what expressions ask the authorizer."""
        self._functions = (*authorizing.functions(may), *escapes.FUNCTIONS)
        self._shadows: list[tuple[object, Shadows]] = []
        """By descriptor pools, which cannot be keys."""
        self._edition = 0
        self._environments: dict[tuple[int, Types], Environment] = {}
        self._with_objects: dict[tuple[Any, ...], Shadows] = {}
        self._sharing: dict[tuple[Any, ...], int] = {}

    def shadows(self, edition: Edition, kind: Kind) -> Shadows:
        """Return the shadows of the messages beside a kind's own."""
        if edition.number > self._edition:
            self._forget(edition)
        pool = kind.resource.pool
        for known, shadows in self._shadows:
            if known is pool:
                return shadows
        made = Shadows(_files(edition.catalog, pool))
        self._shadows.append((pool, made))
        return made

    def shadows_for(self, edition: Edition, kind: Kind, policy: Policy, message: str) -> Shadows:
        """Return the shadows that a policy about ``message``, of a kind, works with."""
        shadows = self.shadows(edition, kind)
        if not policy.mutations:
            return shadows
        key = (id(shadows), message, policy.parts)
        known = self._with_objects.get(key)
        if known is None:
            known = shadows.beside(objects.file(shadows, message, policy.parts))
            self._with_objects[key] = known
        return known

    async def compiled(self, policy: Policy, shadows: Shadows, of: Types) -> Compiled:
        """Return the programs of a policy; what does not fit the types is compiled for any.

        Raises ``cel.faults.NotInstalled``.
        """
        key = (id(shadows), of)
        known: Compiled | None = policy.compiled.get(key)
        if known is not None and known.shadows is shadows:
            return known
        found = await turns.returned(self.compile(policy, shadows, of))
        if found.faults:
            found = await turns.returned(self.compile(policy, shadows, any_object(of)))
        policy.compiled[key] = found
        return found

    def compile(self, policy: Policy, shadows: Shadows, of: Types) -> Steps[Compiled]:
        """Compile a policy for these types and no others; faults are noted in what is returned.

        Raises ``cel.faults.NotInstalled``.
        """
        engine.require()
        found = Compiled(shadows, of)
        variables = {each.expression.place: each.name for each in policy.variables}
        known = dict(of)
        for expression in policy.expressions():
            yield
            seen = dict(of) if expression.of_condition else known
            made = self._compile(shadows, seen, expression, policy.parts)
            found.programs[expression.place] = made
            if isinstance(made, CompileError):
                found.faults.append((expression, made))
            else:
                self._note(found, expression, made, of)
            if expression.place in variables:
                name = variables[expression.place]
                found.variables[name] = made
                type_ = made.type if isinstance(made, Program) else DYN
                known[f"{VARIABLES}{name}"] = type_
        found.environment = self._environment(shadows, known)
        shared = (id(shadows), of, frozenset(found.uses))
        found.sharing = self._sharing.setdefault(shared, len(self._sharing))
        return found

    def _note(self, found: Compiled, expression: Expression, made: Program, of: Types) -> None:
        asked: dict[str, None] = {}
        for name in found.variables:
            if not expression.of_condition and made.uses(f"{VARIABLES}{name}"):
                place = _place_of(found, name)
                asked |= dict.fromkeys((*found.needs.get(place, ()), name))
        found.needs[expression.place] = tuple(asked)
        found.uses.update(name for name, _ in of if made.uses(name))

    def _compile(
        self,
        shadows: Shadows,
        variables: Mapping[str, str],
        expression: Expression,
        parts: frozenset[tuple[str, ...]],
    ) -> Program | CompileError:
        environment = self._environment(shadows, variables)
        try:
            code = expression.code or expression.text
            return environment.compile(code, results=expression.results)
        except CompileError as error:
            text = objects.as_written(str(error), parts)
            return CompileError(text if text.startswith("must ") else f"{_FAILED}{text}")

    def _environment(self, shadows: Shadows, variables: Mapping[str, str]) -> Environment:
        key = (id(shadows), tuple(variables.items()))
        known = self._environments.get(key)
        if known is None:
            if len(self._environments) >= _MOST_ENVIRONMENTS:
                self._environments.clear()
            known = Environment(shadows.pool, variables, functions=self._functions)
            self._environments[key] = known
        return known

    def _forget(self, edition: Edition) -> None:
        self._edition = edition.number
        pools = [kind.resource.pool for kind in edition.kinds]
        self._shadows = [
            (known, shadows)
            for known, shadows in self._shadows
            if any(known is pool for pool in pools)
        ]
        self._environments.clear()
        self._with_objects.clear()


def types_for(
    object_type: str,
    *,
    has_new: bool,
    has_old: bool,
    has_namespace: bool,
    params: str | None,
    is_bare: bool = False,
) -> Types:
    """Return the variables of a write, with their types.

    What there is not is ``null``, which no message can be. ``params`` is the type of the
    parameters; ``None`` where a policy has none. Of ``is_bare`` nothing is known but the write.
    """
    found = {
        "object": object_type if has_new else DYN,
        "oldObject": object_type if has_old else DYN,
        "request": types.REQUEST,
        "authorizer": types.AUTHORIZER,
        "authorizer.requestResource": types.RESOURCE_CHECK,
    }
    if not is_bare:
        found["namespaceObject"] = NAMESPACE if has_namespace else DYN
    if params is not None:
        found["params"] = params
    return tuple(found.items())


def any_object(of: Types) -> Types:
    """Return these types, but for objects, which can be of any."""
    return tuple((name, DYN if name in _OBJECTS else type_) for name, type_ in of)


def _place_of(found: Compiled, name: str) -> str:
    made = found.variables[name]
    return next(place for place, program in found.programs.items() if program is made)


def _files(catalog: Catalog, pool: object) -> Iterable[FileDescriptorProto]:
    """Return the files of a pool, and what namespaces are described in."""
    parts = getattr(catalog, "parts", (catalog,))
    part = next(each for each in parts if each.pool is pool)
    return {**catalog.files_declaring([NAMESPACE]), **{f.name: f for f in part.files}}.values()
