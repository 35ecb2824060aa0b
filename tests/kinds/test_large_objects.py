"""Objects of many parts: what a rule costs grows with the object, not with its square."""

from __future__ import annotations

from typing import Any

import pytest

from tests.kinds.updating import UID, said

_SOME, _MANY = 500, 2000
_CONTAINERS = 20


def service(count: int) -> dict[str, Any]:
    """Return a Service of so many ports."""
    ports = [{"name": f"p{i}", "port": 1 + i, "targetPort": f"t{i}"} for i in range(count)]
    return {"metadata": {"name": "s"}, "spec": {"ports": ports}}


def node_port_service(count: int) -> dict[str, Any]:
    """Return a Service that opens so many ports on each node."""
    made = service(count)
    made["spec"]["type"] = "NodePort"
    for index, port in enumerate(made["spec"]["ports"]):
        port["nodePort"] = 30000 + index
    return made


def pod_spec(count: int) -> dict[str, Any]:
    """Return the spec of a pod of so many volumes, mounts and variables in 20 containers."""
    every = range(count)
    containers = [
        {
            "name": f"c{number}",
            "image": "web:1",
            "volumeMounts": [
                {"name": f"v{i}", "mountPath": f"/m{i}"} for i in every[number::_CONTAINERS]
            ],
            "env": [{"name": f"E{i}", "value": "x"} for i in every[number::_CONTAINERS]],
        }
        for number in range(_CONTAINERS)
    ]
    volumes = [{"name": f"v{i}", "configMap": {"name": "c"}} for i in every]
    return {"containers": containers, "volumes": volumes}


def pod(count: int) -> dict[str, Any]:
    """Return a Pod of so many volumes, mounts and variables."""
    return {"metadata": {"name": "p"}, "spec": pod_spec(count)}


def one_container(count: int) -> dict[str, Any]:
    """Return a Pod with all its volumes, mounts and variables in one container."""
    spec = pod_spec(count)
    first = spec["containers"][0]
    for part in ("volumeMounts", "env"):
        first[part] = [item for container in spec["containers"] for item in container[part]]
    return {"metadata": {"name": "p"}, "spec": {**spec, "containers": [first]}}


def job(count: int) -> dict[str, Any]:
    """Return a Job of so many volumes, which four times as many objects own."""
    owner = {"apiVersion": "v1", "kind": "Pod", "name": "o"}
    owners = [{**owner, "uid": f"{UID[:-4]}{i:04d}"} for i in range(4 * count)]
    template = {"spec": {**pod_spec(count), "restartPolicy": "Never"}}
    return {"metadata": {"name": "j", "ownerReferences": owners}, "spec": {"template": template}}


@pytest.mark.parametrize("count", [_SOME, _MANY])
@pytest.mark.parametrize(
    ("kind", "make"),
    [
        ("services", service),
        ("services", node_port_service),
        ("pods", pod),
        ("pods", one_container),
        ("jobs", job),
    ],
)
def test_a_large_object_is_accepted(kind: str, make: Any, count: int) -> None:
    """CEL's evaluators give up after some thousand steps, which this many elements are not."""
    assert said(kind, make(count)) == []


def test_a_large_object_is_refused_for_what_is_wrong_with_it() -> None:
    """The one fault in many parts is found and named."""
    found = service(_MANY)
    found["spec"]["ports"][-1]["port"] = 1
    assert said("services", found) == [f'spec.ports[{_MANY - 1}]: Duplicate value: "1/TCP"']
    found = one_container(_MANY)
    found["spec"]["volumes"].pop()
    last = f"spec.containers[0].volumeMounts[{_MANY - 1}].name"
    assert said("pods", found) == [f'{last}: Not found: "v{_MANY - 1}"']
