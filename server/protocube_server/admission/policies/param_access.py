"""Parameters of policies are read by the server: their writer must be allowed to read them.

Otherwise a policy could tell in its refusals what its writer may not see. Source:
``k8s.io/kubernetes/pkg/registry/admissionregistration`` (``authz.go``), with its texts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from protocube import errors
from protocube_server.admission.state import (
    MUTATING_BINDING,
    MUTATING_POLICY,
    VALIDATING_BINDING,
    VALIDATING_POLICY,
)
from protocube_server.cel.functions.authorizing import Question
from protocube_server.kinds import violations

if TYPE_CHECKING:
    from protocube_server.admission.state import State
    from protocube_server.admission.write import Write
    from protocube_server.cel.functions.authorizing import May

_OF_BINDING: Final = {
    VALIDATING_BINDING: VALIDATING_POLICY,
    MUTATING_BINDING: MUTATING_POLICY,
}
_ALL: Final = "*"


class ParamAccess:
    """Looks at policies and bindings as they are written."""

    def __init__(self, state: State, may: May) -> None:
        self._state = state
        self._may = may

    def validate(self, write: Write) -> None:
        """Raise ``errors.Invalid`` for parameters that the caller may not read."""
        message, new, old = write.kind.resource.message, write.new, write.old
        is_policy = message in _OF_BINDING.values()
        if new is None or not (is_policy or message in _OF_BINDING):
            return
        if old is not None and old.spec == new.spec:
            return
        if is_policy:
            self._policy(write)
        else:
            self._binding(write)

    def _policy(self, write: Write) -> None:
        spec = write.new.spec
        if not spec.HasField("param_kind") or self._reads(write, spec.param_kind, _ALL, _ALL):
            return
        kind = spec.param_kind
        text = (
            f'user {write.call.user.name} must have "get" permission on all objects of the '
            f"referenced paramKind (kind={kind.kind}, apiVersion={kind.api_version})"
        )
        raise _refusal(write, "spec.paramKind", text)

    def _binding(self, write: Write) -> None:
        spec = write.new.spec
        kind = write.call.edition.kinds.for_message(_OF_BINDING[write.kind.resource.message])
        policy = self._state.get(kind, "", spec.policy_name)
        if policy is None or not (
            spec.HasField("param_ref") and policy.spec.HasField("param_kind")
        ):
            return
        ref = spec.param_ref
        if not self._reads(write, policy.spec.param_kind, ref.namespace or _ALL, ref.name or _ALL):
            text = (
                f'user {write.call.user.name} does not have "get" permission on the object '
                "referenced by paramRef"
            )
            raise _refusal(write, "spec.paramRef", text)

    def _reads(self, write: Write, param_kind: Any, namespace: str, name: str) -> bool:
        found = write.call.edition.kinds.for_reference(param_kind.api_version, param_kind.kind)
        user = write.call.user
        asked = Question(
            user_name=user.name,
            user_uid=user.uid,
            user_groups=user.groups,
            verb="get",
            group=param_kind.api_version.rpartition("/")[0],
            resource=found.resource.plural if found is not None else _ALL,
            namespace=namespace,
            name=name,
        )
        return self._may(asked).allowed


def _refusal(write: Write, place: str, text: str) -> errors.Invalid:
    fault = violations.forbidden(place, text)
    return errors.invalid(write.kind.resource.qualified_kind, write.name, [fault])
