"""What is told of objects that are accepted all the same, in Kubernetes' words."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf import json_format

from protocube.catalog import Catalog
from protocube_server import turns
from protocube_server.builtin.functions import FUNCTIONS
from protocube_server.kinds import message_warnings
from protocube_server.kinds.message_warnings import MessageWarnings


def _told(word: str, **fields: Any) -> list[str]:
    """Return the warnings of an object that is given in JSON."""
    resource = Catalog.shipped().find(word)
    assert resource is not None
    message = json_format.ParseDict(fields, resource.message_class())
    return turns.at_once(MessageWarnings(resource.descriptor, FUNCTIONS).on(message))


def _of_container(**fields: Any) -> list[str]:
    return _told("pods", spec={"containers": [{"name": "c", **fields}]})


_OTHER = "spec.containers[0].ports[0]"
_ALIKE = "spec.containers[0].ports[1]: {} port definition with " + _OTHER


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        ({}, {}, [_ALIKE.format("duplicate")]),
        ({"hostPort": 1}, {"hostPort": 1}, [_ALIKE.format("duplicate")]),
        ({}, {"hostPort": 1}, [_ALIKE.format("overlapping")]),
        ({"hostPort": 1}, {}, [_ALIKE.format("overlapping")]),
        (
            {"hostPort": 1, "hostIP": "10.0.0.1"},
            {"hostPort": 1},
            [_ALIKE.format("dangerously ambiguous")],
        ),
        (
            {"hostPort": 1},
            {"hostPort": 1, "hostIP": "10.0.0.1"},
            [_ALIKE.format("dangerously ambiguous")],
        ),
        ({"hostPort": 1, "hostIP": "10.0.0.1"}, {"hostPort": 1, "hostIP": "10.0.0.2"}, []),
        ({"hostPort": 1}, {"hostPort": 2}, []),
        ({}, {"protocol": "UDP"}, []),
    ],
)
def test_ports_that_are_in_each_others_way(
    one: dict[str, Any], other: dict[str, Any], told: list[str]
) -> None:
    """What two ports of one number and protocol want of the node decides what is said."""
    ports = [{"containerPort": 80, "protocol": "TCP", **port} for port in (one, other)]
    assert _of_container(ports=ports) == told


def test_ports_are_compared_in_a_whole_template() -> None:
    """Both places are told as paths of the object, whatever the containers are."""
    ports = [{"containerPort": 80, "hostIP": "::1"}]
    containers = [{"name": "a", "ports": ports}, {"name": "b", "ports": ports}]
    template = {"spec": {"containers": containers[1:], "initContainers": containers[:1]}}
    path = "spec.template.spec"
    go = "{Name: HostPort:0 ContainerPort:80 Protocol: HostIP:::1}"
    first, second = (f"{path}.{name}[0].ports[0]" for name in ("initContainers", "containers"))
    assert _told("deployments", spec={"template": template}) == [
        f"{first}: hostIP set without hostPort: {go}",
        f"{second}: hostIP set without hostPort: {go}",
        f"{second}: duplicate port definition with {first}",
    ]


def test_there_are_no_more_than_so_many() -> None:
    """Ports that are all alike are not held against each other to the last."""
    ports = [{"containerPort": 80}] * 2000
    assert len(_of_container(ports=ports)) == message_warnings.MOST


def test_variables_that_hide_others() -> None:
    """One that is made of the former value of its name hides nothing."""
    env = [
        {"name": "A", "value": "1"},
        {"name": "A", "value": "$(A)2"},
        {"name": "A", "value": "$(A)"},
        {"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
    ]
    told = 'hides previous definition of "A", which may be dropped when using apply'
    found = [f"spec.containers[0].env[{index}]: {told}" for index in (2, 3)]
    assert _of_container(env=env) == found


@pytest.mark.parametrize("amount", ["0.1", "100m", "1Ei", "12345678901234567890"])
def test_bytes_that_are_not_whole(amount: str) -> None:
    """Kubernetes counts thousandths in 64 bits: what is beyond them counts as a fraction."""
    path = "spec.containers[0].resources.limits[memory]"
    told = f'{path}: fractional byte value "{amount}" is invalid, must be an integer'
    assert _of_container(resources={"limits": {"memory": amount, "cpu": "0.1"}}) == [told]
    assert _of_container(resources={"limits": {"memory": "1Gi"}}) == []


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        (
            {"nodeSelector": {"beta.kubernetes.io/os": "linux"}},
            (
                "spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; "
                'use "kubernetes.io/os" instead'
            ),
        ),
        (
            {"topologySpreadConstraints": [{"topologyKey": "zone"}]},
            (
                "spec.topologySpreadConstraints[0].labelSelector: a null labelSelector results in "
                "matching no pod"
            ),
        ),
        (
            {"volumes": [{"name": "v", "storageos": {}}]},
            "spec.volumes[0].storageOS: deprecated in v1.22, non-functional in v1.25+",
        ),
        (
            {"hostAliases": [{"ip": "::1"}, {"ip": "::1"}]},
            'spec.hostAliases[1].ip: duplicate ip "::1"',
        ),
        ({"imagePullSecrets": [{}]}, 'spec.imagePullSecrets[0].name: invalid empty name ""'),
        (
            {"terminationGracePeriodSeconds": -1},
            (
                "spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and "
                "will be treated as 1"
            ),
        ),
        (
            {"affinity": {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [{}]}}},
            (
                "spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0]."
                "labelSelector: a null labelSelector results in matching no pod"
            ),
        ),
        (
            {
                "volumes": [
                    {
                        "name": "v",
                        "projected": {
                            "sources": [
                                {"serviceAccountToken": {"path": "p"}},
                                {"secret": {"items": [{"key": "k", "path": "p"}]}},
                            ]
                        },
                    }
                ]
            },
            (
                "spec.volumes[0].projected.sources.secrets[0]: has duplicated path with "
                'ServiceAccountToken "p"'
            ),
        ),
    ],
)
def test_what_a_pod_says_in_vain(spec: dict[str, Any], told: str) -> None:
    """What is deprecated, does nothing or stands twice is named with its place."""
    assert _told("pods", spec=spec) == [told]


def test_annotations_that_have_become_fields() -> None:
    """They are told of unless the field is set, too."""
    annotations = {
        "seccomp.security.alpha.kubernetes.io/pod": "x",
        "container.apparmor.security.beta.kubernetes.io/c": "x",
        "scheduler.alpha.kubernetes.io/critical-pod": "",
    }
    metadata, containers = {"annotations": annotations}, [{"name": "c"}]
    assert [text.rpartition(": ")[2] for text in _told("pods", metadata=metadata)] == [
        'non-functional in v1.16+; use the "priorityClassName" field instead',
        'non-functional in v1.27+; use the "seccompProfile" field instead',
    ]
    own = {"seccompProfile": {"type": "RuntimeDefault"}, "appArmorProfile": {"type": "Unconfined"}}
    spec: dict[str, Any] = {"containers": containers}
    assert len(_told("pods", metadata=metadata, spec=spec)) == 3
    spec["securityContext"] = own
    assert len(_told("pods", metadata=metadata, spec=spec)) == 1


@pytest.mark.parametrize(
    ("word", "fields", "told"),
    [
        (
            "persistentvolumes",
            {"spec": {"persistentVolumeReclaimPolicy": "Recycle", "rbd": {}}},
            [
                (
                    "spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. "
                    "Instead, the recommended approach is to use dynamic provisioning."
                ),
                "spec.rbd: deprecated in v1.28, non-functional in v1.31+",
            ],
        ),
        (
            "persistentvolumeclaims",
            {"spec": {"resources": {"requests": {"storage": "1m"}}}},
            [
                (
                    'spec.resources.requests[storage]: fractional byte value "1m" is invalid, '
                    "must be an integer"
                )
            ],
        ),
        (
            "cronjobs",
            {
                "spec": {
                    "schedule": "TZ=UTC * * * * *",
                    "jobTemplate": {
                        "spec": {
                            "completionMode": "Indexed",
                            "completions": 100_001,
                            "parallelism": 10_001,
                        }
                    },
                }
            },
            [
                (
                    "cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, see "
                    "https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more "
                    "details"
                ),
                (
                    "spec.jobTemplate.spec: In Indexed Jobs with a number of completions higher "
                    "than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to "
                    "track completedIndexes when a big number of indexes fail"
                ),
            ],
        ),
        (
            "endpointslices",
            {"addressType": "FQDN"},
            ["spec.addressType: FQDN endpoints are deprecated"],
        ),
        (
            "ingresses",
            {"metadata": {"annotations": {"kubernetes.io/ingress.class": "x"}}},
            [
                (
                    'annotation "kubernetes.io/ingress.class" is deprecated, please use '
                    "'spec.ingressClassName' instead"
                )
            ],
        ),
    ],
)
def test_other_kinds_have_theirs(word: str, fields: dict[str, Any], told: list[str]) -> None:
    """A place that Kubernetes names wrongly is named so."""
    assert _told(word, **fields) == told
