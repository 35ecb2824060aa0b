"""Kinds with several served versions: one form is stored, and nothing is lost between them."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors

if TYPE_CHECKING:
    from tests.server.caller import Caller

OLD, NEW = "hpa.v1.autoscaling", "hpa.v2.autoscaling"
TARGET = {"kind": "Deployment", "name": "web", "apiVersion": "apps/v1"}


def autoscaler(**spec: Any) -> dict[str, Any]:
    """Return the fields of an autoscaler."""
    return {"spec": {"scaleTargetRef": TARGET, "maxReplicas": 5, **spec}}


async def test_an_old_version_is_read_as_the_new_one(api: Caller) -> None:
    """What version 1 says of the processors is a metric of version 2."""
    made = api.make(OLD, "web", **autoscaler(targetCPUUtilizationPercentage=70))
    created = await api.create(made)
    assert created.api_version == "autoscaling/v1"
    read = await api.get(NEW, "web")
    assert read.api_version == "autoscaling/v2"
    assert [metric.resource.target.average_utilization for metric in read.spec.metrics] == [70]
    assert read.metadata.resource_version == created.metadata.resource_version


async def test_an_update_through_the_old_version_keeps_what_it_cannot_say(api: Caller) -> None:
    """Metrics and behaviour of version 2 travel through version 1 in annotations."""
    metric = {
        "type": "Pods",
        "pods": {
            "metric": {"name": "queue"},
            "target": {"type": "AverageValue", "averageValue": "4"},
        },
    }
    behavior = {"scaleDown": {"selectPolicy": "Disabled"}}
    await api.create(api.make(NEW, "web", **autoscaler(metrics=[metric], behavior=behavior)))
    before = await api.get(NEW, "web")
    old = await api.get(OLD, "web")
    assert not old.spec.HasField("target_cpu_utilization_percentage")
    old.spec.max_replicas = 9
    await api.update(old)
    after = await api.get(NEW, "web")
    assert after.spec.max_replicas == 9
    after.spec.max_replicas = before.spec.max_replicas
    assert after.spec == before.spec
    assert not after.metadata.annotations


async def test_an_update_through_the_old_version_keeps_every_metric(api: Caller) -> None:
    """The processors' metric, which version 1 has a field for, stays beside those it has none for.

    So do the figures that were measured.
    """
    cpu = {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 60}}
    memory = {"name": "memory", "target": {"type": "AverageValue", "averageValue": "1Gi"}}
    metrics = [{"type": "Resource", "resource": item} for item in (cpu, memory)]
    await api.create(api.make(NEW, "web", **autoscaler(metrics=metrics)))
    before = await api.get(NEW, "web")
    for name, utilization in (("memory", None), ("cpu", 70)):
        measured = before.status.current_metrics.add(type="Resource")
        measured.resource.name = name
        measured.resource.current.average_value = "1"
        if utilization is not None:
            measured.resource.current.average_utilization = utilization
    before = await api.write("UpdateStatus", before)
    old = await api.get(OLD, "web")
    assert old.spec.target_cpu_utilization_percentage == 60
    assert old.status.current_cpu_utilization_percentage == 70
    old.metadata.labels["a"] = "b"
    await api.update(old)
    await api.write("UpdateStatus", await api.get(OLD, "web"))
    after = await api.get(NEW, "web")
    assert (after.spec, after.status) == (before.spec, before.status)


async def test_an_annotation_that_is_no_metric_is_refused(api: Caller) -> None:
    """Text that cannot become version 2's form is named, not dropped."""
    made = api.make(OLD, "web", **autoscaler())
    made.metadata.annotations["autoscaling.alpha.kubernetes.io/metrics"] = "[{]"
    with pytest.raises(errors.BadRequest, match=r"annotations\[autoscaling.alpha.kubernetes.io/m"):
        await api.create(made)


async def test_both_versions_are_one_object(api: Caller) -> None:
    """A name that is taken in one version is taken in the other, and a deletion counts for both."""
    await api.create(api.make(OLD, "web", **autoscaler()))
    with pytest.raises(errors.AlreadyExists):
        await api.create(api.make(NEW, "web", **autoscaler()))
    await api.delete(NEW, "web")
    with pytest.raises(errors.NotFound):
        await api.get(OLD, "web")


async def test_a_list_is_of_the_version_that_was_asked(api: Caller) -> None:
    """Items and list carry the version of the service that was called."""
    await api.create(api.make(NEW, "web", **autoscaler()))
    for word, version in ((OLD, "autoscaling/v1"), (NEW, "autoscaling/v2")):
        listed = await api.list(word)
        assert listed.api_version == version
        assert [item.api_version for item in listed.items] == [version]


async def test_an_event_is_read_through_both_groups(api: Caller) -> None:
    """What the core group calls message, events.k8s.io calls note."""
    about = {"kind": "Pod", "name": "web", "namespace": "default"}
    made = api.make("events", "web.1", involvedObject=about, message="pulled", reason="Pulled")
    await api.create(made)
    read = await api.get("events.v1.events.k8s.io", "web.1")
    assert (read.note, read.regarding.name, read.reason) == ("pulled", "web", "Pulled")
    assert read.api_version == "events.k8s.io/v1"


async def test_a_watch_is_of_the_version_that_was_asked(api: Caller) -> None:
    """A watcher of the old version sees a write through the new one, in its own form."""
    start = (await api.list(OLD)).metadata.resource_version
    await api.create(api.make(NEW, "web", **autoscaler()))
    async with aclosing(api.watch(OLD, resource_version=start)) as responses:
        response = await anext(responses)
    assert [event.object.api_version for event in response.events] == ["autoscaling/v1"]
    assert response.events[0].object.spec.target_cpu_utilization_percentage == 80
