"""DefaultTolerationSeconds, and the taint of new nodes.

Sources: ``k8s.io/kubernetes/plugin/pkg/admission/defaulttolerationseconds`` and
``.../nodetaint``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protocube_server.admission.plugins.plugin import NODE, POD, Plugin
from protocube_server.admission.write import CREATE

if TYPE_CHECKING:
    from protocube_server.admission.write import Write

NOT_READY: Final = "node.kubernetes.io/not-ready"
UNREACHABLE: Final = "node.kubernetes.io/unreachable"
_SECONDS: Final = 300


class DefaultTolerationSeconds(Plugin):
    """A pod stays on a node that fails for five minutes, unless it says something else."""

    name = "DefaultTolerationSeconds"
    messages = (POD,)

    def mutate(self, write: Write) -> bool:
        """Add the tolerations that are missing.

        To an update only those that the pod has had: one of an earlier release is left as it is.
        """
        had = None if write.old is None else {each.key for each in write.old.spec.tolerations}
        found = write.new.spec.tolerations
        tolerated = {
            toleration.key
            for toleration in found
            if (toleration.effect or "NoExecute") == "NoExecute"
        }
        for key in (NOT_READY, UNREACHABLE):
            if had is not None and key not in had:
                continue
            if key not in tolerated and "" not in tolerated:
                found.add(
                    key=key, operator="Exists", effect="NoExecute", toleration_seconds=_SECONDS
                )
        return False


class TaintNodesByCondition(Plugin):
    """A new node takes no pods before it says that it is ready."""

    name = "TaintNodesByCondition"
    messages = (NODE,)

    def mutate(self, write: Write) -> bool:
        """Taint a new node."""
        taints = write.new.spec.taints
        known = any((each.key, each.effect) == (NOT_READY, "NoSchedule") for each in taints)
        if write.operation == CREATE and not known:
            taints.add(key=NOT_READY, effect="NoSchedule")
        return False
