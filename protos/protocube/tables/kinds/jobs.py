"""Cells of Jobs and CronJobs."""

from __future__ import annotations

from typing import Any

from protocube.tables import ages, durations, labels
from protocube.tables.kinds import missing, workloads


def status(job: Any, _now: float) -> str:
    """Return the condition that says most; without one the job runs."""
    true = _true_conditions(job)
    for ended in ("Complete", "Failed"):
        if ended in true:
            return ended
    if job.metadata.HasField("deletion_timestamp"):
        return "Terminating"
    for condition in ("Suspended", "FailureTarget", "SuccessCriteriaMet"):
        if condition in true:
            return condition
    return "Running"


def completions(job: Any, _now: float) -> str:
    """Return ``done/wanted``; a job that wants no number shows how many pods share its work."""
    if job.spec.HasField("completions"):
        return f"{job.status.succeeded}/{job.spec.completions}"
    parallelism = job.spec.parallelism
    shared = f" of {parallelism}" if parallelism > 1 else ""
    return f"{job.status.succeeded}/1{shared}"


def duration(job: Any, now: float) -> str:
    """Return how long it took, or takes up to now; nothing when it has not begun."""
    if not job.status.HasField("start_time"):
        return ""
    if not job.status.HasField("completion_time"):
        return ages.since(job.status.start_time, now)
    began, ended = job.status.start_time, job.status.completion_time
    return durations.human((ended.ToNanoseconds() - began.ToNanoseconds()) / 1e9)


def time_zone(cron_job: Any, _now: float) -> str:
    """Return the time zone that the schedule is in."""
    spec = cron_job.spec
    return str(spec.time_zone) if spec.HasField("time_zone") else missing.NONE


def suspended(cron_job: Any, _now: float) -> str:
    """Tell whether no more jobs are made, with a capital letter as kubectl does here."""
    spec = cron_job.spec
    return str(bool(spec.suspend)) if spec.HasField("suspend") else missing.UNSET


def active(cron_job: Any, _now: float) -> str:
    """Count the jobs that run."""
    return str(len(cron_job.status.active))


def cron_containers(cron_job: Any, _now: float) -> str:
    """Return the names of the containers of a CronJob's jobs."""
    return workloads.names(_job(cron_job).template.spec.containers)


def cron_images(cron_job: Any, _now: float) -> str:
    """Return the images of the containers of a CronJob's jobs."""
    return workloads.images(_job(cron_job).template.spec.containers)


def cron_selector(cron_job: Any, _now: float) -> str:
    """Return the selector of a CronJob's jobs."""
    return labels.selector(_job(cron_job).selector)


def _job(cron_job: Any) -> Any:
    return cron_job.spec.job_template.spec


def _true_conditions(job: Any) -> set[str]:
    return {condition.type for condition in job.status.conditions if condition.status == "True"}
