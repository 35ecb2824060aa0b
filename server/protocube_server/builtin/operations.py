"""The operations that policies are asked about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protocube_server.kinds import violations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube import errors
    from protocube_server.kinds.marked import Found
    from protocube_server.kinds.named.rule import ComputedRule

_CHANGING: Final = ("*", "CONNECT", "CREATE", "UPDATE")


def _changing(found: Found) -> Iterator[errors.Violation]:
    """A policy that changes objects is asked about no deletion: there is nothing to change.

    Source: ``validateMutatingAdmissionPolicySpec`` of Kubernetes, which names no indices.
    """
    path = f"{found.path}.resourceRules.operations"
    for rule in found.value.resource_rules:
        for operation in rule.operations:
            if operation not in _CHANGING:
                yield violations.unsupported(path, operation, _CHANGING)


BY_NAME: dict[str, ComputedRule] = {"changing_operations": _changing}
