"""RuntimeClass: a pod gets the overhead of its runtime, and goes where that is.

Source: ``k8s.io/kubernetes/plugin/pkg/admission/runtimeclass``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube.quoting import quote
from protocube_server.admission.plugins.plugin import POD, Plugin
from protocube_server.admission.state import RUNTIME_CLASS
from protocube_server.admission.write import CREATE

if TYPE_CHECKING:
    from protocube_server.admission.state import State
    from protocube_server.admission.write import Write


class RuntimeClass(Plugin):
    """See :class:`Plugin`."""

    name = "RuntimeClass"
    messages = (POD,)

    def __init__(self, state: State) -> None:
        self._state = state

    def mutate(self, write: Write) -> bool:
        """Give a new pod what its class says."""
        spec = write.new.spec
        if write.operation != CREATE or not spec.runtime_class_name:
            return False
        found = self._class_of(write)
        overhead = dict(found.overhead.pod_fixed) if found.HasField("overhead") else {}
        if overhead and spec.overhead and dict(spec.overhead) != overhead:
            raise write.forbidden(
                "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead"
            )
        spec.overhead.update(overhead)
        _schedule(write, found.scheduling)
        return False

    def validate(self, write: Write) -> None:
        """Refuse an overhead that no class gives."""
        spec = write.new.spec
        if write.operation != CREATE or not spec.overhead:
            return
        found = self._class_of(write) if spec.runtime_class_name else None
        if found is None or not found.overhead.pod_fixed:
            raise write.forbidden(
                "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead"
            )

    def _class_of(self, write: Write) -> Any:
        name = write.new.spec.runtime_class_name
        for held in self._state.of(RUNTIME_CLASS):
            if held.message.metadata.name == name:
                return held.message
        raise write.forbidden(f"pod rejected: RuntimeClass {quote(name)} not found")


def _schedule(write: Write, scheduling: Any) -> None:
    spec = write.new.spec
    for key, value in scheduling.node_selector.items():
        given = spec.node_selector.get(key, value)
        if given != value:
            raise write.forbidden(
                f"conflict: runtimeClass.scheduling.nodeSelector[{key}] = {value}; "
                f"pod.spec.nodeSelector[{key}] = {given}"
            )
        spec.node_selector[key] = value
    for toleration in scheduling.tolerations:
        if toleration not in spec.tolerations:
            spec.tolerations.add().CopyFrom(toleration)
