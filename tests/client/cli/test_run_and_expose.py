"""``cubectl run``, ``expose`` and ``autoscale``: what the recorded scenarios do not show."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from protocube_client.cli.commands.run import images
from protocube_client.cli.exposing import Ports, ServiceOptions

if TYPE_CHECKING:
    from tests.client.command_line import CommandLine

SHOWN = ("--dry-run=client", "-o=json")


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("web", True),
        ("registry.example.com:5000/team/web:1.2-rc_3", True),
        ("[::1]:5000/web", True),
        (f"web@sha256:{'a' * 64}", True),
        ("a__b/c-d.e", True),
        ("Web", False),
        ("bad image", False),
        ("web:", False),
        ("web@sha256:abc", False),
        ("web\n", False),
        ("", False),
    ],
)
def test_names_of_images(name: str, is_one: bool) -> None:  # noqa: FBT001  # a column of the table
    """With registry, tag and digest."""
    assert images.is_name(name) is is_one


def test_a_pod_of_flags(cubectl: CommandLine) -> None:
    """What flags say is in the pod; an override changes it."""
    done = cubectl(
        "run",
        "web",
        "--image=web:1",
        "--annotations=a=b",
        "--annotations=c=d=e",
        "--image-pull-policy=Never",
        "--privileged",
        "--restart=",
        "--override-type=strategic",
        '--overrides={"spec":{"containers":[{"name":"web","tty":true}]}}',
        *SHOWN,
        "--",
        "one",
        "two",
    )
    assert done.code == 0, done.err
    pod = json.loads(done.out)
    assert pod["metadata"]["annotations"] == {"a": "b", "c": "d=e"}
    assert pod["spec"]["restartPolicy"] == "Always"
    assert pod["spec"]["containers"] == [
        {
            "name": "web",
            "image": "web:1",
            "args": ["one", "two"],
            "imagePullPolicy": "Never",
            "resources": {},
            "securityContext": {"privileged": True},
            "tty": True,
        }
    ]


def test_a_service_beside_the_pod(cubectl: CommandLine, namespace: str) -> None:
    """It has the pod's labels where they are given."""
    at = ("-n", namespace)
    done = cubectl(
        *at, "run", "web", "--image=web:1", "--port=80", "--expose", "--labels=app=web,tier=x"
    )
    assert done.out == "service/web created\npod/web created\n", done.err
    found = json.loads(cubectl(*at, "get", "service", "web", "-o=json").out)
    assert found["spec"]["selector"] == found["metadata"]["labels"] == {"app": "web", "tier": "x"}


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("web", "--image=web", "-i"), "error: --stdin is not supported: there is no kubelet"),
        (("web", "--image=web", "-it"), "error: --stdin is not supported: there is no kubelet"),
        (("web", "--image=web", "--attach"), "error: --attach is not supported: there is no"),
        (("web", "--image=web", "--rm"), "error: --rm is not supported: there is no kubelet"),
        (("--image=web",), "error: NAME is required for run\nSee 'cubectl run -h'"),
        (("web", "--image="), "error: --image is required"),
        (("web", "--image=web", "--labels=a"), "error: unexpected label spec: a"),
        (("web", "--image=web", "--labels==a"), "error: unexpected empty label key"),
        (("web", "--image=web", "--env=1A=b"), "error: invalid env: 1A=b"),
        (("web", "--image=web", "--annotations=a"), "error: invalid annotations format: a"),
        (("web", "--image=web", "--port=http"), 'error: strconv.Atoi: parsing "http": invalid'),
        (("web", "--image=web", "--overrides=[", *SHOWN), "error: "),
        (("web", "--image=web", "--overrides={}", "--override-type=x"), "error: invalid override"),
    ],
)
def test_pods_that_cannot_be_run(cubectl: CommandLine, args: tuple[str, ...], told: str) -> None:
    """In kubectl's words, or with the reason."""
    done = cubectl("run", *args)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(told), done.err
    assert cubectl("run", "web", "--image=web", "--stdin=false", *SHOWN).code == 0


def test_ports_of_several_protocols() -> None:
    """Each gets a name of its own."""
    ports = Ports(numbers=["53", "80"], protocols={"53": ["UDP", "TCP"]})
    found = ServiceOptions().manifest({"name": "dns"}, selector={"a": "b"}, ports=ports)
    assert [
        (port.get("name"), port["port"], port["protocol"]) for port in found["spec"]["ports"]
    ] == [
        ("port-1-udp", 53, "UDP"),
        ("port-1-tcp", 53, "TCP"),
        ("port-2", 80, "TCP"),
    ]
    stated = ServiceOptions(protocol="SCTP", target_port="dns")
    found = stated.manifest({"name": "dns"}, selector={"a": "b"}, ports=Ports(numbers=["53"]))
    assert found["spec"]["ports"] == [{"port": 53, "protocol": "SCTP", "targetPort": "dns"}]


def exposed(kind: str, version: str = "v1", **spec: Any) -> bytes:
    """Return an object that is to be exposed."""
    return json.dumps(
        {"apiVersion": version, "kind": kind, "metadata": {"name": "web"}, "spec": spec}
    ).encode()


@pytest.mark.parametrize(
    ("manifest", "told"),
    [
        (exposed("Service"), "the service has no pod selector set"),
        (exposed("Pod"), "the pod has no labels and cannot be exposed"),
        (exposed("Deployment", "apps/v1"), "invalid deployment: no selectors, therefore cannot"),
        (
            exposed(
                "ReplicaSet",
                "apps/v1",
                selector={
                    "matchLabels": {"a": "b"},
                    "matchExpressions": [{"key": "c", "operator": "In", "values": ["d", "e"]}],
                },
            ),
            'couldn\'t convert expressions - "[{Key:c Operator:In Values:[d e]}]" to map-based',
        ),
    ],
)
def test_what_selects_no_pods(cubectl: CommandLine, manifest: bytes, told: str) -> None:
    """Labels that a Service could not select by are none; with --selector they are not needed."""
    expose = ("expose", "-f", "-", "--port=80")
    done = cubectl(*expose, *SHOWN, stdin=manifest)
    complaint = "error: couldn't retrieve selectors via --selector flag or introspection: "
    assert done.err.startswith(complaint + told), done.err
    done = cubectl(*expose, "--selector=a=b", *SHOWN, stdin=manifest)
    assert json.loads(done.out)["spec"]["selector"] == {"a": "b"}


def test_each_object_gets_its_own_service(cubectl: CommandLine) -> None:
    """With its own labels and ports."""
    manifests = [
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, "labels": {"app": name}},
            "spec": {"containers": [{"name": "c", "ports": [{"containerPort": port}]}]},
        }
        for name, port in (("one", 1), ("two", 2))
    ]
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": manifests}).encode()
    path = "-o=jsonpath={.spec.selector.app} {.spec.ports[*].port},"
    done = cubectl("expose", "-f", "-", "--dry-run=client", path, stdin=text)
    assert done.out == "one 1,two 2,", done.err


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("deployment", "web"), 'required flag(s) "max" not set'),
        (("deployment", "web", "--max=0"), "--max=MAXPODS is required and must be at least 1"),
        (("deployment", "web", "--max=9999999999"), "invalid argument"),
    ],
)
def test_bounds_that_cannot_be(cubectl: CommandLine, args: tuple[str, ...], told: str) -> None:
    """Of an autoscaler."""
    done = cubectl("autoscale", *args)
    assert done.err.startswith(f"error: {told}"), done.err
