"""What an update may change where a field is neither free nor immutable.

The cases are in ``update_rules.yaml``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.kinds.updating import changed, said, updated

_POD: dict[str, Any] = {
    "metadata": {"name": "p"},
    "spec": {"containers": [{"name": "c", "image": "web:1"}]},
}
_TEMPLATE = {"restartPolicy": "Never", "containers": [{"name": "c", "image": "x:1"}]}
_JOB: dict[str, Any] = {"metadata": {"name": "j"}, "spec": {"template": {"spec": _TEMPLATE}}}


def cases() -> list[Any]:
    """Return the updates as test parameters named by kind and position."""
    return [
        pytest.param(item["kind"], item["stored"], update, id=f"{item['kind']}-{first}-{second}")
        for first, item in enumerate(
            yaml.safe_load(Path(__file__).with_name("update_rules.yaml").read_text())
        )
        for second, update in enumerate(item["updates"])
    ]


@pytest.mark.parametrize(("word", "stored", "update"), cases())
def test_an_update(word: str, stored: dict[str, Any], update: dict[str, Any]) -> None:
    """What may change changes; the one violation else stands where Kubernetes has it."""
    expected = [update["refused"]] if "refused" in update else []
    assert said(word, changed(stored, update["set"]), stored) == expected


def test_a_pod_keeps_the_rest_of_its_spec() -> None:
    """The violation names what may change, and what was."""
    new = changed(_POD, {"spec.hostNetwork": True, "spec.dnsPolicy": "Default"})
    (only,) = said("pods", new, _POD)
    assert only.startswith("spec: Forbidden: pod updates may not change fields other than `spec.")
    assert only.endswith("\nspec.dnsPolicy, spec.hostNetwork changed")


def test_a_job_that_runs_keeps_its_template() -> None:
    """Where its pods run is settled; before they do, their images are."""
    (running,) = said("jobs", changed(_JOB, {"spec.template.spec.nodeSelector": {"a": "b"}}), _JOB)
    assert running.startswith("spec.template: Invalid value: ")
    suspended = changed(_JOB, {"spec.suspend": True})
    other_image = {"spec.template.spec.containers.0.image": "x:2"}
    (waiting,) = said("jobs", changed(suspended, other_image), suspended)
    assert waiting.startswith("spec.template.spec: Invalid value: ")


_OUTWARD: dict[str, Any] = {
    "metadata": {"name": "s"},
    "spec": {
        "type": "LoadBalancer",
        "clusterIP": "10.0.0.1",
        "clusterIPs": ["10.0.0.1"],
        "ports": [{"name": "web", "port": 80, "nodePort": 30080}],
        "externalTrafficPolicy": "Local",
        "healthCheckNodePort": 30081,
        "loadBalancerClass": "example.com/a",
    },
}


@pytest.mark.parametrize("to", ["NodePort", "ClusterIP", "ExternalName"])
def test_a_service_of_another_type_drops_what_that_has_no_use_for(to: str) -> None:
    """Who changes the type alone gets a service of that type."""
    new = changed(_OUTWARD, {"spec.type": to, "spec.externalName": "example.com"})
    assert said("services", new, _OUTWARD) == []


def test_a_service_keeps_what_an_update_leaves_out() -> None:
    """Addresses and ports were chosen once; a manifest does not repeat them."""
    left = {"spec.clusterIP": None, "spec.clusterIPs": None, "spec.healthCheckNodePort": None}
    new = changed(_OUTWARD, left)
    kept = updated("services", changed(new, {"spec.ports.0.nodePort": None}), _OUTWARD)
    assert kept["spec"]["clusterIP"] == "10.0.0.1"
    assert kept["spec"]["clusterIPs"] == ["10.0.0.1"]
    assert kept["spec"]["ports"][0]["nodePort"] == 30080
    assert kept["spec"]["healthCheckNodePort"] == 30081


def _with_ports(*ports: dict[str, Any]) -> dict[str, Any]:
    spec = {"type": "NodePort", "clusterIP": "10.0.0.1", "clusterIPs": ["10.0.0.1"]}
    return {"metadata": {"name": "s"}, "spec": {**spec, "ports": [*ports]}}


@pytest.mark.parametrize(
    ("ports", "expected"),
    [
        ([("web", 80, 0), ("admin", 81, 0)], [30080, 30081]),
        ([("admin", 81, 0), ("web", 80, 0)], [30081, 30080]),
        ([("web", 80, 0), ("admin", 81, 30080)], [None, 30080]),
        ([("web", 80, 30081), ("admin", 81, 0)], [30081, None]),
        ([("web", 80, 30081), ("admin", 81, 30080)], [30081, 30080]),
        ([("web", 80, 0), ("other", 82, 30081)], [30080, 30081]),
        ([("web", 80, 30090), ("admin", 81, 0)], [30090, 30081]),
        ([("other", 80, 0)], [None]),
    ],
)
def test_a_port_of_the_nodes_stays_unless_another_one_takes_it(
    ports: list[tuple[str, int, int]], expected: list[int | None]
) -> None:
    """It is kept by the name of the port, and never given to two of them."""
    stored = _with_ports(
        {"name": "web", "port": 80, "nodePort": 30080},
        {"name": "admin", "port": 81, "nodePort": 30081},
    )
    new = _with_ports(*({"name": name, "port": port, "nodePort": at} for name, port, at in ports))
    found = updated("services", new, stored)["spec"]["ports"]
    assert [port.get("nodePort") for port in found] == expected


def test_what_an_update_changes_itself_is_not_dropped() -> None:
    """Another port of the nodes in a service that has none is a fault, not a leftover."""
    new = changed(_OUTWARD, {"spec.type": "ClusterIP", "spec.ports.0.nodePort": 30090})
    assert said("services", new, _OUTWARD) == [
        "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"
    ]
