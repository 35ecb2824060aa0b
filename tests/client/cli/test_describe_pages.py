"""The pages of ``cubectl describe``, without a server."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from protocube.catalog import Catalog
from protocube.manifests import decode
from protocube.manifests.yaml import values as yaml_values
from protocube_client.cli.commands.describe.pages import pods, storage
from protocube_client.cli.describing import anything, containers, volumes
from protocube_client.cli.describing.page import Page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.protobuf.message import Message

POD = """
apiVersion: v1
kind: Pod
metadata:
  name: web
  labels: {app: web}
  ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: rs, uid: u, controller: true}]
spec:
  nodeName: node
  serviceAccountName: robot
  priorityClassName: high
  containers:
  - name: c
    image: web:1
    command: ["sh\\n-c"]
    ports: [{containerPort: 80, protocol: TCP}, {containerPort: 53, protocol: UDP}]
    resources: {limits: {cpu: 1500m, memory: 1Gi}}
    readinessProbe: {exec: {command: [a, b]}, periodSeconds: 3}
    envFrom: [{configMapRef: {name: all}, prefix: P_}, {secretRef: {name: s, optional: true}}]
    env:
    - {name: LINES, value: "one\\ntwo"}
    - {name: NAME, valueFrom: {fieldRef: {apiVersion: v1, fieldPath: metadata.name}}}
    - {name: APP, valueFrom: {fieldRef: {apiVersion: v1, fieldPath: "metadata.labels['app']"}}}
    - {name: CPU, valueFrom: {resourceFieldRef: {resource: limits.cpu}}}
    - {name: MIB, valueFrom: {resourceFieldRef: {resource: limits.memory, divisor: 1Mi}}}
    - {name: KEY, valueFrom: {secretKeyRef: {name: s, key: k}}}
    volumeMounts: [{name: v, mountPath: /v, subPath: p, readOnly: true}]
status:
  phase: Running
  hostIP: 10.0.0.9
  podIPs: [{ip: 10.1.0.1}]
  conditions: [{type: Ready, status: "True"}]
  containerStatuses:
  - name: c
    ready: true
    restartCount: 2
    image: web:1
    imageID: id
    containerID: cid
    state: {waiting: {reason: CrashLoopBackOff}}
    lastState: {terminated: {exitCode: 1, reason: Error, startedAt: "2026-01-01T00:00:00Z"}}
"""


def message(text: str) -> Message:
    """Return the object of a manifest."""
    manifest = yaml_values.load(text)
    resource = Catalog.shipped(comments=False).for_kind(manifest["apiVersion"], manifest["kind"])
    assert resource is not None
    found = resource.message_class()
    decode.decode(manifest, found)
    return found


@pytest.fixture
def in_tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Be nine hours east of Greenwich."""
    with monkeypatch.context() as patched:
        patched.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("in_tokyo")
async def test_a_pod_is_described_whole() -> None:
    """Where it is, its containers with their states, and what it has of its node."""
    page = Page()
    pod: Any = message(POD)
    await pods.pod(page, pod, None)  # type: ignore[arg-type]  # a pod's page asks for nothing
    text = page.text()
    for part in (
        "Priority Class Name:  high\nService Account:      robot\n",
        "Node:                 node/10.0.0.9\n",
        "IPs:\n  IP:           10.1.0.1\nControlled By:  ReplicaSet/rs\n",
        "    Container ID:  cid\n    Image:         web:1\n    Image ID:      id\n",
        "    Ports:         80/TCP, 53/UDP\n    Host Ports:    0/TCP, 0/UDP\n",
        "    Command:\n      sh\n      -c\n",
        "    State:          Waiting\n      Reason:       CrashLoopBackOff\n",
        "    Last State:     Terminated\n      Reason:       Error\n      Exit Code:    1\n",
        "      Started:      Thu, 01 Jan 2026 09:00:00 +0900\n",
        "      Finished:     Mon, 01 Jan 0001 00:00:00 +0000\n",
        "    Ready:          True\n    Restart Count:  2\n    Limits:\n      cpu:      1500m\n",
        "    Readiness:  exec [a b] delay=0s timeout=0s period=3s #success=0 #failure=0\n",
        "      all  ConfigMap with prefix 'P_'  Optional: false\n      s    Secret",
        "      LINES:  one\n              two\n      NAME:   web (v1:metadata.name)\n",
        "      APP:     (v1:metadata.labels['app'])\n      CPU:    2 (limits.cpu)\n",
        "      MIB:    1024 (limits.memory)\n      KEY:    <set to the key 'k' in secret 's'>",
        '    Mounts:\n      /v from v (ro,path="p")\n',
        "Conditions:\n  Type           Status\n  Ready          True \n",
        "QoS Class:       Guaranteed\n",
    ):
        assert part in text, text


