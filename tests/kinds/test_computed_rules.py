"""Rules that need more than protovalidate: amounts of resources, entries, time zones."""

from __future__ import annotations

from typing import Any

import pytest

from tests.kinds.updating import UID, changed, said

_POD: dict[str, Any] = {
    "metadata": {"name": "p"},
    "spec": {"containers": [{"name": "c", "image": "web:1"}]},
}
_HERE = "spec.containers[0].resources"
_AT_MOST = "must be less than or equal to cpu limit of 1"
_STANDARD = "must be a standard resource type or fully qualified"


def pod_with(limits: dict[str, str], requests: dict[str, str] | None = None) -> dict[str, Any]:
    """Return a pod whose container is limited to, and asks for, these resources."""
    resources = {"limits": limits, "requests": requests or limits}
    return changed(_POD, {"spec.containers.0.resources": resources})


@pytest.mark.parametrize(
    ("limits", "requests", "expected"),
    [
        ({"cpu": "1", "example.com/gpu": "2"}, None, []),
        ({"memory": "1Gi", "hugepages-2Mi": "4Mi"}, None, []),
        (
            {"example.com/gpu": "500m"},
            None,
            [
                f'{_HERE}.{part}[example.com/gpu]: Invalid value: "500m": must be an integer'
                for part in ("limits", "requests")
            ],
        ),
        (
            {"disk": "1"},
            {"cpu": "1"},
            [
                f'{_HERE}.limits[disk]: Invalid value: "disk": {detail}'
                for detail in (_STANDARD, "must be a standard resource for containers")
            ]
            + [
                f'{_HERE}.requests[disk]: Invalid value: "disk": {detail}'
                for detail in (_STANDARD, "must be a standard resource for containers")
            ],
        ),
        (
            {"hugepages-2Mi": "4Mi"},
            None,
            [f"{_HERE}: Forbidden: HugePages require cpu or memory"],
        ),
        (
            {"cpu": "1"},
            {"example.com/gpu": "1"},
            [f"{_HERE}.limits: Required value: Limit must be set for non overcommitable resources"],
        ),
        (
            {"example.com/gpu": "2"},
            {"example.com/gpu": "1"},
            [f'{_HERE}.requests: Invalid value: "1": must be equal to example.com/gpu limit of 2'],
        ),
        (
            {"cpu": "1"},
            {"cpu": "1500m"},
            [
                f'{_HERE}.requests: Invalid value: "1500m": {_AT_MOST}',
            ],
        ),
    ],
)
def test_a_container_gets_what_there_is(
    limits: dict[str, str], requests: dict[str, str] | None, expected: list[str]
) -> None:
    """Names are known or qualified, things are whole, and what is asked for is given."""
    assert said("pods", pod_with(limits, requests)) == expected


def test_a_runtime_costs_what_a_container_could() -> None:
    """The cost of a runtime is checked as the limits that it becomes."""
    manifest = {
        "metadata": {"name": "r"},
        "handler": "r",
        "overhead": {"podFixed": {"cpu": "1", "disk": "1"}},
    }
    assert said("runtimeclasses", manifest)[0] == (
        f'overhead.limits[disk]: Invalid value: "disk": {_STANDARD}'
    )


def test_a_runtime_tolerates_a_taint_once() -> None:
    """The same words stand there once, whatever their time is."""
    same = {"key": "a", "operator": "Exists", "effect": "NoExecute"}
    other = {**same, "effect": "NoSchedule"}
    manifest: dict[str, Any] = {
        "metadata": {"name": "r"},
        "handler": "r",
        "scheduling": {"tolerations": [same, other]},
    }
    assert said("runtimeclasses", manifest) == []
    manifest["scheduling"]["tolerations"].append({**same, "tolerationSeconds": 1})
    (only,) = said("runtimeclasses", manifest)
    assert only.startswith("scheduling.tolerations[2]: Duplicate value: ")


def test_what_a_quota_counts_is_whole() -> None:
    """Half a pod is none; half a processor is one."""
    manifest = {
        "metadata": {"name": "q"},
        "spec": {"hard": {"pods": "1500m", "cpu": "1500m", "count/jobs.batch": "1500m"}},
    }
    assert said("resourcequotas", manifest) == [
        f'spec.hard[{name}]: Invalid value: "1500m": must be an integer'
        for name in ("count/jobs.batch", "pods")
    ]


@pytest.mark.parametrize(("field", "index"), [("metadata", "[0]"), ("spec", "")])
def test_a_finalizer_has_a_domain_or_is_a_known_one(field: str, index: str) -> None:
    """Of a namespace those in the spec, too; there the rule names no index."""
    metadata = {"name": "n"}
    for name, fault in (
        ("plain", "name is neither a standard finalizer name nor is it fully qualified"),
        ("kubernetes", ""),
        ("example.com/f", ""),
    ):
        manifest: dict[str, Any] = {"metadata": metadata, field: {"finalizers": [name]}}
        manifest["metadata"] = {**metadata, **manifest["metadata"]}
        expected = [f'{field}.finalizers{index}: Invalid value: "{name}": {fault}'] if fault else []
        assert said("namespaces", manifest) == expected
    (found,) = said("namespaces", {"metadata": metadata, "spec": {"finalizers": ["a/b/"]}})
    assert found.startswith('spec.finalizers: Invalid value: "a/b/": a qualified name must consist')


