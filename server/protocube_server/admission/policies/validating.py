"""Asks the ValidatingAdmissionPolicies about a write: they refuse it, warn, or tell the audit log.

Source: ``k8s.io/apiserver/pkg/admission/plugin/policy/validating``, with its texts.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from protocube import errors
from protocube_server import turns
from protocube_server.admission.policies import asking, matching
from protocube_server.admission.policies.evaluating import Unevaluated, is_asked
from protocube_server.admission.policies.params import Misconfigured
from protocube_server.cel.faults import NotInstalled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocube_server.admission.policies.asking import Candidate, Policies
    from protocube_server.admission.policies.evaluating import Evaluation
    from protocube_server.admission.policies.inputs import Inputs
    from protocube_server.admission.policies.policy import Binding, Policy, Validation
    from protocube_server.admission.state import State
    from protocube_server.admission.write import Write

_TURN: Final = 8
"""After so many rules others may have their turn."""
_MOST_MESSAGE: Final = 5 * 1024
_MOST_ANNOTATION: Final = 10 * 1024
_FAILURE: Final = "validation.policy.admission.k8s.io/validation_failure"
_REASONS: Final[dict[str, type[errors.ApiError]]] = {
    "Forbidden": errors.Forbidden,
    "RequestEntityTooLarge": errors.TooLarge,
    "Unauthorized": errors.Unauthenticated,
}
"""Kubernetes' reason for everything else is Invalid."""


class Denial(NamedTuple):
    """A rule that does not hold, or could not be asked."""

    message: str
    reason: str = ""
    at: int = 0
    """The index of the rule in its policy."""


class ValidatingPolicies:
    """Asks about writes; see :class:`~protocube_server.calls.admission.Admission`."""

    def __init__(self, state: State, policies: Policies) -> None:
        self._state = state
        self._policies = policies

    def may_concern(self, write: Write) -> bool:
        """Tell whether there is a policy for a write of its kind."""
        return bool(self._policies.candidates(write))

    async def validate(self, write: Write) -> None:
        """Refuse a write that policies refuse, and note what they say otherwise."""
        candidates = self._policies.candidates(write)
        if not candidates:
            return
        namespace = await matching.namespace_of(self._state, write)
        inputs = self._policies.inputs(write, namespace)
        is_first = True
        for candidate in candidates:
            bindings = asking.selects(candidate, write, namespace)
            if bindings:
                if not is_first:
                    await turns.breath()
                await self._ask(candidate, bindings, inputs)
                is_first = False

    async def _ask(self, candidate: Candidate, bindings: Sequence[Binding], inputs: Inputs) -> None:
        policy, write = candidate.policy, inputs.write
        annotations: dict[str, dict[str, None]] = {}
        refused: list[tuple[Binding, Denial]] = []
        for binding in bindings:
            try:
                params = await self._policies.params(policy, binding, write)
            except Misconfigured as error:
                if policy.fails:
                    text = f"failed to configure binding: {error}"
                    refused.append((binding, Denial(text, "Invalid")))
                continue
            for param in params:
                denials, faults = await self._judge(candidate, inputs, param, annotations)
                refused += [(binding, denial) for denial in faults]
                for denial in denials:
                    refused += self._carry_out(write, policy, binding, denial)
        for key, values in annotations.items():
            write.call.annotate(f"{policy.name}/{key}", ", ".join(values))
        if refused:
            raise _refusal(write, policy, *refused[0])

    async def _judge(
        self,
        candidate: Candidate,
        inputs: Inputs,
        param: Any | None,
        annotations: dict[str, dict[str, None]],
    ) -> tuple[list[Denial], list[Denial]]:
        """Return the rules that do not hold, and what refuses the write in any case."""
        policy = candidate.policy
        try:
            evaluation = await self._policies.evaluation(candidate, inputs, param)
            if not is_asked(policy, evaluation):
                return [], []
        except (Unevaluated, NotInstalled) as error:
            return ([Denial(str(error))] if policy.fails else []), []
        denials = []
        for index, each in enumerate(policy.validations):
            denial = _held(policy, evaluation, index, each)
            if denial is not None:
                denials.append(denial)
            if index % _TURN == _TURN - 1:
                await turns.breath()
        faults = []
        for entry in policy.annotations:
            try:
                value = evaluation.value(entry.expression)
            except Unevaluated as error:
                if policy.fails:
                    faults.append(Denial(str(error)))
                continue
            text = value.strip() if isinstance(value, str) else ""
            if text:
                annotations.setdefault(entry.key, {})[text[:_MOST_ANNOTATION]] = None
        return denials, faults

    @staticmethod
    def _carry_out(
        write: Write, policy: Policy, binding: Binding, denial: Denial
    ) -> list[tuple[Binding, Denial]]:
        """Do what a binding says of a rule that does not hold; return what refuses the write."""
        refused = []
        for action in binding.actions:
            if action == "Deny":
                refused.append((binding, denial))
            elif action == "Warn":
                write.call.warnings.append(
                    f"Validation failed for ValidatingAdmissionPolicy '{policy.name}' with "
                    f"binding '{binding.name}': {denial.message}"
                )
            elif action == "Audit":
                found = {
                    "message": denial.message,
                    "policy": policy.name,
                    "binding": binding.name,
                    "expressionIndex": denial.at,
                    "validationActions": list(binding.actions),
                }
                write.call.annotate(_FAILURE, json.dumps([found], separators=(",", ":")))
        return refused


def _held(
    policy: Policy, evaluation: Evaluation, index: int, validation: Validation
) -> Denial | None:
    """Return what is said of a rule that does not hold, ``None`` of one that does."""
    try:
        if evaluation.value(validation.expression):
            return None
    except Unevaluated as error:
        return Denial(str(error), at=index) if policy.fails else None
    said = ""
    if validation.message_expression is not None:
        try:
            value = evaluation.value(validation.message_expression)
        except Unevaluated:
            value = None
        said = value.strip() if isinstance(value, str) else ""
        if len(said.encode()) > _MOST_MESSAGE or "\n" in said:
            said = ""
    said = said or validation.message.strip()
    said = said or f"failed expression: {validation.expression.text.strip()}"
    return Denial(said, validation.reason, index)


def _refusal(write: Write, policy: Policy, binding: Binding, denial: Denial) -> errors.ApiError:
    text = (
        f"ValidatingAdmissionPolicy '{policy.name}' with binding '{binding.name}' denied request: "
        f"{denial.message}"
    )
    forbidden = write.forbidden(text)
    # Kubernetes has the whole text once more, as a cause without a field.
    cause = errors.Violation(field="", reason="", message=text)
    return _REASONS.get(denial.reason, errors.Invalid)(
        forbidden.message,
        resource=forbidden.resource,
        name=forbidden.name,
        violations=[cause],
    )
