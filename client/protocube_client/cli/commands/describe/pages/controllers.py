"""The pages of what controls pods directly: replica sets, stateful and daemon sets, and Jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube.tables import durations, labels
from protocube.tables.kinds import missing, volumes
from protocube_client.cli import owners
from protocube_client.cli.commands.describe.pages import pods
from protocube_client.cli.describing import pod_template
from protocube_client.cli.describing.page import bracketed, moment, number_or_text

if TYPE_CHECKING:
    from protocube_client.cli.commands.describe.around import Around
    from protocube_client.cli.describing.page import Page

_MOST_INDEXES = 50
"""Letters of completed indexes that are shown, to the end of the last one."""


async def replica_set(page: Page, item: Any, around: Around) -> None:
    """Write how many replicas there are, and what they are made of."""
    page.field("Name", item.metadata.name)
    page.field("Namespace", item.metadata.namespace)
    page.field("Selector", labels.selector(item.spec.selector))
    await _replicas(page, item, around)


async def replication_controller(page: Page, item: Any, around: Around) -> None:
    """Write how many replicas there are, and what they are made of."""
    page.field("Name", item.metadata.name)
    page.field("Namespace", item.metadata.namespace)
    page.field("Selector", labels.text(item.spec.selector))
    await _replicas(page, item, around)


async def stateful_set(page: Page, item: Any, around: Around) -> None:
    """Write how many replicas there are, how they are replaced, and what each has."""
    metadata, spec = item.metadata, item.spec
    page.field("Name", metadata.name)
    page.field("Namespace", metadata.namespace)
    page.field("CreationTimestamp", moment(metadata.creation_timestamp))
    page.field("Selector", labels.selector(spec.selector))
    page.labels("Labels", metadata.labels)
    page.annotations("Annotations", metadata.annotations)
    page.field("Replicas", f"{spec.replicas} desired | {item.status.replicas} total")
    page.field("Update Strategy", spec.update_strategy.type)
    steps = spec.update_strategy.rolling_update
    if steps.HasField("partition"):
        page.field("Partition", steps.partition, 1)
        if steps.HasField("max_unavailable"):
            page.field("MaxUnavailable", number_or_text(steps.max_unavailable), 1)
    await _states(page, item, around)
    pod_template.write(page, spec.template)
    _claims(page, spec.volume_claim_templates)


async def daemon_set(page: Page, item: Any, around: Around) -> None:
    """Write on how many nodes its pods are, and what they are made of."""
    spec, status = item.spec, item.status
    page.field("Name", item.metadata.name)
    page.field("Selector", labels.selector(spec.selector))
    page.field("Node-Selector", labels.text(spec.template.spec.node_selector))
    page.labels("Labels", item.metadata.labels)
    page.annotations("Annotations", item.metadata.annotations)
    for what, count in (
        ("Desired Number of Nodes Scheduled", status.desired_number_scheduled),
        ("Current Number of Nodes Scheduled", status.current_number_scheduled),
        ("Number of Nodes Scheduled with Up-to-date Pods", status.updated_number_scheduled),
        ("Number of Nodes Scheduled with Available Pods", status.number_available),
        ("Number of Nodes Misscheduled", status.number_misscheduled),
    ):
        page.line(f"{what}: {count}")
    await _states(page, item, around)
    pod_template.write(page, spec.template)


async def job(page: Page, item: Any, _around: Around) -> None:
    """Write what is to be done, what is done, and by what."""
    spec, status = item.spec, item.status
    page.field("Name", item.metadata.name)
    page.field("Namespace", item.metadata.namespace)
    chosen = labels.selector(spec.selector)
    page.field("Selector", "" if chosen == missing.NONE else chosen)
    page.labels("Labels", item.metadata.labels)
    page.annotations("Annotations", item.metadata.annotations)
    pods.controller(page, item.metadata)
    if spec.HasField("parallelism"):
        page.field("Parallelism", spec.parallelism)
    page.field("Completions", spec.completions if spec.HasField("completions") else missing.UNSET)
    if spec.completion_mode:
        page.field("Completion Mode", spec.completion_mode)
    if spec.HasField("suspend"):
        page.field("Suspend", str(spec.suspend).lower())
    for name, field in (
        ("Backoff Limit", "backoff_limit"),
        ("TTL Seconds After Finished", "ttl_seconds_after_finished"),
    ):
        if spec.HasField(field):
            page.field(name, getattr(spec, field))
    _times(page, status)
    if spec.HasField("active_deadline_seconds"):
        page.field("Active Deadline Seconds", f"{spec.active_deadline_seconds}s")
    ready = f" ({status.ready} Ready)" if status.HasField("ready") else ""
    counts = (
        f"{status.active} Active{ready} / {status.succeeded} Succeeded / {status.failed} Failed"
    )
    page.field("Pods Statuses", counts)
    if spec.completion_mode == "Indexed":
        page.field("Completed Indexes", _indexes(status.completed_indexes))
    pod_template.write(page, spec.template)


async def _replicas(page: Page, item: Any, around: Around) -> None:
    page.labels("Labels", item.metadata.labels)
    page.annotations("Annotations", item.metadata.annotations)
    if item.DESCRIPTOR.name == "ReplicaSet":
        pods.controller(page, item.metadata)
    page.field("Replicas", f"{item.status.replicas} current / {item.spec.replicas} desired")
    await _states(page, item, around)
    pod_template.write(page, item.spec.template)
    if item.status.conditions:
        page.line("Conditions:")
        rows = [(f"{each.type} ", each.status, each.reason) for each in item.status.conditions]
        page.table(("Type", "Status", "Reason"), rows)


async def _states(page: Page, item: Any, around: Around) -> None:
    """Write how many of the pods that an object controls are in which phase."""
    selector = item.spec.selector
    is_map = item.DESCRIPTOR.name == "ReplicationController"
    shown = labels.text(selector) if is_map else labels.selector(selector)
    chosen = await around.all_of("pods", item.metadata.namespace, labels=labels.query(shown))
    phases = [
        pod.status.phase
        for pod in chosen
        if owners.is_controlled_by(pod.metadata, item.metadata.uid)
    ]
    counts = {
        "Running": "Running",
        "Pending": "Waiting",
        "Succeeded": "Succeeded",
        "Failed": "Failed",
    }
    told = (f"{phases.count(phase)} {name}" for phase, name in counts.items())
    page.field("Pods Status", " / ".join(told))


def _claims(page: Page, templates: Any) -> None:
    if not templates:
        page.field("Volume Claims", missing.NONE)
        return
    page.line("Volume Claims:")
    for claim in templates:
        metadata, spec = claim.metadata, claim.spec
        page.field("Name", metadata.name, 1)
        page.field("StorageClass", volumes.storage_class(claim, page.now), 1)
        page.labels("  Labels", metadata.labels)
        page.labels("  Annotations", metadata.annotations)
        page.field("Capacity", spec.resources.requests.get("storage", "<default>"), 1)
        page.field("Access Modes", bracketed(spec.access_modes), 1)


def _times(page: Page, status: Any) -> None:
    started, completed = status.HasField("start_time"), status.HasField("completion_time")
    if started:
        page.field("Start Time", moment(status.start_time))
    if completed:
        page.field("Completed At", moment(status.completion_time))
    if started and completed:
        seconds = status.completion_time.seconds - status.start_time.seconds
        page.field("Duration", durations.human(seconds))


def _indexes(text: str) -> str:
    if not text:
        return missing.NONE
    end = text.find(",", _MOST_INDEXES)
    return text if end < 0 else f"{text[: end + 1]}..."
