"""How many pods of a workload there are, of which others are a part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube_server.kinds.named.message_rule import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube_server.kinds.named.message_rule import MessageRule

_PARTS = (
    "updated_replicas",
    "fully_labeled_replicas",
    "ready_replicas",
    "current_replicas",
    "available_replicas",
)
"""What some kinds count, of the pods that there are, in the order of their validations."""
_SAYS_STATUS = "StatefulSetStatus"
"""Its text names the whole path of what is compared with; the others' do not."""


def _replica_counts(status: Any) -> Iterator[Fault]:
    """No part is larger than the whole, and what is available is ready.

    Source: ``ValidateDeploymentStatus`` and its like of Kubernetes.
    """
    fields = status.DESCRIPTOR.fields_by_name
    for name in _PARTS:
        if name in fields and getattr(status, name) > status.replicas:
            yield _fault(fields[name].json_name, "status.replicas")
    if status.available_replicas > status.ready_replicas:
        says = "status.readyReplicas" if status.DESCRIPTOR.name == _SAYS_STATUS else "readyReplicas"
        yield _fault("availableReplicas", says)


def _fault(name: str, than: str) -> Fault:
    return Fault(rule="invalid.replica_counts", text=f".{name}: cannot be greater than {than}")


BY_NAME: dict[str, MessageRule] = {"replica_counts": _replica_counts}
