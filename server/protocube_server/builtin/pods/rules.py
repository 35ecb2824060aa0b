"""What is asked of a pod, or of a template of pods, as a whole.

Each question stands behind a cheap look at whether it arises: nearly every pod passes
them all, and pays for that on each create.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube_server.builtin.pods import annotations as annotation_rules
from protocube_server.builtin.pods import containers, resources, volumes, windows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube import errors
    from protocube_server.kinds.marked import Found
    from protocube_server.kinds.named.rule import ComputedRule


def _pod_spec(found: Found) -> Iterator[errors.Violation | None]:
    spec, path, metadata = found.value, found.path, found.parent.metadata
    if metadata.annotations:
        where = f"{path.removesuffix('spec')}metadata.annotations"
        yield from annotation_rules.faults(spec, metadata.annotations, where, path)
    if spec.HasField("os"):
        yield from windows.of_one_system(spec, path)
    if spec.HasField("resources"):
        yield from resources.faults(spec, path)
    yield from _containers(spec, path)
    if spec.volumes:
        # A template's name is not a pod's.
        pod = metadata.name if path == containers.OF_A_POD else ""
        yield from volumes.faults(spec, path, pod)


def _containers(spec: Any, path: str) -> Iterator[errors.Violation | None]:
    """One look at each tells which questions arise."""
    host_ports = devices = from_files = False
    of_windows = _is_of_windows(spec)
    for container in (*spec.containers, *spec.init_containers, *spec.ephemeral_containers):
        yield None
        host_ports = host_ports or any(port.host_port for port in container.ports)
        devices = devices or bool(container.volume_devices)
        from_files = from_files or any(_is_from_file(variable) for variable in container.env)
        of_windows = of_windows or _is_of_windows(container)
    if host_ports:
        yield from containers.host_ports(spec, path)
    if devices:
        yield from containers.devices(spec, path)
    if from_files:
        yield from containers.file_keys(spec, path)
    if of_windows:
        yield from windows.host_processes(spec, path)
    if spec.init_containers:
        yield from containers.resize_policies(spec, path)


# A look into a message that is not set makes one, so it is asked first whether it is.


def _is_from_file(variable: Any) -> bool:
    return bool(variable.HasField("value_from") and variable.value_from.HasField("file_key_ref"))


def _is_of_windows(holder: Any) -> bool:
    name = "security_context"
    return bool(holder.HasField(name) and getattr(holder, name).HasField("windows_options"))


BY_NAME: dict[str, ComputedRule] = {"pod_spec": _pod_spec}
