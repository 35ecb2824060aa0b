"""Evict: a pod goes if its disruption budget allows that."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors
from protocube.meta.v1 import requests_pb2
from protocube.policy.v1 import eviction_requests_pb2

if TYPE_CHECKING:
    from tests.server.caller import Caller
    from tests.server.repeating import Served

REFUSED = r"^Cannot evict pod as it would violate the pod's disruption budget.$"
NOT_ALLOWED = "The disruption budget b does not allow evicting pods currently"
READY = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}
UNREADY = {"phase": "Running", "conditions": [{"type": "Ready", "status": "False"}]}


async def _pod(api: Caller, name: str = "p", status: Any = READY, **metadata: Any) -> Any:
    """Make a pod of the budgets below, on a node, with this status."""
    labels = {"app": "a", **metadata.pop("labels", {})}
    spec = {"containers": [{"name": "c", "image": "i"}], "nodeName": "n"}
    message = api.make("pods", name, spec=spec, metadata={"labels": labels, **metadata})
    made = await api.create(message)
    told = api.make("pods", name, status=status)
    made.status.CopyFrom(told.status)
    return await api.write("UpdateStatus", made)


async def _budget(api: Caller, name: str = "b", spec: Any = None, **status: Any) -> Any:
    """Make a budget of all pods with the label, with this status."""
    spec = {"minAvailable": 1, "selector": {"matchLabels": {"app": "a"}}, **(spec or {})}
    made = await api.create(api.make("pdb", name, spec=spec))
    status = {"observedGeneration": str(made.metadata.generation), **status}
    made.status.CopyFrom(api.make("pdb", name, status=status).status)
    return await api.write("UpdateStatus", made)


async def _evict(api: Caller, name: str = "p", options: Any = None, **fields: Any) -> Any:
    request = eviction_requests_pb2.EvictRequest(**fields)
    request.object.metadata.name = name
    if options is not None:
        request.object.delete_options.CopyFrom(requests_pb2.DeleteOptions(**options))
    reply = await api.send("/protocube.core.v1.Pods/Evict", request.SerializeToString())
    return api.resource("pods").message_class.FromString(reply.body)


async def _names(api: Caller) -> list[str]:
    """Return the pods that are not being deleted."""
    items = (await api.list("pods")).items
    return [
        each.metadata.name for each in items if not each.metadata.HasField("deletion_timestamp")
    ]


async def test_a_budget_is_spent_and_then_refuses(served: Served) -> None:
    """An eviction takes one disruption and is recorded; without one left it is refused."""
    api = served.caller
    await _budget(api, disruptionsAllowed=1, currentHealthy=2, desiredHealthy=1)
    for name in ("p", "q"):
        await _pod(api, name)
    evicted = await _evict(api)
    assert evicted.metadata.deletion_grace_period_seconds == 30
    (target,) = [each for each in evicted.status.conditions if each.type == "DisruptionTarget"]
    assert (target.status, target.reason) == ("True", "EvictionByEvictionAPI")
    budget = await api.get("pdb", "b")
    assert budget.status.disruptions_allowed == 0
    assert list(budget.status.disrupted_pods) == ["p"]
    (allowed,) = budget.status.conditions
    assert (allowed.type, allowed.status) == ("DisruptionAllowed", "False")
    assert allowed.reason == "InsufficientPods"
    with pytest.raises(errors.TooManyRequests, match=REFUSED) as refused:
        await _evict(api, "q")
    (cause,) = refused.value.violations
    assert cause.reason == "DisruptionBudget"
    assert cause.message == NOT_ALLOWED
    assert refused.value.retry_after is None
    assert await _names(api) == ["q"]


async def test_of_many_evictions_no_more_succeed_than_are_allowed(served: Served) -> None:
    """A budget that others spend meanwhile is read again."""
    api = served.caller
    await _budget(api, disruptionsAllowed=3, currentHealthy=6, desiredHealthy=3)
    names = [f"p{number}" for number in range(6)]
    for name in names:
        await _pod(api, name)
    found = await asyncio.gather(*(_evict(api, name) for name in names), return_exceptions=True)
    refused = [each for each in found if isinstance(each, errors.TooManyRequests)]
    assert len(refused) == 3
    assert len(await _names(api)) == 3
    assert len((await api.get("pdb", "b")).status.disrupted_pods) == 3


async def test_a_dry_run_asks_the_budget_and_changes_nothing(api: Caller) -> None:
    """It may be asked for in the request, and in the options of the deletion."""
    await _budget(api, disruptionsAllowed=1, currentHealthy=2, desiredHealthy=1)
    before = await _pod(api)
    await _evict(api, dry_run=True)
    await _evict(api, options={"dry_run": True})
    assert await api.get("pods", "p") == before
    assert (await api.get("pdb", "b")).status.disruptions_allowed == 1
    await _pod(api, "q")
    await _evict(api)
    with pytest.raises(errors.TooManyRequests, match=REFUSED):
        await _evict(api, "q", dry_run=True)


async def test_several_budgets_are_not_supported(api: Caller) -> None:
    """Kubernetes has no answer to which of them is spent, and says so."""
    await _budget(api, "b", disruptionsAllowed=1)
    await _budget(api, "c", disruptionsAllowed=1)
    await _pod(api)
    text = (
        "^This pod has more than one PodDisruptionBudget, which the eviction subresource does not"
    )
    with pytest.raises(errors.Internal, match=text):
        await _evict(api)
    assert await _names(api) == ["p"]


@pytest.mark.parametrize("phase", ["Pending", "Succeeded", "Failed"])
async def test_a_pod_that_does_not_run_needs_no_budget(api: Caller, phase: str) -> None:
    """It disrupts nothing, so the budget is neither asked nor spent."""
    await _budget(api, disruptionsAllowed=0)
    await _pod(api, status={"phase": phase})
    await _evict(api)
    assert await _names(api) == []
    assert not (await api.get("pdb", "b")).status.disrupted_pods


async def test_a_pod_of_no_budget_is_deleted(api: Caller) -> None:
    """So is one of another label; the options are those of a deletion."""
    await _budget(api, disruptionsAllowed=0)
    await _pod(api, labels={"app": "other"})
    with pytest.raises(errors.Conflict, match="the UID in the precondition"):
        await _evict(api, options={"preconditions": requests_pb2.Preconditions(uid="x")})
    await _evict(api, options={"grace_period_seconds": 0})
    with pytest.raises(errors.NotFound, match=r'^pods "p" not found$'):
        await _evict(api)


@pytest.mark.parametrize(
    ("spec", "status", "left"),
    [
        ({}, {"currentHealthy": 2, "desiredHealthy": 1}, []),
        ({}, {"currentHealthy": 0, "desiredHealthy": 1}, ["p"]),
        ({}, {"currentHealthy": 0, "desiredHealthy": 0}, ["p"]),
        ({"unhealthyPodEvictionPolicy": "AlwaysAllow"}, {"desiredHealthy": 1}, []),
        ({"unhealthyPodEvictionPolicy": "IfHealthyBudget"}, {"desiredHealthy": 1}, ["p"]),
    ],
)
async def test_a_pod_that_is_not_ready(
    api: Caller, spec: Any, status: Any, left: list[str]
) -> None:
    """It goes without spending while enough others are healthy, or where the policy lets it."""
    await _budget(api, spec=spec, disruptionsAllowed=0, **status)
    await _pod(api, status=UNREADY)
    if not left:
        await _evict(api)
    else:
        with pytest.raises(errors.TooManyRequests, match=REFUSED):
            await _evict(api)
    assert await _names(api) == left


@pytest.mark.parametrize(
    ("status", "cause"),
    [
        (
            {"currentHealthy": 3, "desiredHealthy": 3},
            "The disruption budget b needs 3 healthy pods and has 3 currently",
        ),
        (
            {"currentHealthy": 4, "desiredHealthy": 3},
            NOT_ALLOWED,
        ),
        (
            {"conditions": [("SyncFailed", "hoge")]},
            f"{NOT_ALLOWED} because it failed sync: hoge",
        ),
        (
            {"currentHealthy": 4, "desiredHealthy": 3, "conditions": [("Why", "hoge")]},
            f"{NOT_ALLOWED} (Why): hoge",
        ),
        (
            {"observedGeneration": "0"},
            "The disruption budget b is still being processed by the server.",
        ),
    ],
)
async def test_a_refusal_tells_why(api: Caller, status: Any, cause: str) -> None:
    """The words are Kubernetes'; what will pass by itself names a delay."""
    conditions = [
        {
            "type": "DisruptionAllowed",
            "status": "False",
            "reason": reason,
            "message": message,
            "lastTransitionTime": "2026-01-01T00:00:00Z",
        }
        for reason, message in status.get("conditions", ())
    ]
    await _budget(api, **{"disruptionsAllowed": 0, **status, "conditions": conditions})
    await _pod(api)
    with pytest.raises(errors.TooManyRequests, match=REFUSED) as refused:
        await _evict(api)
    assert [each.message for each in refused.value.violations] == [cause]
    assert refused.value.retry_after == (10.0 if "still" in cause else None)


async def test_a_repeated_eviction_is_answered_and_not_repeated(served: Served) -> None:
    """With a request id the budget is spent once."""
    api = served.caller
    await _budget(api, disruptionsAllowed=2, currentHealthy=3, desiredHealthy=1)
    await _pod(api)
    first = await _evict(api, request_id="r")
    assert await _evict(api, request_id="r") == first
    assert (await api.get("pdb", "b")).status.disruptions_allowed == 1


async def test_an_object_of_another_type_is_refused(api: Caller) -> None:
    """The type may be left out."""
    request = eviction_requests_pb2.EvictRequest()
    request.object.metadata.name = "p"
    request.object.kind = "Pod"
    with pytest.raises(errors.BadRequest, match="does not match the expected kind"):
        await api.send("/protocube.core.v1.Pods/Evict", request.SerializeToString())
