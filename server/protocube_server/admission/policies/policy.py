"""A policy and its bindings, as they were written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from protocube_server.admission.policies import matching, objects

if TYPE_CHECKING:
    from protocube_server.admission.policies.matching import Match

BOOL: Final = ("bool",)
TEXT: Final = ("string",)
TEXT_OR_NULL: Final = ("string", "null_type")
OBJECT: Final = ("Object",)
PATCHES: Final = ("list(JSONPatch)",)


class Expression(NamedTuple):
    """One expression of a policy."""

    place: str
    """Where it stands: ``spec.validations[0].expression``."""
    text: str
    results: tuple[str, ...] = ()
    """The types that its value may have; all when there are none."""
    of_condition: bool = False
    """Whether it says if the policy is asked at all: then it knows no variables of the policy."""
    code: str = ""
    """What is compiled, where that is another text."""


class Variable(NamedTuple):
    """A name for an expression."""

    name: str
    expression: Expression


class Validation(NamedTuple):
    """A rule, and what a refusal says."""

    expression: Expression
    message_expression: Expression | None
    message: str
    reason: str


class Annotation(NamedTuple):
    """An entry of the audit log."""

    key: str
    expression: Expression


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Policy:
    """What policies of both kinds have in common."""

    name: str
    match: Match
    conditions: tuple[Expression, ...]
    variables: tuple[Variable, ...]
    validations: tuple[Validation, ...] = ()
    annotations: tuple[Annotation, ...] = ()
    mutations: tuple[Expression, ...] = ()
    """In their order; :attr:`patches` tells what each is."""
    patches: tuple[str, ...] = ()
    """``ApplyConfiguration`` or ``JSONPatch``."""
    parts: frozenset[tuple[str, ...]] = frozenset()
    """What its changes make of objects; see :mod:`objects`."""
    reinvoked: bool = False
    """Whether it is asked again when another policy changed the object behind it."""
    fails: bool
    """Whether an expression without a value refuses the write."""
    param_kind: tuple[str, str] | None
    """The API version and kind of the objects that it has as parameters."""
    compiled: dict[Any, Any] = field(default_factory=dict)
    """Its programs, by the types that they are for."""

    def expressions(self) -> list[Expression]:
        """Return all of its expressions; variables come before what may use them."""
        found = [*self.conditions, *(each.expression for each in self.variables)]
        for each in self.validations:
            found.append(each.expression)
            if each.message_expression is not None:
                found.append(each.message_expression)
        found += [each.expression for each in self.annotations]
        return [*found, *self.mutations]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Binding:
    """What puts a policy into effect."""

    name: str
    policy: str
    match: Match
    param_ref: Any | None
    """As a message."""
    actions: tuple[str, ...] = ()
    """In the order in which they were written."""


def of_validating(message: Any) -> Policy:
    """Return what a ``ValidatingAdmissionPolicy`` means."""
    spec = message.spec
    validations = []
    for index, each in enumerate(spec.validations):
        place = f"spec.validations[{index}]"
        said = each.message_expression
        validations.append(
            Validation(
                expression=Expression(f"{place}.expression", each.expression, BOOL),
                message_expression=(
                    Expression(f"{place}.messageExpression", said, TEXT) if said else None
                ),
                message=each.message,
                reason=each.reason,
            )
        )
    annotations = tuple(
        Annotation(
            each.key,
            Expression(
                f"spec.auditAnnotations[{index}].valueExpression",
                each.value_expression,
                TEXT_OR_NULL,
            ),
        )
        for index, each in enumerate(spec.audit_annotations)
    )
    return Policy(**_shared(message), validations=tuple(validations), annotations=annotations)


def of_mutating(message: Any) -> Policy:
    """Return what a ``MutatingAdmissionPolicy`` means."""
    mutations = []
    for index, each in enumerate(message.spec.mutations):
        place = f"spec.mutations[{index}]"
        if each.patch_type == "JSONPatch":
            place, text = f"{place}.jsonPatch.expression", each.json_patch.expression
        else:
            place = f"{place}.applyConfiguration.expression"
            text = each.apply_configuration.expression
        result = OBJECT if each.patch_type == objects.CONFIGURATION else PATCHES
        mutations.append(Expression(place, text, result, code=objects.rewritten(text)))
    return Policy(
        **_shared(message),
        mutations=tuple(mutations),
        patches=tuple(each.patch_type for each in message.spec.mutations),
        parts=objects.paths(each.text for each in mutations),
        reinvoked=message.spec.reinvocation_policy == "IfNeeded",
    )


def _shared(message: Any) -> dict[str, Any]:
    spec = message.spec
    kind = spec.param_kind
    has_params = spec.HasField("param_kind")
    return {
        "name": message.metadata.name,
        "match": matching.of_message(spec.match_constraints),
        "conditions": tuple(
            Expression(
                f"spec.matchConditions[{index}].expression",
                each.expression,
                BOOL,
                of_condition=True,
            )
            for index, each in enumerate(spec.match_conditions)
        ),
        "variables": tuple(
            Variable(each.name, Expression(f"spec.variables[{index}].expression", each.expression))
            for index, each in enumerate(spec.variables)
        ),
        "fails": spec.failure_policy != "Ignore",
        "param_kind": (kind.api_version, kind.kind) if has_params else None,
    }


def binding_of(message: Any) -> Binding:
    """Return what a binding of either kind means."""
    spec = message.spec
    return Binding(
        name=message.metadata.name,
        policy=spec.policy_name,
        match=matching.of_message(spec.match_resources),
        param_ref=spec.param_ref if spec.HasField("param_ref") else None,
        actions=tuple(getattr(spec, "validation_actions", ())),
    )
