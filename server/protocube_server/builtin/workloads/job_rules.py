"""Rules on Jobs: their labels, their selector, and what counts as failed or done."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from protocube_server.builtin.workloads import selectors
from protocube_server.kinds.named.message_rule import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube_server.kinds.named.message_rule import MessageRule

_UID_LABEL = "batch.kubernetes.io/controller-uid"
_NAME_LABEL = "batch.kubernetes.io/job-name"
_UID_LABELS = (_UID_LABEL, "controller-uid")
_NAME_LABELS = (_NAME_LABEL, "job-name")


def _generated_labels(job: Any) -> Iterator[Fault]:
    """The labels and the selector that the server makes are the Job's own."""
    if job.spec.manual_selector:
        return
    labels = job.spec.template.metadata.labels
    for label, expected, rule in (
        (_UID_LABEL, job.metadata.uid, "invalid.controller_uid_label"),
        (_NAME_LABEL, job.metadata.name, "invalid.job_name_label"),
    ):
        if expected and labels.get(label, expected) != expected:
            place = f".spec.template.metadata.labels[{label}]"
            yield Fault(rule=rule, text=f"{place}: must be '{expected}'")
    selected = job.spec.selector.match_labels.items()
    if not all(_is_generated(job, key, value) for key, value in selected):
        text = ".spec.selector: `selector` not auto-generated"
        yield Fault(rule="invalid.generated_selector", text=text)


def _is_generated(job: Any, key: str, value: str) -> bool:
    if key in _UID_LABELS:
        return job.metadata.uid in ("", value)
    return key in _NAME_LABELS and bool(value == job.metadata.name)


def _job_spec(spec: Any) -> Iterator[Fault]:
    """Rules of failure and success speak of what the Job has."""
    asks = spec.manual_selector and spec.HasField("selector")
    if asks and not selectors.fits(spec.selector, spec.template.metadata.labels):
        yield Fault(rule="invalid.template_labels", text=selectors.OTHER_LABELS)
    if spec.pod_failure_policy.rules:
        yield from _failure_rules(spec)
    if spec.HasField("completions"):
        for index, rule in enumerate(spec.success_policy.rules):
            if rule.succeeded_count > spec.completions:
                place = f".successPolicy.rules[{index}].succeededCount"
                most = f"{spec.completions} (the number of specified completions)"
                text = f"{place}: must be less than or equal to {most}"
                yield Fault(rule="invalid.succeeded_count", text=text)
                break


def _failure_rules(spec: Any) -> Iterator[Fault]:
    pod = spec.template.spec
    names = {container.name for container in (*pod.containers, *pod.init_containers)}
    rules = list(enumerate(spec.pod_failure_policy.rules))
    for index, rule in rules:
        codes = rule.on_exit_codes
        if codes.HasField("container_name") and codes.container_name not in names:
            place = f".podFailurePolicy.rules[{index}].onExitCodes.containerName"
            detail = "must be one of the container or initContainer names in the pod template"
            yield Fault(rule="invalid.container_name", text=f"{place}: {detail}")
            break
    if spec.HasField("backoff_limit_per_index"):
        return
    for index, rule in rules:
        if rule.action == "FailIndex":
            place = f".podFailurePolicy.rules[{index}].action"
            text = f"{place}: requires the backoffLimitPerIndex to be set"
            yield Fault(rule="invalid.fail_index", text=text)
            return


def _exit_codes(requirement: Any) -> Iterator[Fault]:
    """Codes rise and differ; 0 is no failure."""
    values = list(requirement.values)
    if requirement.operator == "In" and 0 in values:
        text = f".values[{values.index(0)}]: must not be 0 for the In operator"
        yield Fault(rule="invalid.exit_code", text=text)
    seen: set[int] = set()
    duplicate = None
    for index, value in enumerate(values):
        duplicate = index if value in seen else duplicate
        seen.add(value)
    if duplicate is not None:
        yield Fault(rule="duplicate.exit_code", text=f".values[{duplicate}]: ")
    if not values:
        text = "at least one value is required"
        yield Fault(rule="invalid.exit_codes", text=text, at="values")
    elif any(before > after for before, after in pairwise(dict.fromkeys(values))):
        yield Fault(rule="invalid.exit_codes", text="must be ordered", at="values")


BY_NAME: dict[str, MessageRule] = {
    "exit_codes": _exit_codes,
    "job_generated_labels": _generated_labels,
    "job_spec": _job_spec,
}
