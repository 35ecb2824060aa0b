"""Rules on what the containers of a pod name: volumes, claims and each other."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

from protocube_server.kinds.named.message_rule import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from protocube_server.kinds.named.message_rule import MessageRule

_CONTAINERS = ("containers", "containers")
_INIT = ("init_containers", "initContainers")
_EPHEMERAL = ("ephemeral_containers", "ephemeralContainers")


def _references(spec: Any) -> Iterator[Fault | None]:
    """Every name that a container says is the name of something in the pod."""
    of_pod = [*_each(spec, *_CONTAINERS), *_each(spec, *_INIT)]
    every = [*of_pod, *_each(spec, *_EPHEMERAL)]
    volumes = {volume.name for volume in spec.volumes}
    for rule, shown, named in _OF_VOLUMES:
        yield from _not_found(every, named, volumes, rule, shown)
    if any(_claims(container) for _, container in of_pod):
        claims = {claim.name for claim in spec.resource_claims}
        yield from _not_found(
            of_pod, _claims, claims, "not_found.resource_claim", ".resources.claims[%d]"
        )


def _each(spec: Any, group: str, shown: str) -> Iterator[tuple[str, Any]]:
    for index, container in enumerate(getattr(spec, group)):
        yield f".{shown}[{index}]", container


def _claims(container: Any) -> Sequence[Any]:
    """A look into a message that is not set makes one, so it is asked first whether it is."""
    claims: Sequence[Any] = container.resources.claims if container.HasField("resources") else ()
    return claims


_OF_VOLUMES: tuple[tuple[str, str, Callable[[Any], Sequence[Any]]], ...] = (
    ("not_found.volume_mount", ".volumeMounts[%d].name", attrgetter("volume_mounts")),
    ("not_found.volume_device", ".volumeDevices[%d].name", attrgetter("volume_devices")),
)


def _not_found(
    containers: Sequence[tuple[str, Any]],
    named: Callable[[Any], Sequence[Any]],
    known: set[str],
    rule: str,
    shown: str,
) -> Iterator[Fault | None]:
    """Say all unknown names at once, a line for each; an empty name is another rule's."""
    lines = []
    for path, container in containers:
        yield None
        for index, item in enumerate(named(container)):
            if item.name not in known and item.name:
                lines.append(f'{path}{shown % index}: "{item.name}"')
    if lines:
        yield Fault(rule=rule, text="\n".join(lines))


def _container_names(spec: Any) -> Iterator[Fault]:
    """The lists of containers share their names; within one list, ``unique_by`` compares."""
    if not spec.init_containers and not spec.ephemeral_containers:
        return
    names = {container.name for container in spec.containers} - {""}
    init_names = {container.name for container in spec.init_containers} - {""}
    every = names | init_names
    for index, container in enumerate(spec.ephemeral_containers):
        target = container.target_container_name
        if target and target not in every:
            text = f'.ephemeralContainers[{index}].targetContainerName: "{target}"'
            yield Fault(rule="not_found.target_container", text=text)
            break
    for (group, shown), taken in ((_INIT, names), (_EPHEMERAL, every)):
        for index, container in enumerate(getattr(spec, group)):
            if container.name in taken:
                rule = f"duplicate.{group.removesuffix('s')}"
                yield Fault(rule=rule, text=f".{shown}[{index}].name: {container.name}")
                break


def _mount_propagation(spec: Any) -> Iterator[Fault | None]:
    """Only a privileged container passes its mounts on to the node."""
    for number, container in enumerate(spec.containers):
        yield None
        for index, mount in enumerate(container.volume_mounts):
            if mount.mount_propagation != "Bidirectional":
                continue
            if container.security_context.privileged:
                break
            place = f".containers[{number}].volumeMounts[{index}].mountPropagation"
            detail = "Bidirectional mount propagation is available only to privileged containers"
            yield Fault(rule="forbidden.mount_propagation", text=f"{place}: {detail}")
            return


def _host_ports(spec: Any) -> Iterator[Fault]:
    """On the node's network a port is the node's, too.

    A template may leave the port on the node open; in a pod it has been filled in by now.
    """
    if not spec.host_network:
        return
    for number, container in enumerate(spec.containers):
        for index, port in enumerate(container.ports):
            if port.host_port not in (0, port.container_port):
                place = f".containers[{number}].ports[{index}].hostPort"
                detail = "must match `containerPort` when `hostNetwork` is true"
                yield Fault(rule="invalid.host_port", text=f"{place}: {detail}")
                return


BY_NAME: dict[str, MessageRule] = {
    "pod_container_names": _container_names,
    "pod_host_ports": _host_ports,
    "pod_mount_propagation": _mount_propagation,
    "pod_references": _references,
}
