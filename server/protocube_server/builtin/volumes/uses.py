"""What uses claims, volumes and classes of their settings.

Source: the controllers ``pvcprotection``, ``pvprotection`` and ``vacprotection`` of Kubernetes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube_server.kinds.named.use import Used

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube_server.kinds.named.use import Use


class _Claims:
    """Claims are used by the pods that run, or have run, on a node."""

    users = ("protocube.core.v1.Pod",)

    def is_in_use(self, message: Any) -> bool:
        """See :class:`Use`."""
        del message
        return False

    def of(self, user: Any) -> Iterator[Used]:
        """See :class:`Use`. One that was made for a pod is used until the pod has ended."""
        if not user.spec.node_name:
            return
        for volume in user.spec.volumes:
            source = volume.WhichOneof("source")
            if source == "persistent_volume_claim":
                yield Used(volume.persistent_volume_claim.claim_name)
            elif source == "ephemeral" and not _has_ended(user):
                yield Used(f"{user.metadata.name}-{volume.name}", user.metadata.uid)


def _has_ended(pod: Any) -> bool:
    metadata = pod.metadata
    is_over = metadata.HasField("deletion_grace_period_seconds")
    is_over = is_over and not metadata.deletion_grace_period_seconds
    return metadata.HasField("deletion_timestamp") and is_over


class _Volumes:
    """Volumes are used while they are bound to a claim."""

    users = ()

    def is_in_use(self, message: Any) -> bool:
        """See :class:`Use`."""
        return bool(message.status.phase == "Bound")

    def of(self, user: Any) -> Iterator[Used]:
        """See :class:`Use`."""
        del user
        yield from ()


class _AttributesClasses:
    """Classes are used by the claims that want them or have them, and by the volumes of those."""

    users = ("protocube.core.v1.PersistentVolumeClaim", "protocube.core.v1.PersistentVolume")

    def is_in_use(self, message: Any) -> bool:
        """See :class:`Use`."""
        del message
        return False

    def of(self, user: Any) -> Iterator[Used]:
        """See :class:`Use`."""
        names = [user.spec.volume_attributes_class_name]
        if user.kind == "PersistentVolumeClaim":
            changing = user.status.modify_volume_status.target_volume_attributes_class_name
            names += [user.status.current_volume_attributes_class_name, changing]
        yield from (Used(name) for name in names if name)


BY_NAME: dict[str, Use] = {
    "persistent_volume": _Volumes(),
    "persistent_volume_claim": _Claims(),
    "volume_attributes_class": _AttributesClasses(),
}
