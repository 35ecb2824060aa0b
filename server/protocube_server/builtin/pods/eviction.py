"""Pods and their disruption budgets: Kubernetes' ``registry/core/pod/storage/eviction.go``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube_server.builtin.pods import conditions as pod_conditions
from protocube_server.builtin.pods import phases
from protocube_server.builtin.workloads import selectors
from protocube_server.kinds import conditions

if TYPE_CHECKING:
    from datetime import datetime

    from protocube_server.kinds.named.eviction import Eviction

_MOST_DISRUPTED = 2000
"""Pods that a budget may list: beyond it nobody seems to look at them."""
_BUDGET = "poddisruptionbudget"
_REFUSED = "Cannot evict pod as it would violate the pod's disruption budget."
_CAUSE = "DisruptionBudget"
_ALLOWED = "DisruptionAllowed"
_SYNC_FAILED = "SyncFailed"
_RETRY_SECONDS = 10.0


class _Pods:
    """See :class:`~protocube_server.kinds.named.eviction.Eviction`."""

    budgets = "protocube.policy.v1.PodDisruptionBudget"

    def is_free(self, message: Any) -> bool:
        """A pod that does not run, or ends, disrupts nothing any more."""
        return self.has_ended(message) or message.status.phase == "Pending"

    def has_ended(self, message: Any) -> bool:
        """A pod that ends never runs again."""
        is_ending: bool = message.metadata.HasField("deletion_timestamp")
        return is_ending or message.status.phase in phases.ENDED

    def is_guarded(self, message: Any, budget: Any) -> bool:
        """No selector takes no pods, an empty one takes all."""
        has_selector: bool = budget.spec.HasField("selector")
        return has_selector and selectors.fits(budget.spec.selector, message.metadata.labels)

    def is_counted(self, message: Any, budget: Any) -> bool:
        """A pod that is not ready counts while its budget has not enough others that are."""
        if pod_conditions.is_true(message, "Ready"):
            return True
        if budget.spec.unhealthy_pod_eviction_policy == "AlwaysAllow":
            return False
        status = budget.status
        has_enough = status.current_healthy >= status.desired_healthy > 0
        return not has_enough

    def take(self, message: Any, budget: Any, now: datetime) -> None:
        """One pod less may be disrupted, and this one is."""
        name, status = budget.metadata.name, budget.status
        if status.observed_generation < budget.metadata.generation:
            raise self.unsettled(budget)
        if status.disruptions_allowed < 0:
            raise errors.forbidden(_BUDGET, name, "pdb disruptions allowed is negative")
        if len(status.disrupted_pods) > _MOST_DISRUPTED:
            why = "DisruptedPods map too big - too many evictions not confirmed by PDB controller"
            raise errors.forbidden(_BUDGET, name, why)
        if status.disruptions_allowed == 0:
            raise _refusal(_why_none(budget))
        status.disruptions_allowed -= 1
        if status.disruptions_allowed == 0:
            _allow_no_more(status, now)
        status.disrupted_pods[message.metadata.name].FromSeconds(int(now.timestamp()))

    def unsettled(self, budget: Any) -> errors.TooManyRequests:
        """The controller of budgets has not seen this one, or the pod, as it is now."""
        name = budget.metadata.name
        text = f"The disruption budget {name} is still being processed by the server."
        return _refusal(text, retry_after=_RETRY_SECONDS)

    def mark(self, message: Any, now: datetime) -> None:
        """Its controller can tell an eviction from a failure."""
        pod_conditions.settle(
            message,
            "DisruptionTarget",
            now,
            reason="EvictionByEvictionAPI",
            message="Eviction API: evicting",
        )


def _refusal(text: str, retry_after: float | None = None) -> errors.TooManyRequests:
    cause = errors.Violation(field="", reason=_CAUSE, message=text)
    return errors.TooManyRequests(_REFUSED, violations=[cause], retry_after=retry_after)


def _why_none(budget: Any) -> str:
    """Return why a budget allows no disruption, in Kubernetes' words."""
    begin, status = f"The disruption budget {budget.metadata.name}", budget.status
    not_allowed = f"{begin} does not allow evicting pods currently"
    told = [item for item in status.conditions if item.type == _ALLOWED]
    told = [item for item in told if item.status == "False" and item.message]
    if told and told[0].reason == _SYNC_FAILED:
        # The counts are not to be trusted then.
        return f"{not_allowed} because it failed sync: {told[0].message}"
    if status.current_healthy <= status.desired_healthy:
        needs, has = status.desired_healthy, status.current_healthy
        return f"{begin} needs {needs} healthy pods and has {has} currently"
    if told:
        return f"{not_allowed} ({told[0].reason}): {told[0].message}"
    return not_allowed


def _allow_no_more(status: Any, now: datetime) -> None:
    """Let the conditions of a budget say that it is used up."""
    condition = conditions.settle(
        status, _ALLOWED, conditions.FALSE, now, reason="InsufficientPods"
    )
    condition.observed_generation = status.observed_generation


BY_NAME: dict[str, Eviction] = {"pod": _Pods()}
"""What the option ``eviction`` of a resource can name."""