def test_volumes_are_told_by_what_they_are_made_of() -> None:
    """Those that many use in kubectl's form, all others with their fields."""
    spec = """
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers: [{name: c, image: web:1}]
  volumes:
  - {name: a, hostPath: {path: /a}}
  - {name: b, emptyDir: {}}
  - {name: c, secret: {secretName: s, optional: true}}
  - {name: d, downwardAPI: {items: [{path: l, fieldRef: {fieldPath: metadata.labels}}]}}
  - {name: e, projected: {sources: [{configMap: {name: p}}]}}
  - {name: f, nfs: {server: s, path: /p}}
  - {name: g, csi: {driver: d, readOnly: true, volumeAttributes: {k: v, l: w}}}
  - {name: h, image: {reference: i}}
  - {name: i, rbd: {image: r, monitors: [m]}}
"""
    page = Page()
    pod: Any = message(spec)
    volumes.write(page, pod.spec.volumes)
    text = page.text()
    for part in (
        "  a:\n    Type:          HostPath (bare host directory volume)\n    Path:          /a\n",
        "    Medium:     \n    SizeLimit:  <unset>\n",
        "    SecretName:  s\n    Optional:    true\n",
        "    Items:\n      metadata.labels -> l\n",
        "    ConfigMapName:  p\n",
        (
            "  f:\n    Type:      NFS (an NFS mount that lasts the lifetime of a pod)\n"
            "    Server:    s\n    Path:      /p\n    ReadOnly:  false\n"
        ),
        (
            "  g:\n    Type:              CSI (a Container Storage Interface (CSI) volume source)\n"
            "    Driver:            d\n    FSType:            \n    ReadOnly:          true\n"
            "    VolumeAttributes:  k=v\n                       l=w\n"
        ),
        "  h:\n    Type:        Image (a container image or OCI artifact)\n    Reference:   i\n",
        "  i:\n    Type:   RBD\n    Image:  r\n",
    ):
        assert part in text, text


def test_a_template_without_containers_says_so() -> None:
    """As does one without volumes."""
    page = Page()
    containers.write(page, "Containers", [], margin="  ")
    volumes.write(page, [], margin="  ")
    assert page.text() == "  Containers: <none>\n  Volumes:  <none>\n"


def test_long_annotations_stand_below_their_names() -> None:
    """Cut, and what a client-side apply keeps is left out."""
    page = Page()
    long = {
        "long": "x" * 200,
        "two": "a\nb\n",
        "kubectl.kubernetes.io/last-applied-configuration": "{}",
    }
    page.annotations("Annotations", long)
    cut = "x" * 138
    assert page.text() == (
        f"Annotations:  long:\n                {cut}...\n"
        "              two:\n                a\n                b\n"
    )


@pytest.mark.parametrize(
    ("field", "heading"),
    [
        ("resourceVersion", "Resource Version"),
        ("apiVersion", "API Version"),
        ("uid", "UID"),
        ("podCIDRs", "Pod CID Rs"),
        ("x-kubernetes", "X - Kubernetes"),
        ("app.kubernetes.io/name", "app.kubernetes.io/name"),
        ("key_2", "key_2"),
    ],
)
def test_fields_have_names_for_people(field: str, heading: str) -> None:
    """Words that begin with capitals, as kubectl makes them of a field's name."""
    assert anything.heading(field) == heading


def test_a_page_moves_no_cursor() -> None:
    """What could is made visible."""
    page = Page()
    page.field("Name", "a\x1b[2Jb")
    assert page.text() == "Name:  a^[[2Jb\n"


@pytest.mark.parametrize("key", ["storageclass", "storageclass.beta"])
async def test_a_class_is_the_default_by_either_annotation(key: str) -> None:
    """As in its table."""
    annotation = f"{key}.kubernetes.io/is-default-class"
    text = f"""
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {{name: fast, annotations: {{{annotation}: "true"}}}}
provisioner: a.b/c
"""
    page = Page()
    around: Any = None
    await storage.storage_class(page, message(text), around)
    assert "IsDefaultClass:        Yes\n" in page.text()
