"""``cubectl rollout``: revisions, rollouts that are followed, and small changes of workloads."""

from __future__ import annotations

import asyncio
import io
import json
from typing import TYPE_CHECKING, Any

import pytest

from protocube.apps.v1.deployment_pb2 import Deployment
from protocube_client import Client
from protocube_client.cli import main
from protocube_client.cli.streams import Streams

if TYPE_CHECKING:
    from pathlib import Path

    from tests.client.command_line import CommandLine

REVISION = "deployment.kubernetes.io/revision"


def create(cubectl: CommandLine, namespace: str, *manifests: dict[str, Any]) -> None:
    """Create objects."""
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": manifests})
    done = cubectl("-n", namespace, "create", "-f", "-", stdin=text.encode())
    assert done.code == 0, done.err


def workload(kind: str, image: str, **spec: Any) -> dict[str, Any]:
    """Return a workload that is called ``web``."""
    labels = {"app": "web"}
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": "web"},
        "spec": {
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [{"name": "web", "image": image}]},
            },
            **spec,
        },
    }


def owner(cubectl: CommandLine, namespace: str, kind: str) -> list[dict[str, Any]]:
    """Return the owner references of what ``web`` controls."""
    uid = cubectl("-n", namespace, "get", kind, "web", "-o=jsonpath={.metadata.uid}").out
    return [{"apiVersion": "apps/v1", "kind": kind, "name": "web", "uid": uid, "controller": True}]


@pytest.fixture
def deployed(cubectl: CommandLine, namespace: str) -> str:
    """Provide the namespace of a Deployment with two revisions."""
    now = workload("Deployment", "web:2")
    now["metadata"]["annotations"] = {REVISION: "2", "kept.example.com/by": "nobody"}
    create(cubectl, namespace, now)
    owners = owner(cubectl, namespace, "Deployment")
    for number in ("1", "2"):
        was = workload("ReplicaSet", f"web:{number}")
        was["metadata"] = {
            "name": f"web-{number}",
            "labels": {"app": "web"},
            "annotations": {REVISION: number, "kubernetes.io/change-cause": f"image {number}"},
            "ownerReferences": owners,
        }
        was["spec"]["template"]["metadata"]["labels"] = {"app": "web", "pod-template-hash": number}
        was["spec"]["selector"] = {"matchLabels": {"pod-template-hash": number}}
        create(cubectl, namespace, was)
    return namespace


def test_history_lists_revisions(cubectl: CommandLine, deployed: str) -> None:
    """With why each came about; one of them with its pod template, or as JSON."""
    history = ("-n", deployed, "rollout", "history", "deployment/web")
    assert cubectl(*history).out == (
        "deployment.apps/web \nREVISION  CHANGE-CAUSE\n1         image 1\n2         image 2\n\n"
    )
    told = cubectl(*history, "--revision=1").out
    assert told.startswith("deployment.apps/web with revision #1\nPod Template:\n")
    assert "    Image:\tweb:1\n" in told
    image = "-o=jsonpath={.spec.template.spec.containers[0].image},"
    assert cubectl(*history, image).out == "web:1,web:2,"
    assert cubectl(*history, "--revision=7").err == (
        "error: unable to find the specified revision\n"
    )


def test_undo_brings_a_template_back(cubectl: CommandLine, deployed: str) -> None:
    """Without the controller's label, with the revision's own annotations."""
    undo = ("-n", deployed, "rollout", "undo", "deployment/web")
    assert "    Image:\tweb:1\n" in cubectl(*undo, "--dry-run=client").out
    assert cubectl(*undo, "--dry-run=server").out == (
        "deployment.apps/web rolled back (server dry run)\n"
    )
    assert cubectl(*undo).out == "deployment.apps/web rolled back\n"
    found = json.loads(cubectl("-n", deployed, "get", "deployment", "web", "-o=json").out)
    template = found["spec"]["template"]
    assert template["spec"]["containers"][0]["image"] == "web:1"
    assert template["metadata"]["labels"] == {"app": "web"}
    annotations = found["metadata"]["annotations"]
    assert annotations == {REVISION: "2", "kubernetes.io/change-cause": "image 1"}
    again = cubectl(*undo, "--to-revision=1")
    assert again.out == (
        "deployment.apps/web skipped rollback (current template already matches revision 1)\n"
    )
    missing = cubectl(*undo, "--to-revision=9")
    assert missing.err == "error: unable to find specified revision 9 in history\n"


@pytest.mark.parametrize("kind", ["DaemonSet", "StatefulSet"])
def test_controller_revisions_are_patches(cubectl: CommandLine, namespace: str, kind: str) -> None:
    """Of the pod template as it was."""
    create(cubectl, namespace, workload(kind, "web:2"))
    owners = owner(cubectl, namespace, kind)
    for number in (1, 2):
        template = workload(kind, f"web:{number}")["spec"]["template"]
        kept = {
            "apiVersion": "apps/v1",
            "kind": "ControllerRevision",
            "metadata": {
                "name": f"web-{number}",
                "labels": {"app": "web"},
                "ownerReferences": owners,
            },
            "revision": number,
            "data": {"spec": {"template": {**template, "$patch": "replace"}}},
        }
        create(cubectl, namespace, kept)
    workloads = f"{kind.lower()}/web"
    shown = cubectl("-n", namespace, "rollout", "history", workloads, "--revision=1")
    assert "    Image:\tweb:1\n" in shown.out
    done = cubectl("-n", namespace, "rollout", "undo", workloads)
    assert done.out == f"{kind.lower()}.apps/web rolled back\n", done.err
    image = "-o=jsonpath={.spec.template.spec.containers[*].image}"
    assert cubectl("-n", namespace, "get", workloads, image).out == "web:1"


