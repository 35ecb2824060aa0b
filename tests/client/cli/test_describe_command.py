"""``cubectl describe``: what the recorded scenario does not show."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.client.command_line import CommandLine

if TYPE_CHECKING:
    from pathlib import Path

MANY = """
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{name: http, port: 80}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: web-1, labels: {kubernetes.io/service-name: web}}
addressType: IPv4
ports: [{name: http, port: 8080}, {name: other, port: 1}]
endpoints:
- {addresses: [10.0.0.1]}
- {addresses: [10.0.0.2], conditions: {ready: false}}
- {addresses: [10.0.0.3], conditions: {ready: true}}
- {addresses: [10.0.0.4]}
- {addresses: [10.0.0.5]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec:
  ingressClassName: c
  tls: [{hosts: [a.example.com], secretName: s}]
  defaultBackend: {service: {name: gone, port: {number: 80}}}
  rules:
  - http:
      paths:
      - {path: /, pathType: Prefix, backend: {service: {name: web, port: {name: http}}}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress:
  - to: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}]
    ports: [{port: 80, endPort: 90}]
  - {}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: web}
secrets: [{name: here}, {name: gone}]
---
apiVersion: v1
kind: Secret
metadata: {name: here}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: web}
rules:
- {apiGroups: [apps], resources: [deployments/scale], verbs: [update, get]}
- {apiGroups: [apps], resources: [deployments/scale], verbs: [get, patch]}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec: {maxReplicas: 4, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}
---
apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: c, image: web:1}]}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: web}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers: [{name: c, image: web:1}]
  volumes: [{name: v, persistentVolumeClaim: {claimName: web}}]
"""
NODE = """
apiVersion: v1
kind: Node
metadata: {name: described, labels: {node-role.kubernetes.io/worker: ""}}
spec: {taints: [{key: k, value: v, effect: NoSchedule}, {key: b, effect: NoExecute}]}
status: {allocatable: {cpu: "4", memory: 8Gi, pods: "110", example.com/gpu: "2"}}
---
apiVersion: v1
kind: Pod
metadata: {name: on-node}
spec:
  nodeName: described
  initContainers: [{name: d, image: i, resources: {requests: {cpu: "2"}}}]
  containers:
  - name: c
    image: i
    resources: {requests: {cpu: 500m, memory: 1Gi}, limits: {cpu: "1", memory: 1536Mi}}
"""
OWNED = """
apiVersion: v1
kind: Pod
metadata:
  name: web-a
  labels: {{app: web}}
  ownerReferences: [{{apiVersion: apps/v1, kind: ReplicaSet, name: web, uid: {}, controller: true}}]
