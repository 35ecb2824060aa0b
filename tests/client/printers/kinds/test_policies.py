"""Cells of what bounds, allows, extends or reserves."""

from __future__ import annotations

from typing import Any

import pytest

from tests.client.printers.kinds.cells import AN_HOUR_AGO, cells

SUBJECTS = [
    {"kind": "User", "name": "ann"},
    {"kind": "Group", "name": "ops"},
    {"kind": "User", "name": "bob"},
    {"kind": "ServiceAccount", "name": "ci", "namespace": "build"},
]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ({}, {"REQUEST": "", "LIMIT": ""}),
        (
            {
                "hard": {
                    "requests.cpu": "4",
                    "pods": "10",
                    "limits.memory": "8Gi",
                    "limits.cpu": "8",
                },
                "used": {"pods": "3", "limits.cpu": "500m", "requests.cpu": "0"},
            },
            {
                "REQUEST": "pods: 3/10, requests.cpu: 0/4",
                "LIMIT": "limits.cpu: 500m/8, limits.memory: 0/8Gi",
            },
        ),
    ],
)
def test_a_quota(status: dict[str, Any], expected: dict[str, str]) -> None:
    """Limits have a column of their own; names are sorted."""
    assert cells("resourcequotas", {"status": status}, expected) == expected


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, {"MIN AVAILABLE": "N/A", "MAX UNAVAILABLE": "N/A", "ALLOWED DISRUPTIONS": "0"}),
        ({"minAvailable": 2}, {"MIN AVAILABLE": "2", "MAX UNAVAILABLE": "N/A"}),
        ({"maxUnavailable": "25%"}, {"MIN AVAILABLE": "N/A", "MAX UNAVAILABLE": "25%"}),
    ],
)
def test_a_disruption_budget(spec: dict[str, Any], expected: dict[str, str]) -> None:
    """A bound is a number or a percentage."""
    assert cells("poddisruptionbudgets", {"spec": spec}, expected) == expected


@pytest.mark.parametrize("word", ["rolebindings", "clusterrolebindings"])
def test_a_role_binding(word: str) -> None:
    """Each kind of subject has its column."""
    expected = {
        "ROLE": "ClusterRole/edit",
        "USERS": "ann, bob",
        "GROUPS": "ops",
        "SERVICEACCOUNTS": "build/ci",
    }
    manifest = {"roleRef": {"kind": "ClusterRole", "name": "edit"}, "subjects": SUBJECTS}
    assert cells(word, manifest, expected) == expected


@pytest.mark.parametrize("word", ["clusterroles", "crds", "limitranges", "roles"])
def test_some_kinds_show_when_they_were_created(word: str) -> None:
    """These have a time where others have an age."""
    manifest = {"metadata": {"name": "a", "creationTimestamp": AN_HOUR_AGO}}
    assert cells(word, manifest, ["CREATED AT"]) == {"CREATED AT": AN_HOUR_AGO}
    assert cells(word, {}, ["CREATED AT"]) == {"CREATED AT": "<unknown>"}


@pytest.mark.parametrize(
    ("conditions", "certificate", "expected"),
    [
        ([], "", "Pending"),
        (["Approved"], "", "Approved"),
        (["Approved", "Denied"], "", "Denied"),
        (["Approved", "Failed"], "", "Approved,Failed"),
        (["Approved"], "AA==", "Approved,Issued"),
    ],
)
def test_the_condition_of_a_signing_request(
    conditions: list[str], certificate: str, expected: str
) -> None:
    """A denial outweighs an approval; what came of it follows."""
    status = {"conditions": [{"type": kind} for kind in conditions], "certificate": certificate}
    assert cells("csr", {"status": status}, ["CONDITION"]) == {"CONDITION": expected}


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, {"REQUESTOR": "", "REQUESTEDDURATION": "<none>"}),
        (
            {"username": "ann", "expirationSeconds": 86400},
            {"REQUESTOR": "ann", "REQUESTEDDURATION": "24h"},
        ),
    ],
)
def test_a_signing_request(spec: dict[str, Any], expected: dict[str, str]) -> None:
    """It shows who asks and for how long."""
    assert cells("csr", {"spec": spec}, expected) == expected


