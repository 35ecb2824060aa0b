"""The containers of a pod or of its template."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from protocube.manifests import quantities
from protocube.tables.kinds import missing
from protocube_client.cli.describing.page import bracketed, moment, number_or_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from protocube_client.cli.describing.page import Page

_PROBES = {
    "liveness_probe": "Liveness",
    "readiness_probe": "Readiness",
    "startup_probe": "Startup",
}
_OF_NODE = frozenset({"limits.cpu", "limits.memory"})


def write(
    page: Page, title: str, containers: Iterable[Any], *, pod: Any = None, margin: str = ""
) -> None:
    """Write containers; with the states that they have in ``pod``, if one is given."""
    found = list(containers)
    page.line(f"{margin}{title}:{'' if found else f' {missing.NONE}'}")
    states = {}
    if pod is not None:
        status = pod.status
        every = (
            *(*status.init_container_statuses, *status.container_statuses),
            *status.ephemeral_container_statuses,
        )
        states = {state.name: state for state in every}
    for container in found:
        state = states.get(container.name)
        page.line(f"{margin[1:]}{container.name}:", 1)
        _basics(page, container, state)
        _arguments(page, container)
        if state is not None:
            _state(page, state)
        _resources(page, container.resources)
        for field, name in _PROBES.items():
            if container.HasField(field):
                page.field(name, _probe(getattr(container, field)), 2)
        _sources(page, container)
        _environment(page, container, pod)
        _mounts(page, container)


def _basics(page: Page, container: Any, state: Any) -> None:
    if state is not None:
        page.field("Container ID", state.container_id, 2)
    page.field("Image", container.image, 2)
    if state is not None:
        page.field("Image ID", state.image_id, 2)
    for title, field in (("Port", "container_port"), ("Host Port", "host_port")):
        ports = [f"{getattr(port, field)}/{port.protocol}" for port in container.ports]
        name = f"{title}s" if ports[1:] else title
        page.field(name, ", ".join(ports) or missing.NONE, 2)
    context = container.security_context
    if context.HasField("seccomp_profile"):
        page.field("SeccompProfile", context.seccomp_profile.type, 2)
        if context.seccomp_profile.type == "Localhost":
            page.field("LocalhostProfile", context.seccomp_profile.localhost_profile, 3)


def _arguments(page: Page, container: Any) -> None:
    for name, words in (("Command", container.command), ("Args", container.args)):
        if words:
            page.line(f"{name}:", 2)
        for word in words:
            for line in word.split("\n"):
                page.line(line, 3)


def _state(page: Page, status: Any) -> None:
    _phase(page, "State", status.state)
    if status.last_state.HasField("terminated"):
        _phase(page, "Last State", status.last_state)
    page.flag("Ready", value=status.ready, level=2)
    page.field("Restart Count", status.restart_count, 2)


def _phase(page: Page, title: str, state: Any) -> None:
    if state.HasField("running"):
        page.field(title, "Running", 2)
        page.field("Started", moment(state.running.started_at), 3)
    elif state.HasField("terminated"):
        ended = state.terminated
        page.field(title, "Terminated", 2)
        for name, value in (("Reason", ended.reason), ("Message", ended.message)):
            if value:
                page.field(name, value, 3)
        page.field("Exit Code", ended.exit_code, 3)
        if ended.signal > 0:
            page.field("Signal", ended.signal, 3)
        page.field("Started", moment(ended.started_at), 3)
        page.field("Finished", moment(ended.finished_at), 3)
    else:
        page.field(title, "Waiting", 2)
        if state.waiting.reason:
            page.field("Reason", state.waiting.reason, 3)


def _resources(page: Page, resources: Any) -> None:
    for title, amounts in (("Limits", resources.limits), ("Requests", resources.requests)):
        if amounts:
            page.line(f"{title}:", 2)
        for name in sorted(amounts):
            page.field(name, amounts[name], 3)


def _probe(probe: Any) -> str:
    numbers = (
        f"delay={probe.initial_delay_seconds}s timeout={probe.timeout_seconds}s "
        f"period={probe.period_seconds}s #success={probe.success_threshold} "
        f"#failure={probe.failure_threshold}"
    )
    return f"{_action(probe)} {numbers}"


def _action(probe: Any) -> str:
    if probe.HasField("exec"):
        return f"exec {bracketed(probe.exec.command)}"
    if probe.HasField("http_get"):
        get = probe.http_get
        host = f"[{get.host}]" if ":" in get.host else get.host
        path = get.path if get.path.startswith("/") or not get.path else f"/{get.path}"
        return f"http-get {get.scheme.lower()}://{host}:{number_or_text(get.port)}{path}"
    if probe.HasField("tcp_socket"):
        return f"tcp-socket {probe.tcp_socket.host}:{number_or_text(probe.tcp_socket.port)}"
    if probe.HasField("grpc"):
        return f"grpc <pod>:{probe.grpc.port} {probe.grpc.service}"
    return "unknown"


def _sources(page: Page, container: Any) -> None:
    if container.env_from:
        page.line("Environment Variables from:", 2)
    for source in container.env_from:
        kind, found = "ConfigMap", source.config_map_ref
        if source.HasField("secret_ref"):
            kind, found = "Secret", source.secret_ref
        prefix = f" with prefix '{source.prefix}'" if source.prefix else ""
        page.row((found.name, f"{kind}{prefix}", _optional(found)), 3)


def _environment(page: Page, container: Any, pod: Any) -> None:
    page.line("Environment:" if container.env else f"Environment:\t{missing.NONE}", 2)
    for variable in container.env:
        if not variable.HasField("value_from"):
            first, *rest = variable.value.split("\n")
            page.field(variable.name, first, 3)
            for line in rest:
                page.line(f"\t{line}", 3)
            continue
        source = variable.value_from
        if source.HasField("field_ref"):
            field = source.field_ref
            value = "" if pod is None else _of_pod(pod, field.field_path)
            page.field(variable.name, f"{value} ({field.api_version}:{field.field_path})", 3)
        elif source.HasField("resource_field_ref"):
            field = source.resource_field_ref
            page.field(variable.name, f"{_amount(container, field)} ({field.resource})", 3)
        elif source.HasField("secret_key_ref"):
            key = source.secret_key_ref
            text = f"<set to the key '{key.key}' in secret '{key.name}'>"
            page.field(variable.name, f"{text}\t{_optional(key)}", 3)
        elif source.HasField("config_map_key_ref"):
            key = source.config_map_key_ref
            text = f"<set to the key '{key.key}' of config map '{key.name}'>"
            page.field(variable.name, f"{text}\t{_optional(key)}", 3)


def _optional(source: Any) -> str:
    return f"Optional: {str(source.optional).lower()}"


def _of_pod(pod: Any, path: str) -> str:
    """Return the value of a pod's field; of a label or an annotation nothing, as in kubectl."""
    metadata, spec, status = pod.metadata, pod.spec, pod.status
    return str(
        {
            "metadata.name": metadata.name,
            "metadata.namespace": metadata.namespace,
            "metadata.uid": metadata.uid,
            "spec.nodeName": spec.node_name,
            "spec.serviceAccountName": spec.service_account_name,
            "status.hostIP": status.host_ip,
            "status.hostIPs": ",".join(each.ip for each in status.host_ips),
            "status.podIP": status.pod_ip,
            "status.podIPs": ",".join(each.ip for each in status.pod_ips),
        }.get(path, "")
    )


def _amount(container: Any, field: Any) -> str:
    """Return an amount of a resource in units of the divisor, rounded up."""
    bound, _, name = field.resource.partition(".")
    resources = container.resources
    amounts = resources.limits if bound == "limits" else resources.requests
    amount = quantities.parse(amounts.get(name, "0")) or 0
    if not amount and field.resource in _OF_NODE:
        return "node allocatable"
    return str(math.ceil(amount / (quantities.parse(field.divisor) or 1)))


def _mounts(page: Page, container: Any) -> None:
    none = "" if container.volume_mounts else f"\t{missing.NONE}"
    page.line(f"Mounts:{none}", 2)
    for mount in sorted(container.volume_mounts, key=lambda each: each.mount_path):
        flags = "ro" if mount.read_only else "rw"
        if mount.sub_path:
            flags += f',path="{mount.sub_path}"'
        page.line(f"{mount.mount_path} from {mount.name} ({flags})", 3)
    if container.volume_devices:
        page.line(f"Devices:{none}", 2)
        for device in sorted(container.volume_devices, key=lambda each: each.device_path):
            page.line(f"{device.device_path} from {device.name}", 3)