spec: {{containers: [{{name: c, image: web:1}}]}}
"""
EVENT = """
apiVersion: v1
kind: Event
metadata: {{name: e}}
involvedObject: {{kind: {kind}, namespace: {namespace}, name: web, uid: {uid}}}
reason: Tested
message: something happened
type: Warning
source: {{component: tester}}
"""


@pytest.fixture(scope="module")
def described(server: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[CommandLine, str]:
    """Provide a command line and a namespace with objects that are called web."""
    home = tmp_path_factory.mktemp("home")
    cubectl = CommandLine(environ={"HOME": str(home), "PROTOCUBE_SERVER": server})
    assert cubectl("create", "namespace", "described").code == 0
    done = cubectl("-n", "described", "create", "-f", "-", stdin=MANY.encode())
    assert done.code == 0, done.err
    for kind, word in (("HorizontalPodAutoscaler", "hpa"), ("Service", "svc")):
        uid = cubectl("-n", "described", "get", word, "web", "-o=jsonpath={.metadata.uid}").out
        text = EVENT.format(kind=kind, namespace="described", uid=uid).replace(
            "name: e", f"name: {word}", 1
        )
        assert cubectl("-n", "described", "create", "-f", "-", stdin=text.encode()).code == 0
    uid = cubectl("-n", "described", "get", "rs", "web", "-o=jsonpath={.metadata.uid}").out
    owned = OWNED.format(uid).encode()
    assert cubectl("-n", "described", "create", "-f", "-", stdin=owned).code == 0
    return cubectl, "described"


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        (
            "service",
            "Endpoints:                10.0.0.1:8080,10.0.0.3:8080,10.0.0.4:8080 + 1 more...",
        ),
        ("ingress", "  s terminates a.example.com"),
        (
            "ingress",
            "/   web:http (10.0.0.1:8080,10.0.0.3:8080,10.0.0.4:8080 + 1 more...)\n",
        ),
        ("ingress", 'gone:80 (<error: services "gone" not found>)'),
        (
            "networkpolicy",
            "  PodSelector:     <none> (Allowing the specific traffic to all pods in this",
        ),
        (
            "networkpolicy",
            "    To Port Range: 80-90/TCP\n    To:\n      IPBlock:\n        CIDR: 10.0.0.0/8\n",
        ),
        (
            "networkpolicy",
            "    ----------\n    To Port: <any> (traffic allowed to all ports)\n    To: <any>",
        ),
        ("networkpolicy", "  Not affecting ingress traffic\n"),
        ("serviceaccount", "Mountable secrets:   here\n                     gone (not found)\n"),
        (
            "role",
            "  deployments.apps/scale  []                 []              [update get patch]\n",
        ),
        ("rs", "Pods Status:  0 Running / 1 Waiting / 0 Succeeded / 0 Failed\n"),
        ("pod web-a", "Controlled By:  ReplicaSet/web\n"),
        ("pvc", "Used By:       web\n"),
        (
            "pod",
            "PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)",
        ),
    ],
)
def test_a_page_has_what_belongs_to_the_object(
    described: tuple[CommandLine, str], kind: str, line: str
) -> None:
    """Endpoints, secrets, users of a claim: what other objects say of it."""
    cubectl, namespace = described
    words = kind.split() if " " in kind else (kind, "web")
    done = cubectl("-n", namespace, "describe", *words)
    assert (done.code, done.err) == (0, "")
    assert line in done.out


def test_a_node_is_described_with_its_pods(described: tuple[CommandLine, str]) -> None:
    """What they ask for, at the worst moment of each, and what part of the node that is."""
    cubectl, namespace = described
    assert cubectl("-n", namespace, "create", "-f", "-", stdin=NODE.encode()).code == 0
    text = cubectl("describe", "node", "described").out
    assert 'Failed to get lease: leases.coordination.k8s.io "described" not found\n' in text
    assert "Taints:             b:NoExecute\n                    k=v:NoSchedule\n" in text
    *_, pods, allocated = re.split(r"Non-terminated Pods|Allocated resources", text)
    assert re.search(r"described +on-node +2 \(50%\) +1 \(25%\) +1Gi \(12%\) +1536Mi \(18%\)", pods)
    assert "  cpu                2 (50%)    1 (25%)\n" in allocated
    assert (
        "  ephemeral-storage  0 (0%)     0 (0%)\n  example.com/gpu    0          0\n" in allocated
    )


def test_any_kind_has_a_page(described: tuple[CommandLine, str]) -> None:
    """All fields with names for people, but for those that stand above, and the events."""
    cubectl, namespace = described
    text = cubectl("-n", namespace, "describe", "hpa", "web").out
    assert text.startswith("Name:         web\nNamespace:    described\nLabels:       <none>\n")
    assert (
        "\nAPI Version:  autoscaling/v2\nKind:         HorizontalPodAutoscaler\nMetadata:\n" in text
    )
    assert re.search(r"\n  Resource Version:    \d+\n  UID:                 \S+\nSpec:\n", text)
    assert "  Scale Target Ref:\n    API Version:  apps/v1\n    Kind:         Deployment\n" in text
    events = text[text.index("\nEvents:") :]
    assert events == (
        "\nEvents:\n"
        "  Type     Reason  Age        From    Message\n"
        "  ----     ------  ----       ----    -------\n"
        "  Warning  Tested  <unknown>  tester  something happened\n"
    )


def test_events_can_be_left_out(described: tuple[CommandLine, str]) -> None:
    """Neither they nor their heading is there."""
    cubectl, namespace = described
    assert "Events:" in cubectl("-n", namespace, "describe", "svc", "web").out
    done = cubectl("-n", namespace, "describe", "svc", "web", "--show-events=false")
    assert "Events:" not in done.out


def test_several_objects_have_space_between(
    described: tuple[CommandLine, str], tmp_path: Path
) -> None:
    """By name, by file, or all of a kind; those of files as the server has them."""
    cubectl, namespace = described
    flags = ("-n", namespace, "describe")
    both = cubectl(*flags, "service/web", "serviceaccount/web").out
    assert "Warning  Tested  <unknown>  tester  something happened\n\n\nName:" in both
    file = tmp_path / "web.yaml"
    file.write_text("apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: web}\n")
    assert cubectl(*flags, "-f", str(file)).out == cubectl(*flags, "sa", "web").out
    assert cubectl(*flags, "sa").out.count("Mountable secrets:") >= 1


def test_nothing_is_told(described: tuple[CommandLine, str]) -> None:
    """In a namespace, or anywhere."""
    cubectl, namespace = described
    done = cubectl("-n", namespace, "describe", "pods", "-l", "a=none")
    assert (done.code, done.out, done.err) == (
        0,
        "",
        "No resources found in described namespace.\n",
    )
    done = cubectl("describe", "pods", "-A", "-l", "a=none")
    assert (done.code, done.out, done.err) == (0, "", "No resources found\n")
