"""``cubectl taint``, ``cordon``, ``uncordon`` and ``drain``: what the recorded scenario lacks."""

from __future__ import annotations

import asyncio
import itertools
import json
from typing import Any

import pytest

from protocube.core.v1.node_pb2 import Node
from protocube_client import Client
from protocube_client.cli.flags import durations
from tests.client.command_line import CommandLine

_numbers = itertools.count(1)
NOW = "--grace-period=0"


@pytest.fixture
def node(cubectl: CommandLine) -> str:
    """Provide a node of this test's own."""
    name = f"node-{next(_numbers)}"
    create(cubectl, "default", {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}})
    return name


def create(cubectl: CommandLine, namespace: str, *manifests: dict[str, Any]) -> None:
    """Create objects."""
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": manifests})
    done = cubectl("-n", namespace, "create", "-f", "-", stdin=text.encode())
    assert done.code == 0, done.err


def pod(node: str, name: str, *, owner: dict[str, Any] | None = None, **more: Any) -> Any:
    """Return a pod on a node."""
    metadata: dict[str, Any] = {"name": name, "labels": {"app": name}, **more}
    if owner is not None:
        metadata["ownerReferences"] = [{"apiVersion": "apps/v1", "controller": True, **owner}]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata,
        "spec": {"nodeName": node, "containers": [{"name": "c", "image": "c:1"}]},
    }


def names(cubectl: CommandLine, namespace: str) -> list[str]:
    """Return the pods that there are."""
    found = cubectl("-n", namespace, "get", "pods", "-o=jsonpath={.items[*].metadata.name}")
    return found.out.split()


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("node",), "error: at least one taint update is required\n"),
        (("a:NoSchedule",), "error: one or more resources must be specified as"),
        (("node", "a:NoSchedule", "n"), "error: all resources must be specified before taint"),
        (("node", "a:NoSchedule"), "error: at least one resource name must be specified since"),
        (("node", "--all", "-l=a=b", "a:NoSchedule"), "error: setting 'all' parameter with a non"),
        (("node", "n", "a=b=c:NoSchedule"), "error: invalid taint spec: a=b=c:NoSchedule\nSee '"),
        (("node", "n", "a=b"), "error: invalid taint spec: a=b, name part must consist of"),
        (("node", "n", "a:b:c"), "error: invalid taint spec: a:b:c\nSee 'cubectl taint -h'"),
        (("node", "n", "a=?:NoSchedule"), "error: invalid taint spec: a=?:NoSchedule, a valid"),
        (
            ("node", "n", "a=b:NoSchedule", "a:NoSchedule"),
            "error: duplicated taints with the same key and effect: {a  NoSchedule <nil>}\n",
        ),
        (("things", "n", "a:NoSchedule"), "error: the server doesn't have a resource type"),
    ],
)
def test_what_is_no_taint(cubectl: CommandLine, args: tuple[str, ...], told: str) -> None:
    """In kubectl's words."""
    done = cubectl("taint", *args)
    assert done.code == 1
    assert done.err.startswith(told), done.err


async def test_taints_that_others_set_meanwhile_stay(server: str, node: str) -> None:
    """The taints are worked out anew from those that there are when the node has changed."""
    async with Client(server) as client:

        async def found() -> set[str]:
            read = await client.get(Node, node)
            # Each new node has the taint of one that is not ready.
            return {taint.key for taint in read.spec.taints} - {"node.kubernetes.io/not-ready"}

        async def taint(key: str) -> None:
            """Taint the node through a command line of its own."""
            environ = {"HOME": "/nowhere", "PROTOCUBE_SERVER": server}
            args = ("taint", "node", node, f"{key}:NoSchedule")
            done = await asyncio.to_thread(CommandLine(environ=environ), *args)
            assert done.code == 0, done.err

        keys = [f"key-{number}" for number in range(4)]
        await asyncio.gather(*(taint(key) for key in keys))
        assert await found() == set(keys)


