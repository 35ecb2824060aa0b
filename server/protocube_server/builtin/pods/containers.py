"""The containers of a pod, and rules on what they share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube_server.kinds import violations

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from protocube import errors

OF_A_POD = "spec"
"""Where a pod has its containers; those of a template lie deeper."""


def of(spec: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield every container of a pod with its path: those that run first, first."""
    for name, group in (
        ("initContainers", spec.init_containers),
        ("containers", spec.containers),
        ("ephemeralContainers", spec.ephemeral_containers),
    ):
        for index, container in enumerate(group):
            yield f"{path}.{name}[{index}]", container


def host_ports(spec: Any, path: str) -> Iterator[errors.Violation]:
    """No two containers take the same port of the node.

    Containers that run one after the other may.
    """
    yield from _clashes(
        (f"{path}.containers[{index}]", container)
        for index, container in enumerate(spec.containers)
    )
    for index, container in enumerate(spec.init_containers):
        yield from _clashes([(f"{path}.initContainers[{index}]", container)])


def _clashes(group: Iterable[tuple[str, Any]]) -> Iterator[errors.Violation]:
    taken: set[str] = set()
    for path, container in group:
        for index, port in enumerate(container.ports):
            if port.host_port:
                key = f"{port.protocol}/{port.host_ip}/{port.host_port}"
                if key in taken:
                    yield violations.duplicate(f"{path}.ports[{index}].hostPort", key)
                taken.add(key)


def file_keys(spec: Any, path: str) -> Iterator[errors.Violation]:
    """A variable from a file names an empty folder of the pod."""
    folders = {volume.name: volume.HasField("empty_dir") for volume in spec.volumes}
    for where, container in of(spec, path):
        for index, variable in enumerate(container.env):
            if not variable.value_from.HasField("file_key_ref"):
                continue
            name = variable.value_from.file_key_ref.volume_name
            at = f"{where}.env[{index}].valueFrom.fileKeyRef.volumeName"
            if name not in folders:
                yield violations.not_found(at, name)
            elif not folders[name]:
                yield violations.invalid(at, name, "referenced volume must be of type emptyDir")


def devices(spec: Any, path: str) -> Iterator[errors.Violation]:
    """What a container gets as a device is a claim's volume, and it gets it once."""
    claimed = {
        volume.name: volume.HasField("persistent_volume_claim") or volume.HasField("ephemeral")
        for volume in spec.volumes
    }
    for where, container in of(spec, path):
        mounted = {mount.name: mount.mount_path for mount in container.volume_mounts}
        paths = set(mounted.values())
        seen: set[str] = set()
        for index, device in enumerate(container.volume_devices):
            at = f"{where}.volumeDevices[{index}]"
            if device.name in seen:
                yield violations.invalid(f"{at}.name", device.name, "must be unique")
            if not claimed.get(device.name, True):
                detail = (
                    "can only use volume source type of PersistentVolumeClaim or Ephemeral for "
                    "block mode"
                )
                yield violations.invalid(f"{at}.name", device.name, detail)
            if device.name in mounted:
                detail = "must not already exist in volumeMounts"
                yield violations.invalid(f"{at}.name", device.name, detail)
            if device.device_path in paths:
                detail = "must not already exist as a path in volumeMounts"
                yield violations.invalid(f"{at}.devicePath", device.device_path, detail)
            if device.name:
                seen.add(device.name)


def resize_policies(spec: Any, path: str) -> Iterator[errors.Violation]:
    """Only what goes on running can be started again for a new size."""
    for number, container in enumerate(spec.init_containers):
        if container.restart_policy == "Always":
            continue
        for index, policy in enumerate(container.resize_policy):
            if policy.restart_policy == "RestartContainer":
                at = f"{path}.initContainers[{number}].resizePolicy[{index}].restartPolicy"
                detail = "must not be set to 'RestartContainer' for non-sidecar initContainers"
                yield violations.invalid(at, policy.restart_policy, detail)
