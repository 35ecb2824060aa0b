"""What an update may change of a job: how many, and, before it runs, where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube_server.builtin.pods import node_affinity
from protocube_server.kinds import violations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube import errors
    from protocube_server.kinds.named.change import Change, UpdateRule

_WHERE = ("node_selector", "tolerations", "scheduling_gates")


def _job_spec(change: Change) -> Iterator[errors.Violation]:
    old, new = change.old, change.new
    if (old.HasField("completions"), old.completions) != (
        new.HasField("completions"),
        new.completions,
    ):
        if new.completion_mode != "Indexed":
            value = new.completions if new.HasField("completions") else None
            yield violations.invalid("spec.completions", value, "field is immutable")
        elif new.HasField("completions") and new.completions != new.parallelism:
            detail = "can only be modified in tandem with spec.parallelism"
            yield violations.invalid("spec.completions", new.completions, detail)
    if not _waits(change.stored):
        if new.template != old.template:
            yield violations.invalid("spec.template", new.template, "field is immutable")
    elif _without_changeable(new.template, old.template) != old.template:
        yield violations.invalid("spec.template.spec", new.template.spec, "field is immutable")


def _waits(job: Any) -> bool:
    """Tell whether none of the job's pods runs or will run before the job is resumed."""
    stopped = any(
        condition.type == "Suspended" and condition.status == "True"
        for condition in job.status.conditions
    )
    not_running = not job.status.HasField("start_time") or stopped
    return job.spec.suspend and not_running and not job.status.active


def _without_changeable(template: Any, old: Any) -> Any:
    """Return a copy in which what may change while the job is suspended is what it was."""
    kept = type(template)()
    kept.CopyFrom(template)
    for part in ("labels", "annotations"):
        _keep(kept.metadata, old.metadata, part)
    for part in _WHERE:
        _keep(kept.spec, old.spec, part)
    node_affinity.keep(kept.spec, old.spec)
    for lists in ("containers", "init_containers"):
        for one, other in zip(getattr(kept.spec, lists), getattr(old.spec, lists), strict=False):
            if other.HasField("resources"):
                one.resources.CopyFrom(other.resources)
            else:
                one.ClearField("resources")
    return kept


def _keep(message: Any, old: Any, name: str) -> None:
    message.ClearField(name)
    getattr(message, name).MergeFrom(getattr(old, name))


BY_NAME: dict[str, UpdateRule] = {"job_spec": _job_spec}
