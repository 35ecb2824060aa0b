"""DefaultStorageClass and DefaultIngressClass: what has no class gets the default one.

Sources: ``k8s.io/kubernetes/plugin/pkg/admission/storage/storageclass/setdefault`` and
``.../network/defaultingressclass``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protocube_server.admission.plugins.plugin import CLAIM, INGRESS, Plugin
from protocube_server.admission.state import INGRESS_CLASS, STORAGE_CLASS
from protocube_server.admission.write import CREATE

if TYPE_CHECKING:
    from protocube_server.admission.state import State
    from protocube_server.admission.write import Write

_STORAGE: Final = (
    "storageclass.kubernetes.io/is-default-class",
    "storageclass.beta.kubernetes.io/is-default-class",
)
_INGRESS: Final = ("ingressclass.kubernetes.io/is-default-class",)
_CLAIM_CLASS: Final = "volume.beta.kubernetes.io/storage-class"
_INGRESS_OF: Final = "kubernetes.io/ingress.class"


class DefaultStorageClass(Plugin):
    """See :class:`Plugin`."""

    name = "DefaultStorageClass"
    messages = (CLAIM,)

    def __init__(self, state: State) -> None:
        self._state = state

    def mutate(self, write: Write) -> bool:
        """Give a new claim the default class, if there is one."""
        claim = write.new
        has_class = claim.spec.HasField("storage_class_name")
        if write.operation != CREATE or has_class or _CLAIM_CLASS in claim.metadata.annotations:
            return False
        found = _default(self._state, STORAGE_CLASS, _STORAGE)
        if found:
            claim.spec.storage_class_name = found
        return False


class DefaultIngressClass(Plugin):
    """See :class:`Plugin`."""

    name = "DefaultIngressClass"
    messages = (INGRESS,)

    def __init__(self, state: State) -> None:
        self._state = state

    def mutate(self, write: Write) -> bool:
        """Give a new ingress the default class, if there is one."""
        ingress = write.new
        has_class = ingress.spec.HasField("ingress_class_name")
        if write.operation != CREATE or has_class or _INGRESS_OF in ingress.metadata.annotations:
            return False
        found = _default(self._state, INGRESS_CLASS, _INGRESS)
        if found:
            ingress.spec.ingress_class_name = found
        return False


def _default(state: State, message: str, annotations: tuple[str, ...]) -> str:
    """Return the name of the newest default class, and of several the first; empty for none."""
    found = [
        held.message.metadata
        for held in state.of(message)
        if any(held.message.metadata.annotations.get(name) == "true" for name in annotations)
    ]
    newest = min(
        found, key=lambda each: (-each.creation_timestamp.seconds, each.name), default=None
    )
    return newest.name if newest is not None else ""
