"""What the server fills in and bounds by itself, as Kubernetes' plugins of these names do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.admission.admitted import admitting, refused

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server.caller import Caller


def pod(caller: Caller, name: str = "p", resources: Any = None, **spec: Any) -> Any:
    """Return a pod of one container."""
    container = {"name": "c", "image": "i", "resources": resources or {}}
    return caller.make("pod", name, spec={"containers": [container], **spec})


async def test_a_pod_gets_the_priority_of_its_class(caller: Caller) -> None:
    """Or of the default one; of those there is one, and what a pod says itself must agree."""
    made = await caller.create(pod(caller, "none"))
    assert (made.spec.priority, made.spec.preemption_policy) == (0, "PreemptLowerPriority")
    assert made.spec.HasField("priority")
    await caller.create(caller.make("pc", "high", value=1000, preemptionPolicy="Never"))
    made = await caller.create(pod(caller, "high", priorityClassName="high"))
    assert (made.spec.priority, made.spec.preemption_policy) == (1000, "Never")
    made = await caller.create(pod(caller, "system", priorityClassName="system-node-critical"))
    assert made.spec.priority == 2_000_001_000
    await caller.create(caller.make("pc", "usual", value=7, globalDefault=True))
    made = await caller.create(pod(caller, "usual"))
    assert (made.spec.priority_class_name, made.spec.priority) == ("usual", 7)
    for text, message in {
        'pods "p" is forbidden: no PriorityClass with name nope was found': pod(
            caller, priorityClassName="nope"
        ),
        'pods "p" is forbidden: the integer value of priority (5) must not be provided in pod '
        "spec; priority admission controller computed 7 from the given PriorityClass name": pod(
            caller, priority=5
        ),
        'priorityclasses.scheduling.k8s.io "other" is forbidden: PriorityClass usual is already '
        "marked as default. Only one default can exist": caller.make(
            "pc", "other", value=1, globalDefault=True
        ),
    }.items():
        assert (await refused(caller.create(message))).message == text


async def test_a_pod_stays_on_a_failing_node_for_a_while(caller: Caller) -> None:
    """Unless it says for how long, or that it tolerates everything."""
    made = await caller.create(pod(caller, "plain"))
    assert [(each.key, each.toleration_seconds) for each in made.spec.tolerations] == [
        ("node.kubernetes.io/not-ready", 300),
        ("node.kubernetes.io/unreachable", 300),
    ]
    everything = [{"operator": "Exists"}]
    made = await caller.create(pod(caller, "all", tolerations=everything))
    assert len(made.spec.tolerations) == 1


async def test_limits_of_a_namespace_fill_in_and_bound_containers(caller: Caller) -> None:
    """The annotation tells what was filled in, and each bound has Kubernetes' words."""
    item = {
        "type": "Container",
        "max": {"memory": "1Gi"},
        "min": {"memory": "100Mi"},
        "default": {"memory": "512Mi", "cpu": "1"},
        "defaultRequest": {"cpu": "100m"},
        "maxLimitRequestRatio": {"cpu": "10"},
    }
    await caller.create(caller.make("limits", "l", spec={"limits": [item]}))
    made = await caller.create(pod(caller, "filled"))
    (container,) = made.spec.containers
    assert dict(container.resources.limits) == {"cpu": "1", "memory": "512Mi"}
    assert dict(container.resources.requests) == {"cpu": "100m", "memory": "512Mi"}
    assert made.metadata.annotations["kubernetes.io/limit-ranger"] == (
        "LimitRanger plugin set: cpu, memory request for container c; cpu, memory limit for "
        "container c"
    )
    assert made.status.qos_class == "Burstable"
    for text, resources in {
        "maximum memory usage per Container is 1Gi, but limit is 1536Mi": {
            "limits": {"memory": "1536Mi"}
        },
        "minimum memory usage per Container is 100Mi, but request is 50Mi": {
            "requests": {"memory": "50Mi"}
        },
        "cpu max limit to request ratio per Container is 10, but provided ratio is 20.000000": {
            "requests": {"cpu": "50m"}
        },
        "[minimum memory usage per Container is 100Mi, but request is 50Mi, "
        "maximum memory usage per Container is 1Gi, but limit is 2Gi]": {
            "requests": {"memory": "50Mi"},
            "limits": {"memory": "2Gi"},
        },
    }.items():
        error = await refused(caller.create(pod(caller, "p", resources)))
        assert error.message == f'pods "p" is forbidden: {text}'