@pytest.mark.parametrize(
    ("word", "manifest", "expected"),
    [
        ("mutatingwebhookconfigurations", {"webhooks": [{}, {}]}, {"WEBHOOKS": "2"}),
        ("validatingwebhookconfigurations", {}, {"WEBHOOKS": "0"}),
        ("validatingadmissionpolicies", {}, {"VALIDATIONS": "0", "PARAMKIND": "<unset>"}),
        (
            "validatingadmissionpolicies",
            {"spec": {"validations": [{}], "paramKind": {"apiVersion": "a.io/v1", "kind": "B"}}},
            {"VALIDATIONS": "1", "PARAMKIND": "a.io/v1/B"},
        ),
        ("validatingadmissionpolicybindings", {}, {"PARAMREF": "<unset>"}),
        (
            "validatingadmissionpolicybindings",
            {"spec": {"paramRef": {"name": "a"}}},
            {"PARAMREF": "*/a"},
        ),
        (
            "validatingadmissionpolicybindings",
            {"spec": {"paramRef": {"name": "a", "namespace": "b"}}},
            {"PARAMREF": "b/a"},
        ),
        (
            "validatingadmissionpolicybindings",
            {"spec": {"paramRef": {"selector": {"matchLabels": {"a": "b"}}}}},
            {"PARAMREF": "a=b"},
        ),
        ("apiservices", {}, {"SERVICE": "Local", "AVAILABLE": "Unknown"}),
        (
            "apiservices",
            {
                "spec": {"service": {"namespace": "a", "name": "b"}},
                "status": {"conditions": [{"type": "Available", "status": "True", "reason": "OK"}]},
            },
            {"SERVICE": "a/b", "AVAILABLE": "True"},
        ),
        (
            "apiservices",
            {
                "status": {
                    "conditions": [{"type": "Available", "status": "False", "reason": "Gone"}]
                }
            },
            {"AVAILABLE": "False (Gone)"},
        ),
        (
            "apiservices",
            {"status": {"conditions": [{"type": "Available", "status": "False"}]}},
            {"AVAILABLE": "False"},
        ),
    ],
)
def test_what_extends_the_api(
    word: str, manifest: dict[str, Any], expected: dict[str, str]
) -> None:
    """Webhooks and rules are counted; parameters and services are named."""
    assert cells(word, manifest, expected) == expected


@pytest.mark.parametrize(
    ("word", "manifest", "expected"),
    [
        ("flowschemas", {}, {"DISTINGUISHERMETHOD": "<none>", "MISSINGPL": "?"}),
        (
            "flowschemas",
            {
                "spec": {"distinguisherMethod": {"type": "ByUser"}},
                "status": {"conditions": [{"type": "Dangling", "status": "False"}]},
            },
            {"DISTINGUISHERMETHOD": "ByUser", "MISSINGPL": "False"},
        ),
        (
            "prioritylevelconfigurations",
            {"spec": {"type": "Exempt"}},
            {
                "TYPE": "Exempt",
                "NOMINALCONCURRENCYSHARES": "<none>",
                "QUEUES": "<none>",
                "HANDSIZE": "<none>",
                "QUEUELENGTHLIMIT": "<none>",
            },
        ),
        (
            "prioritylevelconfigurations",
            {
                "spec": {
                    "limited": {
                        "nominalConcurrencyShares": 30,
                        "limitResponse": {
                            "queuing": {"queues": 64, "handSize": 6, "queueLengthLimit": 50}
                        },
                    }
                }
            },
            {
                "NOMINALCONCURRENCYSHARES": "30",
                "QUEUES": "64",
                "HANDSIZE": "6",
                "QUEUELENGTHLIMIT": "50",
            },
        ),
        ("leases", {}, {"HOLDER": ""}),
        ("leases", {"spec": {"holderIdentity": "a"}}, {"HOLDER": "a"}),
        ("resourceslices", {"spec": {"driver": "d"}}, {"NODE": "", "DRIVER": "d"}),
        ("resourceslices", {"spec": {"nodeName": "n1"}}, {"NODE": "n1"}),
    ],
)
def test_what_shares_and_reserves(
    word: str, manifest: dict[str, Any], expected: dict[str, str]
) -> None:
    """What does not apply is none, what nobody said is empty."""
    assert cells(word, manifest, expected) == expected


@pytest.mark.parametrize(
    ("status", "expected", "deleted"),
    [
        ({}, "pending", "deleted"),
        ({"allocation": {}}, "allocated", "deleted,allocated"),
        (
            {"allocation": {}, "reservedFor": [{"name": "p"}]},
            "allocated,reserved",
            "deleted,allocated,reserved",
        ),
    ],
)
def test_the_state_of_a_device_claim(status: dict[str, Any], expected: str, deleted: str) -> None:
    """A deleted claim is not pending any more."""
    manifest: dict[str, Any] = {"status": status}
    assert cells("resourceclaims", manifest, ["STATE"]) == {"STATE": expected}
    manifest["metadata"] = {"deletionTimestamp": AN_HOUR_AGO}
    assert cells("resourceclaims", manifest, ["STATE"]) == {"STATE": deleted}
