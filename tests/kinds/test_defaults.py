"""Defaults: constants from options, and those that depend on other fields."""

from __future__ import annotations

import json
from typing import Any

import pytest
from google.protobuf import json_format

from protocube.catalog import Catalog
from protocube_server import turns
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


def test_a_time_is_stored_with_the_precision_of_kubernetes() -> None:
    """A Time has whole seconds, a MicroTime six digits of one; what is below them is dropped."""
    at = "2020-01-02T03:04:05.678901234Z"
    event = filled("events", lastTimestamp=at, eventTime=at)
    assert event["lastTimestamp"] == "2020-01-02T03:04:05Z"
    assert event["eventTime"] == "2020-01-02T03:04:05.678901Z"


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
    await turns.taken(Defaults(resource.descriptor, FUNCTIONS).filling(message))
    assert json_format.MessageToDict(message) == filled("pods", spec=spec)


def test_of_two_ways_to_say_nothing_one_is_stored() -> None:
    """An empty struct of Go goes; empty free JSON and an empty pointer are no ``null``."""
    assert "resources" not in container(resources={})
    assert filled("controllerrevisions", data={})["data"] == {}
    template: dict[str, Any] = {"metadata": {}, "spec": {}}
    spec = filled("deployments", spec={"selector": {}, "template": template})["spec"]
    assert spec["selector"] == {}
    assert "metadata" not in spec["template"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [(None, 80), (0, 80), ("", 80), ("web", "web"), ({"number": 8080}, {"number": 8080}), ([], [])],
)
def test_a_target_port_that_is_none_is_not_hidden(given: Any, expected: Any) -> None:
    """The port stands in for what says nothing; the rules are asked about all else."""
    spec = {"ports": [{"port": 80, "targetPort": given}]}
    assert filled("services", spec=spec)["spec"]["ports"][0]["targetPort"] == expected


@pytest.mark.parametrize(
    ("word", "spec", "rest"),
    [
        ("statefulsets", {"updateStrategy": {"rollingUpdate": {"maxUnavailable": 2}}}, None),
        ("deviceclasses", {"extendedResourceName": "example.com/gpu"}, {}),
        ("csidrivers", {"nodeAllocatableUpdatePeriodSeconds": "60"}, None),
        ("nodes", {"configSource": {"configMap": {"name": "x"}}}, {}),
    ],
)
def test_what_kubernetes_does_not_store_is_dropped(
    word: str, spec: dict[str, Any], rest: dict[str, Any] | None
) -> None:
    """Fields that it has given up, and those of features that are off there."""
    text = json.dumps(filled(word, spec=spec).get("spec", {}))
    names = "maxUnavailable", "nodeAllocatableUpdatePeriodSeconds", "configSource"
    assert not any(name in text for name in (*names, "extendedResourceName"))
    assert rest is None or json.loads(text) == rest


def test_a_volume_within_an_attachment_has_what_it_was_given() -> None:
    """It is no volume of its own, which would have a reclaim policy and a mode."""
    inline = {"csi": {"driver": "d", "volumeHandle": "h"}}
    found = filled("volumeattachments", spec={"source": {"inlineVolumeSpec": inline}})
    assert found["spec"]["source"]["inlineVolumeSpec"] == inline


def test_a_strategy_that_is_named_alone_stays_so() -> None:
    """A StatefulSet without one gets that of steps, with the step that it begins at."""
    named = filled("statefulsets", spec={"updateStrategy": {"type": "RollingUpdate"}})
    assert named["spec"]["updateStrategy"] == {"type": "RollingUpdate"}
    none = filled("statefulsets", spec={})["spec"]["updateStrategy"]
    assert none == {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}}


def test_a_claim_begins_with_what_the_old_way_can_name() -> None:
    """Anything else is dropped from ``dataSource``; the new way knows all kinds and fills it in."""
    foreign = {"apiGroup": "example.com", "kind": "Populator", "name": "p"}
    assert "dataSource" not in filled("pvc", spec={"dataSource": foreign})["spec"]
    spec = filled("pvc", spec={"dataSourceRef": foreign})["spec"]
    assert spec["dataSource"] == spec["dataSourceRef"] == foreign
    snapshot = {"apiGroup": "snapshot.storage.k8s.io", "kind": "VolumeSnapshot", "name": "s"}
    spec = filled("pvc", spec={"dataSource": snapshot})["spec"]
    assert spec["dataSource"] == spec["dataSourceRef"] == snapshot


def test_an_account_keeps_the_names_of_its_secrets() -> None:
    """They are of its own namespace, so that nothing else of a reference means anything."""
    found = filled("sa", secrets=[{"name": "a"}, {"kind": "Secret", "namespace": "x", "name": "b"}])
    assert found["secrets"] == [{"name": "a"}, {"name": "b"}]


def test_a_new_pod_that_is_gated_says_so() -> None:
    """With a condition, once: what its scheduler says of it later stands."""
    at = "2020-01-02T03:04:05Z"
    spec = {"schedulingGates": [{"name": "example.com/wait"}], "containers": []}
    found = filled("pods", metadata={"creationTimestamp": at}, spec=spec)
    assert found["status"]["conditions"] == [
        {
            "type": "PodScheduled",
            "status": "False",
            "reason": "SchedulingGated",
            "message": "Scheduling is blocked due to non-empty scheduling gates",
            "lastTransitionTime": at,
        }
    ]
    later = filled("pods", spec=spec, status={"qosClass": "BestEffort", "phase": "Pending"})
    assert "conditions" not in later["status"]