async def test_limits_of_whole_pods_and_of_claims(caller: Caller) -> None:
    """Of a pod all containers count together; a claim is looked at when it changes, too."""
    items = [
        {"type": "Pod", "max": {"cpu": "1"}},
        {"type": "PersistentVolumeClaim", "min": {"storage": "1Gi"}, "max": {"storage": "2Gi"}},
    ]
    await caller.create(caller.make("limits", "l", spec={"limits": items}))
    two = pod(caller, "p", {"limits": {"cpu": "600m"}})
    two.spec.containers.add().CopyFrom(two.spec.containers[0])
    two.spec.containers[1].name = "d"
    error = await refused(caller.create(two))
    said = "maximum cpu usage per Pod is 1, but limit is 1200m"
    assert error.message == f'pods "p" is forbidden: {said}'
    error = await refused(caller.create(pod(caller)))
    said = "maximum cpu usage per Pod is 1, but no limit is specified"
    assert error.message == f'pods "p" is forbidden: {said}'
    resources = {"requests": {"storage": "3Gi"}}
    spec = {"accessModes": ["ReadWriteOnce"], "resources": resources}
    error = await refused(caller.create(caller.make("pvc", "c", spec=spec)))
    assert error.message == (
        'persistentvolumeclaims "c" is forbidden: '
        "maximum storage usage per PersistentVolumeClaim is 2Gi, but request is 3Gi"
    )


async def test_claims_and_ingresses_get_the_default_class(caller: Caller) -> None:
    """The newest of those that an annotation marks; none when they name one themselves."""
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    made = await caller.create(caller.make("pvc", "before", spec=spec))
    assert not made.spec.HasField("storage_class_name")
    marked = {"annotations": {"storageclass.kubernetes.io/is-default-class": "true"}}
    await caller.create(caller.make("sc", "fast", metadata=marked, provisioner="x"))
    made = await caller.create(caller.make("pvc", "behind", spec=spec))
    assert made.spec.storage_class_name == "fast"
    made = await caller.create(caller.make("pvc", "own", spec={**spec, "storageClassName": ""}))
    assert made.spec.storage_class_name == ""
    marked = {"annotations": {"ingressclass.kubernetes.io/is-default-class": "true"}}
    controller = {"controller": "x.y/z"}
    await caller.create(caller.make("ingressclass", "in", metadata=marked, spec=controller))
    backend = {"service": {"name": "s", "port": {"number": 80}}}
    made = await caller.create(caller.make("ing", "i", spec={"defaultBackend": backend}))
    assert made.spec.ingress_class_name == "in"


async def test_a_runtime_class_fills_in_and_must_be_there(caller: Caller) -> None:
    """Its overhead and where it is; an overhead without a class is refused."""
    await caller.create(
        caller.make(
            "runtimeclass",
            "kata",
            handler="h",
            overhead={"podFixed": {"cpu": "250m"}},
            scheduling={"nodeSelector": {"rt": "kata"}},
        )
    )
    made = await caller.create(pod(caller, "p", runtimeClassName="kata"))
    assert dict(made.spec.overhead) == {"cpu": "250m"}
    assert dict(made.spec.node_selector) == {"rt": "kata"}
    for text, message in {
        'pod rejected: RuntimeClass "nope" not found': pod(caller, runtimeClassName="nope"),
        "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead": pod(
            caller, overhead={"cpu": "1"}
        ),
        "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead": pod(
            caller, runtimeClassName="kata", overhead={"cpu": "1"}
        ),
    }.items():
        assert (await refused(caller.create(message))).message == f'pods "p" is forbidden: {text}'


async def test_a_new_node_is_tainted(caller: Caller) -> None:
    """It takes pods when it has said that it is ready: its taint goes then."""
    made = await caller.create(caller.make("node", "n"))
    assert [(each.key, each.effect) for each in made.spec.taints] == [
        ("node.kubernetes.io/not-ready", "NoSchedule")
    ]
    del made.spec.taints[:]
    assert not (await caller.update(made)).spec.taints


async def test_what_the_server_fills_in_belongs_to_nobody(caller: Caller) -> None:
    """So that others can apply it without a conflict."""
    await caller.create(pod(caller), field_manager="one")
    found = await caller.get("pod", "p", include_managed_fields=True)
    (entry,) = found.metadata.managed_fields
    text = str(entry.fields_v1)
    assert "f:priority" not in text
    assert "f:tolerations" not in text
    assert "f:containers" in text


async def test_plugins_can_be_switched(tmp_path: Path) -> None:
    """By their names in Kubernetes; the account of pods is off unless it is wanted."""
    chosen: dict[str, Any] = {
        "admission_on": frozenset({"ServiceAccount"}),
        "admission_off": frozenset({"Priority", "DefaultTolerationSeconds"}),
    }
    async with admitting(tmp_path, **chosen) as caller:
        made = await caller.create(pod(caller))
        assert not made.spec.HasField("priority")
        assert not made.spec.tolerations
        assert made.spec.service_account_name == "default"
