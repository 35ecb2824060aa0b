"""What is told of parts of other kinds that Kubernetes has deprecated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from protocube_server.builtin import fractions_of_bytes
from protocube_server.kinds.named.message_warning import Remark

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube_server.kinds.named.message_warning import MessageWarning

_INGRESS_CLASS: Final = "kubernetes.io/ingress.class"
_OLD_CLASS: Final = "volume.beta.kubernetes.io/storage-class"
_CLASS_SINCE: Final = 'deprecated since v1.8; use "storageClassName" attribute instead'
_VOLUMES: Final = {
    "cephfs": ("cephfs", "deprecated in v1.28, non-functional in v1.31+"),
    "photon_persistent_disk": (
        "photonPersistentDisk",
        "deprecated in v1.11, non-functional in v1.16+",
    ),
    "scale_io": ("scaleIO", "deprecated in v1.16, non-functional in v1.22+"),
    "storageos": ("storageOS", "deprecated in v1.22, non-functional in v1.25+"),
    "glusterfs": ("glusterfs", "deprecated in v1.25, non-functional in v1.26+"),
    "rbd": ("rbd", "deprecated in v1.28, non-functional in v1.31+"),
}
_RECYCLE: Final = (
    "The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic "
    "provisioning."
)


def _ingress(message: Any) -> Iterator[Remark]:
    if _INGRESS_CLASS in message.metadata.annotations:
        told = f'annotation "{_INGRESS_CLASS}" is deprecated, please use '
        yield Remark(f"{told}'spec.ingressClassName' instead", None)


def _endpoint_slice(message: Any) -> Iterator[Remark]:
    if message.address_type == "FQDN":
        yield Remark("FQDN endpoints are deprecated", "spec.addressType")


def _claim(message: Any) -> Iterator[Remark]:
    if _OLD_CLASS in message.metadata.annotations:
        yield Remark(_CLASS_SINCE, f"metadata.annotations[{_OLD_CLASS}]")
    resources, path = message.spec.resources, "spec.resources"
    yield from fractions_of_bytes.remarks(resources.requests, "storage", f"{path}.requests")
    yield from fractions_of_bytes.remarks(resources.limits, "storage", f"{path}.limits")


def _volume(message: Any) -> Iterator[Remark]:
    if _OLD_CLASS in message.metadata.annotations:
        yield Remark(_CLASS_SINCE, f"metadata.annotations[{_OLD_CLASS}]")
    if message.spec.persistent_volume_reclaim_policy == "Recycle":
        yield Remark(_RECYCLE, "spec.persistentVolumeReclaimPolicy")
    source = message.spec.WhichOneof("source")
    if source in _VOLUMES:
        name, told = _VOLUMES[source]
        yield Remark(told, f"spec.{name}")


BY_NAME: dict[str, MessageWarning] = {
    "endpoint_slice": _endpoint_slice,
    "ingress": _ingress,
    "persistent_volume": _volume,
    "persistent_volume_claim": _claim,
}
