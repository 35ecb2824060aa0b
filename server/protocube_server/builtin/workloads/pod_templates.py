"""Rules on the templates of pods that a workload holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube_server.kinds.named.message_rule import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube_server.kinds.named.message_rule import MessageRule

_SPOKEN_OF = {"Deployment": "ReplicaSet"}
"""A Deployment is spoken of as what it makes."""


def _always_running(spec: Any) -> Iterator[Fault]:
    """Pods that are to be there for good start again and have no end."""
    if not spec.HasField("template"):
        return
    pod = spec.template.spec
    if pod.restart_policy not in ("", "Always"):
        text = '.template.spec.restartPolicy: supported values: "Always"'
        yield Fault(rule="unsupported.restart_policy", text=text)
    if pod.HasField("active_deadline_seconds"):
        kind = spec.DESCRIPTOR.name.removesuffix("Spec")
        detail = f"activeDeadlineSeconds in {_SPOKEN_OF.get(kind, kind)} is not Supported"
        text = f".template.spec.activeDeadlineSeconds: {detail}"
        yield Fault(rule="forbidden.active_deadline_seconds", text=text)


def _no_ephemeral_containers(spec: Any) -> Iterator[Fault]:
    """A container that joins a running pod is in no template."""
    if spec.template.spec.ephemeral_containers:
        detail = "ephemeral containers not allowed in pod template"
        text = f".template.spec.ephemeralContainers: {detail}"
        yield Fault(rule="forbidden.ephemeral_containers", text=text)


BY_NAME: dict[str, MessageRule] = {
    "always_running": _always_running,
    "no_ephemeral_containers": _no_ephemeral_containers,
}
