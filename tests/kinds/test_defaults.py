"""Defaults: constants from options, and those that depend on other fields."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from google.protobuf import json_format

from protocube.catalog import Catalog
from protocube_server.builtin import quantities
from protocube_server.builtin.functions import FUNCTIONS
from protocube_server.kinds.defaults import Defaults


def filled(word: str, **fields: Any) -> dict[str, Any]:
    """Return the JSON form of an object after its defaults."""
    resource = Catalog.shipped().find(word)
    assert resource is not None
    message = json_format.ParseDict(fields, resource.message_class())
    defaults = Defaults(resource.descriptor, FUNCTIONS)
    defaults.apply(message)
    once = json_format.MessageToDict(message)
    defaults.apply(message)
    assert json_format.MessageToDict(message) == once, "defaults of defaults change nothing"
    return once


def container(**fields: Any) -> dict[str, Any]:
    """Return the only container of a pod after defaults."""
    spec = {"containers": [{"name": "c", **fields}]}
    found: dict[str, Any] = filled("pods", spec=spec)["spec"]["containers"][0]
    return found


def test_constants_fill_what_is_not_set() -> None:
    """A pod gets what Kubernetes gives it."""
    spec = filled("pods", spec={"containers": [{"name": "c", "image": "x"}]})["spec"]
    assert spec["restartPolicy"] == "Always"
    assert spec["dnsPolicy"] == "ClusterFirst"
    assert spec["schedulerName"] == "default-scheduler"
    assert spec["terminationGracePeriodSeconds"] == "30"
    assert spec["containers"][0]["terminationMessagePath"] == "/dev/termination-log"


def test_constants_leave_what_is_set() -> None:
    """A zero that is said is kept where the schema tells it from nothing."""
    given = {"terminationGracePeriodSeconds": "0", "restartPolicy": "Never", "containers": []}
    spec = filled("pods", spec=given)["spec"]
    assert spec["terminationGracePeriodSeconds"] == "0"
    assert spec["restartPolicy"] == "Never"


def test_parts_that_are_not_there_stay_away() -> None:
    """Defaults below a message that is not set do not create it."""
    assert "livenessProbe" not in container(image="x")
    probe = container(image="x", livenessProbe={"httpGet": {"port": 80}})["livenessProbe"]
    assert probe["periodSeconds"] == 10
    assert probe["httpGet"]["scheme"] == "HTTP"


@pytest.mark.parametrize(
    ("image", "policy"),
    [
        ("nginx", "Always"),
        ("nginx:latest", "Always"),
        ("nginx:1.2", "IfNotPresent"),
        ("registry.example:5000/nginx", "Always"),
        ("registry.example:5000/nginx:1", "IfNotPresent"),
        ("nginx@sha256:0123", "IfNotPresent"),
        ("nginx:latest@sha256:0123", "Always"),
    ],
)
def test_an_image_that_can_change_is_pulled_always(image: str, policy: str) -> None:
    """The policy follows from the tag, as in Kubernetes."""
    assert container(image=image)["imagePullPolicy"] == policy


def test_a_pull_policy_that_is_set_is_kept() -> None:
    """A person knows better; without an image there is nothing to say."""
    assert container(image="nginx", imagePullPolicy="Never")["imagePullPolicy"] == "Never"
    assert "imagePullPolicy" not in container()


def test_string_data_becomes_data() -> None:
    """Write-only text replaces bytes of the same key and is not kept."""
    secret = filled("secrets", data={"a": "b2xk", "b": "a2VwdA=="}, stringData={"a": "new"})
    assert secret["data"] == {"a": "bmV3", "b": "a2VwdA=="}
    assert "stringData" not in secret
    assert secret["type"] == "Opaque"


def test_a_volume_is_a_folder_by_default() -> None:
    """A volume without a source is an ``emptyDir``; one with a source is left."""
    volumes = [{"name": "a"}, {"name": "b", "hostPath": {"path": "/x"}}]
    spec = filled("pods", spec={"containers": [], "volumes": volumes})["spec"]
    assert "emptyDir" in spec["volumes"][0]
    assert "emptyDir" not in spec["volumes"][1]


def test_limits_are_requests_by_default() -> None:
    """In a pod a limit without a request is the request, too; a template keeps what it says."""
    resources = {"limits": {"cpu": "1", "memory": "2"}, "requests": {"cpu": "500m"}}
    assert container(image="x", resources=resources)["resources"]["requests"] == {
        "cpu": "500m",
        "memory": "2",
    }
    template = {"spec": {"containers": [{"name": "c", "resources": resources}]}}
    kept = filled("deployments", spec={"template": template})["spec"]["template"]["spec"]
    assert kept["containers"][0]["resources"]["requests"] == {"cpu": "500m"}


@pytest.mark.parametrize("on_host", [True, False])
def test_ports_on_the_hosts_network_are_the_hosts(*, on_host: bool) -> None:
    """With ``hostNetwork`` a port is open on the node."""
    ports = [{"containerPort": 80}, {"containerPort": 81, "hostPort": 9}]
    spec = {"hostNetwork": on_host, "containers": [{"name": "c", "ports": ports}]}
    found = filled("pods", spec=spec)["spec"]["containers"][0]["ports"]
    assert [port.get("hostPort") for port in found] == [80 if on_host else None, 9]


def test_steps_are_for_rolling_updates() -> None:
    """A rolling update goes by a quarter; a strategy without steps gets none."""
    strategy = filled("deployments", spec={})["spec"]["strategy"]
    assert strategy == {
        "type": "RollingUpdate",
        "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"},
    }
    spec = {"strategy": {"type": "Recreate"}}
    assert filled("deployments", spec=spec)["spec"]["strategy"] == {"type": "Recreate"}


FULL = {"cpu": "1", "memory": "1Gi"}


@pytest.mark.parametrize(
    ("containers", "expected"),
    [
        ([{}], "BestEffort"),
        ([{"requests": {"cpu": "0"}}], "BestEffort"),
        ([{"requests": {"example.com/gpu": "1"}}], "BestEffort"),
        ([{"limits": FULL}], "Guaranteed"),
        ([{"limits": FULL, "requests": {"cpu": "1000m", "memory": "1024Mi"}}], "Guaranteed"),
        ([{"limits": FULL, "requests": {"cpu": "999m"}}], "Burstable"),
        ([{"limits": {"cpu": "1"}}], "Burstable"),
        ([{"requests": {"cpu": "1"}}], "Burstable"),
        ([{"limits": FULL}, {}], "Burstable"),
        ([{"limits": FULL}, {"limits": FULL}], "Guaranteed"),
        ([{"limits": {"cpu": "what"}}], "BestEffort"),
    ],
)
def test_quality_of_service_follows_from_resources(
    containers: list[dict[str, Any]], expected: str
) -> None:
    """Guaranteed, Burstable and BestEffort are told apart as in Kubernetes."""
    spec = {
        "containers": [
            {"name": f"c{index}", "resources": resources}
            for index, resources in enumerate(containers)
        ]
    }
    assert filled("pods", spec=spec)["status"]["qosClass"] == expected


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", Fraction(1)),
        ("0.5", Fraction(1, 2)),
        (".5", Fraction(1, 2)),
        ("5.", Fraction(5)),
        ("-1", Fraction(-1)),
        ("+1k", Fraction(1000)),
        ("100m", Fraction(1, 10)),
        ("1u", Fraction(1, 10**6)),
        ("1n", Fraction(1, 10**9)),
        ("1.5Gi", Fraction(3 * 2**29)),
        ("1E", Fraction(10**18)),
        ("1Ei", Fraction(2**60)),
        ("1e3", Fraction(1000)),
        ("1E-3", Fraction(1, 1000)),
        ("12M", Fraction(12_000_000)),
    ],
)
def test_quantities_are_numbers(text: str, number: Fraction) -> None:
    """All suffixes and exponents are exact."""
    assert quantities.parse(text) == number


@pytest.mark.parametrize("text", ["", "x", "1x", "1 Gi", "1ki", "1e", "1e3k", "--1", ".", "\u0661"])
def test_what_is_no_quantity_is_none(text: str) -> None:
    """Validation says what is wrong; a default is not computed from it."""
    assert quantities.parse(text) is None


@pytest.mark.parametrize(("given", "expected"), [(-5, "1"), (0, "0"), (None, "30")])
def test_no_pod_ends_before_it_is_asked_to(given: int | None, expected: str) -> None:
    """Less than no time is one second in a pod; a template keeps what it was given."""
    spec: dict[str, Any] = {"containers": []}
    if given is not None:
        spec["terminationGracePeriodSeconds"] = given
    assert filled("pods", spec=spec)["spec"]["terminationGracePeriodSeconds"] == expected
    template = filled("podtemplates", template={"spec": spec})["template"]["spec"]
    kept = expected if given is None else str(given)
    assert template["terminationGracePeriodSeconds"] == kept


@pytest.mark.parametrize(
    ("one", "ranges", "expected"),
    [
        ("10.0.0.0/24", [], ["10.0.0.0/24"]),
        ("", ["10.0.0.0/24", "2001:db8::/64"], ["10.0.0.0/24", "2001:db8::/64"]),
        ("10.0.1.0/24", ["10.0.0.0/24", "2001:db8::/64"], ["10.0.1.0/24"]),
        ("", [], []),
    ],
)
def test_a_node_has_its_first_range_twice(one: str, ranges: list[str], expected: list[str]) -> None:
    """The older field and the newer say the same; where they do not, the older wins."""
    spec = filled("nodes", spec={"podCIDR": one, "podCIDRs": ranges})["spec"]
    assert spec.get("podCIDRs", []) == expected
    assert spec.get("podCIDR", "") == "".join(expected[:1])


def test_a_namespace_says_that_it_will_be_emptied() -> None:
    """What others have to do before it goes stands before that."""
    assert filled("namespaces")["spec"]["finalizers"] == ["kubernetes"]
    theirs = filled("namespaces", spec={"finalizers": ["example.com/a"]})["spec"]["finalizers"]
    assert theirs == ["example.com/a", "kubernetes"]


def test_a_volume_is_in_its_phase_since_it_was_created() -> None:
    """Nothing has happened to it since."""
    metadata = {"creationTimestamp": "2024-05-06T07:08:09Z"}
    status = filled("persistentvolumes", metadata=metadata)["status"]
    assert status["lastPhaseTransitionTime"] == "2024-05-06T07:08:09Z"
    assert "lastPhaseTransitionTime" not in filled("persistentvolumes")["status"]


def test_a_limit_range_needs_no_name() -> None:
    """Its uid is one; a name that it was given stays."""
    assert filled("limitranges", metadata={"uid": "u"})["metadata"]["name"] == "u"
    named = filled("limitranges", metadata={"uid": "u", "name": "n"})
    assert named["metadata"]["name"] == "n"


async def test_a_large_object_gets_the_same_in_turns() -> None:
    """What is filled in does not depend on whether others had their turns meanwhile."""
    resource = Catalog.shipped().find("pods")
    assert resource is not None
    parts = {"env": [{"valueFrom": {"fieldRef": {}}}] * 300, "ports": [{}] * 300}
    spec = {"containers": [{"name": f"c{i}", **parts} for i in range(20)]}
    message = json_format.ParseDict({"spec": spec}, resource.message_class())
    await Defaults(resource.descriptor, FUNCTIONS).apply_in_turns(message)
    assert json_format.MessageToDict(message) == filled("pods", spec=spec)
