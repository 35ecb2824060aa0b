"""Priority: a pod gets the priority of its class, and there is one default class at most.

Source: ``k8s.io/kubernetes/plugin/pkg/admission/priority``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from protocube_server.admission.plugins.plugin import POD, Plugin
from protocube_server.admission.state import PRIORITY_CLASS
from protocube_server.admission.write import UPDATE

if TYPE_CHECKING:
    from protocube_server.admission.state import State
    from protocube_server.admission.write import Write

_SYSTEM: Final = {"system-cluster-critical": 2_000_000_000, "system-node-critical": 2_000_001_000}
"""Classes that every cluster has; here also where nobody has made them."""
_PREEMPTS: Final = "PreemptLowerPriority"
_TOLD: Final = (
    "must not be provided in pod spec; priority admission controller computed {} from the given "
    "PriorityClass name"
)


class Priority(Plugin):
    """See :class:`Plugin`."""

    name = "Priority"
    messages = (POD, PRIORITY_CLASS)

    def __init__(self, state: State) -> None:
        self._state = state

    def mutate(self, write: Write) -> bool:
        """Give a pod its priority; an update keeps what it leaves out."""
        if write.kind.resource.message != POD:
            return False
        spec = write.new.spec
        if write.operation == UPDATE:
            _keep(write.old.spec, spec)
            return False
        name, value, policy = self._class_of(write)
        if spec.HasField("priority") and spec.priority != value:
            what = f"the integer value of priority ({spec.priority}) "
            raise write.forbidden(what + _TOLD.format(value))
        if spec.HasField("preemption_policy") and spec.preemption_policy != policy:
            what = f"the string value of PreemptionPolicy ({spec.preemption_policy}) "
            raise write.forbidden(what + _TOLD.format(policy))
        spec.priority_class_name, spec.priority, spec.preemption_policy = name, value, policy
        return False

    def validate(self, write: Write) -> None:
        """Refuse a second default class."""
        if write.kind.resource.message != PRIORITY_CLASS or not write.new.global_default:
            return
        for held in self._state.of(PRIORITY_CLASS):
            other = held.message
            if other.global_default and other.metadata.name != write.name:
                raise write.forbidden(
                    f"PriorityClass {other.metadata.name} is already marked as default. Only one "
                    "default can exist"
                )

    def _class_of(self, write: Write) -> tuple[str, int, str]:
        """Return the name, the value and the preemption policy of a new pod's class."""
        name = write.new.spec.priority_class_name
        for held in self._state.of(PRIORITY_CLASS):
            found: Any = held.message
            if found.metadata.name == name if name else found.global_default:
                return found.metadata.name, found.value, found.preemption_policy or _PREEMPTS
        if not name:
            return "", 0, _PREEMPTS
        if name in _SYSTEM:
            return name, _SYSTEM[name], _PREEMPTS
        raise write.forbidden(f"no PriorityClass with name {name} was found")


def _keep(old: Any, new: Any) -> None:
    for field in ("priority", "preemption_policy"):
        if old.HasField(field) and not new.HasField(field):
            setattr(new, field, getattr(old, field))
