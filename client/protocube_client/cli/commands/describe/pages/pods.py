"""The page of pods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube.tables import ages
from protocube.tables.kinds import missing
from protocube_client.cli import owners
from protocube_client.cli.describing import containers, pod_template, volumes
from protocube_client.cli.describing.page import moment

if TYPE_CHECKING:
    from protocube_client.cli.commands.describe.around import Around
    from protocube_client.cli.describing.page import Page

_FINISHED = frozenset({"Failed", "Succeeded"})
_SIZES = ("cpu", "memory")


async def pod(page: Page, item: Any, _around: Around) -> None:
    """Write where it runs, its containers, volumes and conditions."""
    spec, status = item.spec, item.status
    _placed(page, item)
    page.labels("Labels", item.metadata.labels)
    page.annotations("Annotations", item.metadata.annotations)
    _phase(page, item)
    page.field("IP", status.pod_ip)
    if status.pod_ips:
        page.line("IPs:")
        for each in status.pod_ips:
            page.field("IP", each.ip, 1)
    else:
        page.field("IPs", missing.NONE)
    controller(page, item.metadata)
    if status.nominated_node_name:
        page.field("NominatedNodeName", status.nominated_node_name)
    if spec.init_containers:
        containers.write(page, "Init Containers", spec.init_containers, pod=item)
    containers.write(page, "Containers", spec.containers, pod=item)
    if spec.ephemeral_containers:
        containers.write(page, "Ephemeral Containers", spec.ephemeral_containers, pod=item)
    _conditions(page, item)
    volumes.write(page, spec.volumes)
    page.field("QoS Class", status.qos_class or _class_of_service(spec))
    page.labels("Node-Selectors", spec.node_selector)
    pod_template.tolerations(page, "Tolerations", spec.tolerations)
    pod_template.spread(page, "Topology Spread Constraints", spec.topology_spread_constraints)


def controller(page: Page, metadata: Any) -> None:
    """Write what controls an object, if something does."""
    owner = owners.controller(metadata)
    if owner is not None:
        page.field("Controlled By", f"{owner.kind}/{owner.name}")


def _placed(page: Page, item: Any) -> None:
    spec, status = item.spec, item.status
    page.field("Name", item.metadata.name)
    page.field("Namespace", item.metadata.namespace)
    if spec.HasField("priority"):
        page.field("Priority", spec.priority)
    for name, value in (
        ("Priority Class Name", spec.priority_class_name),
        ("Runtime Class Name", spec.runtime_class_name),
        ("Service Account", spec.service_account_name),
    ):
        if value:
            page.field(name, value)
    page.field("Node", f"{spec.node_name}/{status.host_ip}" if spec.node_name else missing.NONE)
    if status.HasField("start_time"):
        page.field("Start Time", moment(status.start_time))


def _phase(page: Page, item: Any) -> None:
    metadata, status = item.metadata, item.status
    if metadata.HasField("deletion_timestamp") and status.phase not in _FINISHED:
        page.field(
            "Status", f"Terminating (lasts {ages.since(metadata.deletion_timestamp, page.now)})"
        )
        page.field("Termination Grace Period", f"{metadata.deletion_grace_period_seconds}s")
    else:
        page.field("Status", status.phase)
    for name, value in (("Reason", status.reason), ("Message", status.message)):
        if value:
            page.field(name, value)
    context = item.spec.security_context
    if context.HasField("seccomp_profile"):
        page.field("SeccompProfile", context.seccomp_profile.type)
        if context.seccomp_profile.type == "Localhost":
            page.field("LocalhostProfile", context.seccomp_profile.localhost_profile)


def _conditions(page: Page, item: Any) -> None:
    found = {condition.type: condition.status for condition in reversed(item.status.conditions)}
    if item.spec.readiness_gates:
        page.write("Readiness Gates:\n  Type\tStatus\n")
        for gate in item.spec.readiness_gates:
            name = gate.condition_type
            page.row((f"{name} ", f"{found.get(name, missing.NONE)} "), 1)
    if item.status.conditions:
        page.write("Conditions:\n  Type\tStatus\n")
        for condition in item.status.conditions:
            page.row((f"{condition.type} ", f"{condition.status} "), 1)


def _class_of_service(spec: Any) -> str:
    """Return the class that a pod's resources give it, as Kubernetes works it out."""
    every = [each.resources for each in (*spec.init_containers, *spec.containers)]
    if not any(resources.limits or resources.requests for resources in every):
        return "BestEffort"
    bounded = all(
        name in resources.limits
        and resources.requests.get(name, resources.limits[name]) == resources.limits[name]
        for resources in every
        for name in _SIZES
    )
    return "Guaranteed" if bounded else "Burstable"