def test_pausing_and_restarting(cubectl: CommandLine, deployed: str) -> None:
    """Each says what it did, and why it cannot be done."""

    def rollout(verb: str, named: str = "deployment/web") -> tuple[str, str]:
        done = cubectl("-n", deployed, "rollout", verb, named)
        return done.out, done.err

    name = 'error: deployments.apps "web"'
    assert rollout("resume") == ("", f"{name} is not paused\n")
    assert rollout("pause") == ("deployment.apps/web paused\n", "")
    assert rollout("pause") == ("", f"{name} is already paused\n")
    assert rollout("restart")[1] == (
        f"{name} can't restart paused deployment (run rollout resume first)\n"
    )
    assert rollout("undo")[1].startswith("error: you cannot rollback a paused deployment;")
    assert rollout("resume", "deployment") == ("deployment.apps/web resumed\n", "")
    assert rollout("restart") == ("deployment.apps/web restarted\n", "")
    annotations = "-o=jsonpath={.spec.template.metadata.annotations}"
    told = cubectl("-n", deployed, "get", "deployment", "web", annotations).out
    assert list(json.loads(told)) == ["kubectl.kubernetes.io/restartedAt"]
    assert rollout("restart", "statefulset") == (
        "",
        f"No resources found in {deployed} namespace.\n",
    )
    assert rollout("pause", "rs/web-1")[1] == (
        'error: replicasets.apps "web-1" pausing is not supported\n'
    )


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("status",), "error: required resource not specified"),
        (("status", "deployment/web", "--revision=-1"), "error: revision must be a positive"),
        (("history", "pods/web"), 'error: no history viewer has been implemented for "Pod"'),
        (("undo", "nodes/web"), 'error: error retrieving rollbacker for "Node", no visitor'),
        (("undo", "deployment/web", "--dry-run=some"), "error: Invalid dry-run value (some)."),
        (("again", "deployment/web"), 'error: unknown command "again deployment/web"'),
    ],
)
def test_what_cannot_be_done(
    cubectl: CommandLine, namespace: str, args: tuple[str, ...], told: str
) -> None:
    """In kubectl's words."""
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "web"}}
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web"},
        "spec": {"containers": [{"name": "web", "image": "web:1"}]},
    }
    for manifest in (node, pod):
        cubectl("-n", namespace, "create", "-f", "-", stdin=json.dumps(manifest).encode())
    done = cubectl("-n", namespace, "rollout", *args)
    assert done.code == 1
    assert done.err.startswith(told), done.err


class Heard(io.StringIO):
    """Standard output that says when a line has come."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._loop = loop
        self.lines: asyncio.Queue[str] = asyncio.Queue()

    def write(self, text: str) -> int:
        """Take a text."""
        self._loop.call_soon_threadsafe(self.lines.put_nowait, text)
        return super().write(text)


async def test_status_follows_a_rollout(server: str, deployed: str, tmp_path: Path) -> None:
    """It tells of each change until the rollout is done, or the workload deleted."""
    out, err = Heard(asyncio.get_running_loop()), io.StringIO()
    environ = {"HOME": str(tmp_path), "PROTOCUBE_SERVER": server}
    streams = Streams(stdin=io.BytesIO(), out=out, err=err)
    args = ("-n", deployed, "rollout", "status", "deployment/web")

    async def follow() -> asyncio.Task[int]:
        return asyncio.create_task(asyncio.to_thread(main.run, args, streams, environ))

    async with Client(server) as client:

        async def tell(**status: int) -> None:
            change = {"status": {"observedGeneration": 1, **status}}
            await client.patch(
                Deployment, "web", change, type="merge", subresource="status", namespace=deployed
            )

        following = await follow()
        assert await out.lines.get() == "Waiting for deployment spec update to be observed...\n"
        waiting = 'Waiting for deployment "web" rollout to finish: '
        await tell()
        updated = "0 out of 1 new replicas have been updated...\n"
        assert await out.lines.get() == waiting + updated
        await tell(replicas=2, updatedReplicas=1)
        assert await out.lines.get() == f"{waiting}1 old replicas are pending termination...\n"
        await tell(replicas=1, updatedReplicas=1)
        assert await out.lines.get() == f"{waiting}0 of 1 updated replicas are available...\n"
        await tell(replicas=1, updatedReplicas=1, availableReplicas=1, readyReplicas=1)
        assert await out.lines.get() == 'deployment "web" successfully rolled out\n'
        assert await following == 0
        await tell(availableReplicas=0, readyReplicas=0)
        following = await follow()
        await out.lines.get()
        await client.delete(Deployment, "web", namespace=deployed)
        assert await following == 1
        assert err.getvalue() == "error: object has been deleted\n"


def test_waiting_for_a_rollout_ends(cubectl: CommandLine, deployed: str) -> None:
    """With the time that was given, and at once without --watch."""
    status = ("-n", deployed, "rollout", "status", "deployment/web")
    done = cubectl(*status, "--timeout=200ms")
    assert (done.code, done.err) == (1, "error: timed out waiting for the condition\n")
    assert cubectl(*status, "--watch=false").code == 0
    done = cubectl(*status, "--revision=1")
    assert done.err == ("error: desired revision (1) is different from the running revision (2)\n")