def test_a_pod_that_must_stay_keeps_all(cubectl: CommandLine, namespace: str, node: str) -> None:
    """Nothing is evicted unless everything may be; what stays or goes anyway is told."""
    daemons = {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": {"name": "agents"},
        "spec": {
            "selector": {"matchLabels": {"app": "agent"}},
            "template": {
                "metadata": {"labels": {"app": "agent"}},
                "spec": {"containers": [{"name": "c", "image": "c:1"}]},
            },
        },
    }
    create(cubectl, namespace, daemons)
    uid = cubectl("-n", namespace, "get", "ds", "agents", "-o=jsonpath={.metadata.uid}").out
    owner = {"kind": "DaemonSet", "name": "agents", "uid": uid}
    mirror = {"kubernetes.io/config.mirror": "x"}
    create(
        cubectl,
        namespace,
        pod(node, "agent", owner=owner),
        pod(node, "single"),
        pod(node, "static", annotations=mirror),
    )
    done = cubectl("drain", node, NOW)
    assert done.code == 1
    daemons_fault = "DaemonSet-managed Pods (use --ignore-daemonsets to ignore)"
    single_fault = "cannot delete Pods that declare no controller (use --force to override)"
    assert done.err.splitlines()[-2:] == [
        f"cannot delete {daemons_fault}: {namespace}/agent",
        f"cannot delete {single_fault}: {namespace}/single",
    ]
    assert names(cubectl, namespace) == ["agent", "single", "static"]
    done = cubectl("drain", node, NOW, "--ignore-daemonsets", "--force", "--timeout=20s")
    assert done.out == (
        f"node/{node} already cordoned\nevicting pod {namespace}/single\n"
        f"pod/single evicted\nnode/{node} drained\n"
    ), done.err
    assert done.err == (
        f"Warning: ignoring DaemonSet-managed Pods: {namespace}/agent; "
        f"deleting Pods that declare no controller: {namespace}/single\n"
    )
    assert names(cubectl, namespace) == ["agent", "static"]


def test_budgets_are_heeded(cubectl: CommandLine, namespace: str, node: str) -> None:
    """A pod that may not go is asked for again, until the time is over; a deletion asks none."""
    budget = {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": "all"},
        "spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "web"}}},
    }
    create(cubectl, namespace, budget, pod(node, "web"))
    status = {
        "status": {
            "observedGeneration": 1,
            "disruptionsAllowed": 0,
            "currentHealthy": 1,
            "desiredHealthy": 1,
            "expectedPods": 1,
        }
    }
    change = json.dumps(status)
    place = ("-n", namespace)
    cubectl(*place, "patch", "pdb", "all", "--subresource=status", "--type=merge", "-p", change)
    ready = json.dumps(
        {"status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}}
    )
    cubectl(*place, "patch", "pod", "web", "--subresource=status", "--type=merge", "-p", ready)
    drain = ("drain", node, NOW, "--force", "--timeout=300ms")
    done = cubectl(*drain)
    name = f'pods/"web" -n "{namespace}"'
    refused = "Cannot evict pod as it would violate the pod's disruption budget."
    assert done.code == 1
    assert f"error when evicting {name} (will retry after 5s): {refused}\n" in done.err
    assert f"error when evicting {name}: global timeout reached: 300ms\n" in done.err
    assert "There are pending pods in node" in done.err
    assert names(cubectl, namespace) == ["web"]
    done = cubectl(*drain, "--disable-eviction", "--timeout=20s")
    assert done.out.endswith(f"pod/web deleted\nnode/{node} drained\n"), done.err


def test_a_dry_run_evicts_nothing(cubectl: CommandLine, namespace: str, node: str) -> None:
    """The server is asked whether the pods could go."""
    create(cubectl, namespace, pod(node, "web"), pod(node, "api"))
    done = cubectl("drain", node, "--force", "--pod-selector=app=web", "--dry-run=server")
    assert done.out == (
        f"node/{node} cordoned (server dry run)\n"
        f"evicting pod {namespace}/web (server dry run)\n"
        f"node/{node} drained (server dry run)\n"
    )
    assert names(cubectl, namespace) == ["api", "web"]
    done = cubectl("drain", node, "--pod-selector=app in")
    assert done.err == "error: --pod-selector=<pod_selector> must be a valid label selector\n"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.3, "300ms"), (1, "1s"), (1.5, "1.5s"), (90, "1m30s"), (3600, "1h0m0s"), (0, "0s")],
)
def test_spans_are_written_as_go_writes_them(seconds: float, text: str) -> None:
    """The largest unit first."""
    assert durations.text(seconds) == text