@pytest.mark.parametrize("name", ["dockercfg", "dockerconfigjson"])
@pytest.mark.parametrize(
    "text", ["[]", "{", '"text"', '{"a":' * 100_000], ids=["list", "cut", "text", "deep"]
)
def test_credentials_of_registries_are_json(name: str, text: str) -> None:
    """What is no object is refused, and not repeated."""
    secret = {"metadata": {"name": "s"}, "type": f"kubernetes.io/{name}"}
    shown = 'Invalid value: "<secret contents redacted>": must be a JSON object'
    found = said("secrets", {**secret, "stringData": {f".{name}": text}})
    assert found == [f"data[.{name}]: {shown}"]
    assert said("secrets", {**secret, "stringData": {f".{name}": '{"auths": {}}'}}) == []


def test_a_time_zone_is_a_known_one() -> None:
    """The machine's list of zones decides."""
    job = {"restartPolicy": "Never", "containers": [{"name": "c", "image": "x"}]}
    manifest = {
        "metadata": {"name": "c"},
        "spec": {
            "schedule": "@daily",
            "timeZone": "Europe/Oslo",
            "jobTemplate": {"spec": {"template": {"spec": job}}},
        },
    }
    assert said("cronjobs", manifest) == []
    assert said("cronjobs", changed(manifest, {"spec.timeZone": "Europe/Atlantis"})) == [
        'spec.timeZone: Invalid value: "Europe/Atlantis": unknown time zone Europe/Atlantis'
    ]


def test_exceptions_need_a_policy() -> None:
    """Rules for restarts go with a restart policy of the container."""
    rules = [{"action": "Restart", "exitCodes": {"operator": "In", "values": [1]}}]
    manifest = changed(_POD, {"spec.containers.0.restartPolicyRules": rules})
    where = "spec.containers[0].restartPolicy"
    detail = "must specify restartPolicy when restart rules are used"
    assert said("pods", manifest) == [f"{where}: Required value: {detail}"]


def test_a_job_keeps_the_labels_it_was_given() -> None:
    """Labels of another job are refused, not overwritten."""
    template = {"restartPolicy": "Never", "containers": [{"name": "c", "image": "x"}]}
    manifest = {
        "metadata": {"name": "j"},
        "spec": {
            "template": {"metadata": {"labels": {"controller-uid": "other"}}, "spec": template}
        },
    }
    (only,) = said("jobs", manifest)
    where = "spec.template.metadata.labels[controller-uid]"
    assert only == f"{where}: Invalid value: \"other\": must be '{UID}'"


@pytest.mark.parametrize("version", ["", "/", "apps/", "a/b/v1"])
def test_an_owner_has_a_version(version: str) -> None:
    """As Kubernetes parses it: a group, which may be empty, and a version."""
    owner = {"apiVersion": version, "kind": "Pod", "name": "a", "uid": UID}
    text = f'Invalid value: "{version}": version must not be empty'
    assert said("pods", changed(_POD, {"metadata.ownerReferences": [owner]})) == [
        f"metadata.ownerReferences.apiVersion: {text}"
    ]
    for right in ("v1", "/v1", "apps/v1"):
        owners = [{**owner, "apiVersion": right}]
        assert said("pods", changed(_POD, {"metadata.ownerReferences": owners})) == []


_POLICY: dict[str, Any] = {
    "metadata": {"name": "p"},
    "spec": {
        "reinvocationPolicy": "Never",
        "mutations": [{"patchType": "JSONPatch", "jsonPatch": {"expression": "[]"}}],
    },
}
_BINDING: dict[str, Any] = {"metadata": {"name": "b"}, "spec": {"policyName": "p"}}


@pytest.mark.parametrize(
    ("word", "manifest", "field"),
    [
        ("mutatingadmissionpolicies", _POLICY, "matchConstraints"),
        ("mutatingadmissionpolicybindings", _BINDING, "matchResources"),
    ],
)
def test_what_changes_objects_is_asked_about_no_deletion(
    word: str, manifest: Any, field: str
) -> None:
    """There is no object to change; Kubernetes names no index there."""
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"]}
    path = f"spec.{field}.resourceRules"
    supported = 'supported values: "*", "CONNECT", "CREATE", "UPDATE"'

    def told(*operations: str) -> list[str]:
        return said(word, changed(manifest, {path: [{**rule, "operations": [*operations]}]}))

    assert told("CREATE", "DELETE") == [
        f'{path}.operations: Unsupported value: "DELETE": {supported}'
    ]
    assert told("CONNECT", "CREATE", "UPDATE") == told("*") == []
