"""The page of nodes."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube.manifests import quantities
from protocube.tables import ages
from protocube.tables.kinds import missing, nodes
from protocube_client.cli.describing.page import moment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protocube_client.cli.commands.describe.around import Around
    from protocube_client.cli.describing.page import Page

_LEASES = "kube-node-lease"
_ENDED = frozenset({"Failed", "Succeeded"})
_SIZES = ("cpu", "memory")
_SHARED = (*_SIZES, "ephemeral-storage")
_OVERCOMMITTED = "(Total limits may be over 100 percent, i.e., overcommitted.)"
_INFO = {
    "Machine ID": "machine_id",
    "System UUID": "system_uuid",
    "Boot ID": "boot_id",
    "Kernel Version": "kernel_version",
    "OS Image": "os_image",
    "Operating System": "operating_system",
    "Architecture": "architecture",
    "Container Runtime Version": "container_runtime_version",
    "Kubelet Version": "kubelet_version",
    "Kube-Proxy Version": "kube_proxy_version",
}

Amounts = Counter[str]
"""Numbers by resource; a resource that is not there counts nothing."""


async def node(page: Page, item: Any, around: Around) -> None:
    """Write what it is, how it is, and what of it the pods on it have."""
    metadata, spec, status = item.metadata, item.spec, item.status
    page.field("Name", metadata.name)
    page.field("Roles", nodes.roles(item, page.now))
    page.labels("Labels", metadata.labels)
    page.annotations("Annotations", metadata.annotations)
    page.field("CreationTimestamp", moment(metadata.creation_timestamp))
    taints = sorted(spec.taints, key=lambda taint: f"{taint.effect},{taint.key}")
    page.values("Taints", [_taint(taint) for taint in taints])
    page.field("Unschedulable", str(spec.unschedulable).lower())
    await _lease(page, metadata.name, around)
    if status.conditions:
        page.line("Conditions:")
        page.table(
            ("Type", "Status", "LastHeartbeatTime", "LastTransitionTime", "Reason", "Message"),
            [_condition(each) for each in status.conditions],
        )
    page.line("Addresses:")
    for address in status.addresses:
        page.field(address.type, address.address, 1)
    for title, amounts in (("Capacity", status.capacity), ("Allocatable", status.allocatable)):
        if amounts:
            page.line(f"{title}:")
        for name in sorted(amounts):
            page.field(name, amounts[name], 1)
    page.line("System Info:")
    for title, field in _INFO.items():
        page.field(title, getattr(status.node_info, field), 1)
    for title, value in (
        ("PodCIDR", spec.pod_cidr),
        ("PodCIDRs", ",".join(spec.pod_cidrs)),
        ("ProviderID", spec.provider_id),
    ):
        if value:
            page.field(title, value)
    _resources(page, status.allocatable or status.capacity, await _pods(around, metadata.name))


def _taint(taint: Any) -> str:
    value = f"={taint.value}" if taint.value else ""
    return f"{taint.key}{value}:{taint.effect}" if taint.effect else f"{taint.key}{value}"


async def _lease(page: Page, name: str, around: Around) -> None:
    try:
        found = await around.find("leases", name, _LEASES)
    except errors.ApiError as error:
        page.field("Lease", f"Failed to get lease: {error}")
        return
    spec = found.spec
    page.line("Lease:")
    page.field("HolderIdentity", spec.holder_identity or missing.UNSET, 1)
    for title, field in (("AcquireTime", "acquire_time"), ("RenewTime", "renew_time")):
        time = moment(getattr(spec, field)) if spec.HasField(field) else missing.UNSET
        page.field(title, time, 1)


def _condition(item: Any) -> tuple[str, ...]:
    return (
        *(f"{item.type} ", f"{item.status} ", f"{moment(item.last_heartbeat_time)} "),
        *(f"{moment(item.last_transition_time)} ", f"{item.reason} ", item.message),
    )


async def _pods(around: Around, node_name: str) -> list[Any]:
    return [
        pod
        for pod in await around.all_of("pods", "", fields=f"spec.nodeName={node_name}")
        if pod.status.phase not in _ENDED
    ]


def _resources(page: Page, allocatable: Mapping[str, str], pods: list[Any]) -> None:
    page.field("Non-terminated Pods", f"({len(pods)} in total)")
    rows = [_row(pod, allocatable, page.now) for pod in pods]
    headings = ("CPU Requests", "CPU Limits", "Memory Requests", "Memory Limits", "Age")
    page.table(("Namespace", "Name", "", *headings), rows)
    requests: Amounts = Counter()
    limits: Amounts = Counter()
    for pod in pods:
        requests.update(_amounts(pod, "requests"))
        limits.update(_amounts(pod, "limits"))
    page.line("Allocated resources:")
    page.line(_OVERCOMMITTED, 1)
    others = sorted(set(allocatable) - {*_SHARED, "pods", "storage"})
    page.table(
        ("Resource", "Requests", "Limits"),
        [
            *(
                (name, _share(name, requests, allocatable), _share(name, limits, allocatable))
                for name in (*_SHARED, *filter(_is_huge, others))
            ),
            *(
                (name, _text(name, requests), _text(name, limits))
                for name in others
                if not _is_huge(name)
            ),
        ],
    )


def _row(pod: Any, allocatable: Mapping[str, str], now: float) -> tuple[str, ...]:
    bounds = [_amounts(pod, "requests"), _amounts(pod, "limits")]
    shares = [_share(name, bound, allocatable) for name in _SIZES for bound in bounds]
    metadata = pod.metadata
    return (
        metadata.namespace,
        metadata.name,
        "",
        *shares,
        ages.since(metadata.creation_timestamp, now),
    )


def _amounts(pod: Any, bound: str) -> Amounts:
    """Return what a pod asks for, or its limits: of all containers at the worst moment."""
    beside: Amounts = Counter()
    most: Amounts = Counter()
    for container in pod.spec.init_containers:
        found = _read(getattr(container.resources, bound))
        if container.restart_policy == "Always":
            beside.update(found)
            most |= beside
        else:
            most |= found + beside
    total: Amounts = Counter(beside)
    for container in pod.spec.containers:
        total.update(_read(getattr(container.resources, bound)))
    total |= most
    total.update(_read(getattr(pod.spec.resources, bound)) - total)
    overhead = _read(pod.spec.overhead)
    total.update({name: overhead[name] for name in overhead if bound == "requests" or total[name]})
    return total


def _read(amounts: Mapping[str, str]) -> Amounts:
    found: Any = {name: quantities.parse(amounts[name]) or Fraction(0) for name in amounts}
    return Counter(found)


def _share(name: str, amounts: Amounts, allocatable: Mapping[str, str]) -> str:
    """Return an amount with the percentage of what there is."""
    whole = quantities.parse(allocatable.get(name, "0")) or 0
    percent = int(amounts[name] * 100 / whole) if whole else 0
    return f"{_text(name, amounts)} ({percent}%)"


def _text(name: str, amounts: Amounts) -> str:
    number = Fraction(amounts[name])
    return quantities.canonical(quantities.text(number, binary=name != "cpu"))


def _is_huge(name: str) -> bool:
    return name.startswith("hugepages-")
