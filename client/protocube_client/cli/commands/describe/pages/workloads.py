"""The pages of Deployments and CronJobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube.tables import labels
from protocube.tables.kinds import missing
from protocube_client.cli import owners
from protocube_client.cli.describing import pod_template
from protocube_client.cli.describing.page import given, moment, number_or_text

if TYPE_CHECKING:
    from protocube_client.cli.commands.describe.around import Around
    from protocube_client.cli.describing.page import Page

_REVISION = "deployment.kubernetes.io/revision"


async def deployment(page: Page, item: Any, around: Around) -> None:
    """Write how many replicas there are, how they are replaced, and what they are made of."""
    metadata, spec, status = item.metadata, item.spec, item.status
    page.field("Name", metadata.name)
    page.field("Namespace", metadata.namespace)
    page.field("CreationTimestamp", moment(metadata.creation_timestamp))
    page.labels("Labels", metadata.labels)
    page.annotations("Annotations", metadata.annotations)
    page.field("Selector", labels.selector(spec.selector))
    page.field(
        "Replicas",
        f"{spec.replicas} desired | {status.updated_replicas} updated | {status.replicas} total | "
        f"{status.available_replicas} available | {status.unavailable_replicas} unavailable",
    )
    page.field("StrategyType", spec.strategy.type)
    page.field("MinReadySeconds", spec.min_ready_seconds)
    if spec.strategy.HasField("rolling_update"):
        steps = spec.strategy.rolling_update
        page.field(
            "RollingUpdateStrategy",
            f"{number_or_text(steps.max_unavailable)} max unavailable, "
            f"{number_or_text(steps.max_surge)} max surge",
        )
    pod_template.write(page, spec.template)
    if status.conditions:
        page.line("Conditions:")
        rows = [(f"{each.type} ", each.status, each.reason) for each in status.conditions]
        page.table(("Type", "Status", "Reason"), rows)
    await _replica_sets(page, item, around)


async def cron_job(page: Page, item: Any, _around: Around) -> None:
    """Write when it runs, and what."""
    spec, job = item.spec, item.spec.job_template.spec
    page.head(item.metadata)
    page.field("Schedule", spec.schedule)
    page.field("Concurrency Policy", spec.concurrency_policy)
    page.field("Suspend", str(spec.suspend) if spec.HasField("suspend") else missing.UNSET)
    page.field("Successful Job History Limit", given(spec, "successful_jobs_history_limit"))
    page.field("Failed Job History Limit", given(spec, "failed_jobs_history_limit"))
    page.field("Starting Deadline Seconds", given(spec, "starting_deadline_seconds", "s"))
    has_selector = job.HasField("selector")
    page.field("Selector", labels.selector(job.selector) if has_selector else missing.UNSET)
    page.field("Parallelism", given(job, "parallelism"))
    page.field("Completions", given(job, "completions"))
    if job.HasField("active_deadline_seconds"):
        page.field("Active Deadline Seconds", f"{job.active_deadline_seconds}s")
    pod_template.write(page, job.template)
    last = item.status.last_schedule_time
    scheduled = item.status.HasField("last_schedule_time")
    page.field("Last Schedule Time", moment(last) if scheduled else missing.UNSET)
    active = ", ".join(each.name for each in item.status.active)
    page.field("Active Jobs", active or missing.NONE)


async def _replica_sets(page: Page, item: Any, around: Around) -> None:
    """Write the replica sets that the Deployment controls, the newest revision by itself."""
    metadata = item.metadata
    chosen = await around.all_of(
        "replicasets.apps",
        metadata.namespace,
        labels=labels.query(labels.selector(item.spec.selector)),
    )
    found = [each for each in chosen if owners.is_controlled_by(each.metadata, metadata.uid)]
    if not found:
        return
    found.sort(key=_revision)
    page.field("OldReplicaSets", ", ".join(map(_replica_set, found[:-1])) or missing.NONE)
    page.field("NewReplicaSet", _replica_set(found[-1]))


def _revision(replica_set: Any) -> tuple[int, int]:
    text = replica_set.metadata.annotations.get(_REVISION, "")
    return (int(text) if text.isdecimal() else 0, replica_set.metadata.creation_timestamp.seconds)


def _replica_set(item: Any) -> str:
    count = f"{item.status.replicas}/{item.spec.replicas}"
    return f"{item.metadata.name} ({count} replicas created)"
