"""describe, wait and events: what they say of the objects that the stand-in has."""

from __future__ import annotations

from tests.differential.case import Case, config_map, documents

# kubectl shows the keys in any order.
_SECRET = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {word: some text}\n"
_ACCOUNT = """apiVersion: v1
kind: ServiceAccount
metadata: {name: robot}
imagePullSecrets: [{name: s}, {name: gone}]
secrets: [{name: s}]
"""
_MARKED = """apiVersion: v1
kind: ConfigMap
metadata:
  name: marked
  labels: {b: "2", a: "1"}
  annotations:
    short: one line
    lines: "one\\ntwo\\n"
    kubectl.kubernetes.io/last-applied-configuration: "{}"
    long: "%s"
data: {only: "tab\\there"}
""" % ("x" * 150)
# A pod with all that a server fills in, so that both servers have the same.
_POD = """apiVersion: v1
kind: Pod
metadata: {name: pod, labels: {app: web}}
spec:
  restartPolicy: Always
  terminationGracePeriodSeconds: 30
  dnsPolicy: ClusterFirst
  schedulerName: default-scheduler
  securityContext: {}
  enableServiceLinks: true
  nodeSelector: {disk: ssd}
  tolerations:
  - {key: b, operator: Equal, value: v, effect: NoExecute, tolerationSeconds: 5}
  - {operator: Exists}
  topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: zone
    whenUnsatisfiable: DoNotSchedule
    labelSelector: {matchLabels: {a: b}}
  - {maxSkew: 2, topologyKey: host, whenUnsatisfiable: ScheduleAnyway}
  initContainers:
  - name: first
    image: example.com/first:1
    imagePullPolicy: IfNotPresent
    terminationMessagePath: /dev/termination-log
    terminationMessagePolicy: File
    resources: {}
  containers:
  - name: c
    image: example.com/c:1
    imagePullPolicy: IfNotPresent
    terminationMessagePath: /dev/termination-log
    terminationMessagePolicy: File
    command: [run, "two\\nlines"]
    ports: [{containerPort: 80, protocol: TCP}, {containerPort: 53, hostPort: 5353, protocol: UDP}]
    resources: {limits: {cpu: "1", memory: 1Gi}, requests: {cpu: 500m, memory: 1Gi}}
    livenessProbe:
      httpGet: {path: /ok, port: web, host: "::1", scheme: HTTPS}
      {numbers}
    readinessProbe:
      tcpSocket: {port: 80}
      {numbers}
    startupProbe:
      exec: {command: [a, b c]}
      {numbers}
    envFrom: [{prefix: P_, configMapRef: {name: all}}, {secretRef: {name: s, optional: true}}]
    env:
    - {name: LINES, value: "one\\ntwo"}
    - {name: NAME, valueFrom: {fieldRef: {apiVersion: v1, fieldPath: metadata.name}}}
    - {name: APP, valueFrom: {fieldRef: {apiVersion: v1, fieldPath: "metadata.labels['app']"}}}
    - {name: CPU, valueFrom: {resourceFieldRef: {resource: requests.cpu, divisor: "0"}}}
    - {name: MIB, valueFrom: {resourceFieldRef: {resource: limits.memory, divisor: 1Mi}}}
    - {name: KEY, valueFrom: {secretKeyRef: {name: s, key: k}}}
    volumeMounts: [{name: d, mountPath: /v, subPath: p, readOnly: true}, {name: a, mountPath: /a}]
  volumes:
  - {name: a, hostPath: {path: /a, type: ""}}
  - {name: b, emptyDir: {sizeLimit: 1Gi}}
  - {name: c, secret: {secretName: s, optional: true, defaultMode: 420}}
  - {name: d, configMap: {name: conf, defaultMode: 420}}
  - {name: e, persistentVolumeClaim: {claimName: claim}}
  - name: f
    downwardAPI:
      defaultMode: 420
      items: [{path: l, fieldRef: {apiVersion: v1, fieldPath: metadata.labels}}]
status: {phase: Pending, qosClass: Burstable}
""".replace(
    "{numbers}",
    "initialDelaySeconds: 3\n      timeoutSeconds: 1\n      periodSeconds: 10\n"
    "      successThreshold: 1\n      failureThreshold: 3",
)
_TEMPLATE = """
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}, annotations: {note: hello}}
    spec:
      restartPolicy: Always
      terminationGracePeriodSeconds: 30
      dnsPolicy: ClusterFirst
      schedulerName: default-scheduler
      securityContext: {}
      priorityClassName: high
      serviceAccountName: robot
      serviceAccount: robot
      containers:
      - name: c
        image: example.com/c:1
        imagePullPolicy: IfNotPresent
        terminationMessagePath: /dev/termination-log
        terminationMessagePolicy: File
        resources: {}
"""
_WORKLOAD = "apiVersion: {}\nkind: {}\nmetadata: {{name: web, labels: {{app: web}}}}\nspec:\n{}"
_CLASS = """apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: fast, annotations: {storageclass.kubernetes.io/is-default-class: "true", a: b}}
provisioner: example.com/p
parameters: {b: "2", a: "1"}
reclaimPolicy: Retain
volumeBindingMode: Immediate
mountOptions: [ro, soft]
allowedTopologies: [{matchLabelExpressions: [{key: zone, values: [a, b]}]}]
"""
# kubectl asks for pods by a selector that the stand-in takes for none.
_NODE = """apiVersion: v1
kind: Node
metadata:
  name: "@ns"
  labels: {node-role.kubernetes.io/worker: "", node-role.kubernetes.io/a: "", kubernetes.io/role: b}
spec:
  taints:
  - {key: k, value: v, effect: NoSchedule}
  - {key: b, effect: NoExecute}
  podCIDR: 10.0.0.0/24
  podCIDRs: [10.0.0.0/24]
  providerID: p
status:
  capacity: {cpu: "4", memory: 8Gi, pods: "110", hugepages-2Mi: "0", example.com/gpu: "2"}
  allocatable: {cpu: 3900m, memory: 8Gi, pods: "110", hugepages-2Mi: "0", example.com/gpu: "2"}
  conditions:
  - {type: Ready, status: "True", reason: R, lastHeartbeatTime: "2026-01-01T00:00:00Z"}
  addresses: [{type: InternalIP, address: 10.0.0.1}]
  daemonEndpoints: {kubeletEndpoint: {Port: 0}}
  nodeInfo: {machineID: m, systemUUID: s, kernelVersion: k, osImage: o, kubeletVersion: v1}
"""
_SLICE = """apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: web, labels: {a: b}}
addressType: IPv4
ports: [{name: http, port: 80, protocol: TCP}, {name: "", port: 53, protocol: UDP}]
endpoints:
- {addresses: [10.0.0.1], conditions: {ready: true}, nodeName: node, zone: z, hostname: h}
- {addresses: [10.0.0.2], conditions: {}, targetRef: {kind: Pod, name: p}}
"""
_INGRESS_CLASS = """apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: outer}
spec: {controller: example.com/c, parameters: {apiGroup: g, kind: K, name: p, scope: Cluster}}
"""
WORKLOADS: dict[str, str] = {
    "rs": _WORKLOAD.format("apps/v1", "ReplicaSet", f"  replicas: 2\n{_TEMPLATE}"),
    "sts": _WORKLOAD.format(
        "apps/v1",
        "StatefulSet",
        "  replicas: 2\n  serviceName: web\n  podManagementPolicy: OrderedReady\n"
        "  updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: 1}}\n"
        "  volumeClaimTemplates:\n  - metadata: {name: data, labels: {a: b}}\n"
        "    spec: {accessModes: [ReadWriteOnce], volumeMode: Filesystem, "
        f"resources: {{requests: {{storage: 1Gi}}}}}}\n{_TEMPLATE}",
    ),
    "ds": _WORKLOAD.format(
        "apps/v1",
        "DaemonSet",
        "  updateStrategy: {type: RollingUpdate, rollingUpdate: {maxUnavailable: 1, maxSurge: 0}}\n"
        f"{_TEMPLATE}",
    ).replace(
        "labels: {app: web}}\nspec",
        'annotations: {deprecated.daemonset.template.generation: "1"}}\nspec',
    ),
    "job": _WORKLOAD.format(
        "batch/v1",
        "Job",
        "  parallelism: 2\n  completions: 3\n  completionMode: Indexed\n  suspend: false\n"
        "  backoffLimit: 6\n  ttlSecondsAfterFinished: 5\n  activeDeadlineSeconds: 7\n"
        f"  manualSelector: true\n  podReplacementPolicy: TerminatingOrFailed\n{_TEMPLATE}",
    ).replace("Policy: Always", "Policy: Never"),
    "sc": _CLASS,
}
_OBJECTS = documents(config_map("web-1", labels="app: web"), config_map("web-2"), _SECRET, _ACCOUNT)

DESCRIBES: tuple[tuple[str, ...], ...] = (
    ("cm", "web-1"), ("cm", "web"), ("cm", "none"), ("cm",), ("cm", "-l", "app=web"),
    ("secret", "s"), ("sa", "robot"), ("cm/web-1", "secret/s"), ("cm/web-1", "secret/none"),
    ("cm", "web-1", "--show-events=false"), ("cm", "-l", "a=none"), ("widgets", "a"), (),
    ("-f", "x.yaml"), ("cm", "-f", "x.yaml"), ("cm", "web-1", "web-2"), ("cm,secret",),
)  # fmt: skip
WAITS: tuple[tuple[str, ...], ...] = (
    ("cm/web-1", "--for=jsonpath={.data.k}=v", "--timeout=0"),
    ("cm/web-1", "--for=jsonpath={.data.k}=x", "--timeout=0"),
    ("cm/web-1", "--for=jsonpath={.data.k}=='v'", "--timeout=0"),
    ("cm/web-1", "--for=condition=Ready", "--timeout=0"),
    ("cm/web-1", "--for=delete", "--timeout=0"), ("cm/none", "--for=delete"),
    ("cm/none", "--for=jsonpath={.data.k}", "--timeout=0"),
    ("cm/web-1", "cm/web-2", "--for=create", "-o", "name"),
    ("cm", "--all", "--for=jsonpath=.metadata.name", "--timeout=0"),
    ("cm", "-l", "a=none", "--for=create"), ("-f", "x.yaml", "--for=create", "--timeout=0"),
    ("cm/web-1",), ("cm/web-1", "--for=jsonpath={.a}={.b}=c"), ("cm/web-1", "--for=jsonpath="),
    ("cm", "--for=delete"), ("cm/web-1", "--for=x", "-o", "y"), ("cm/web-1", "--timeout=x"),
)  # fmt: skip
EVENTS: tuple[tuple[str, ...], ...] = (
    (), ("--for=cm/a",), ("--for=cm",), ("--for=a/b/c",), ("--for=widget/a",),
    ("--for=widgets.example.com/a",), ("--types=Other",), ("--types=normal,Warning",),
    ("--output=y",), ("--chunk-size=x",),
)  # fmt: skip


def _cases(verb: str, argument_lists: tuple[tuple[str, ...], ...]) -> tuple[Case, ...]:
    return tuple(
        Case(
            name=f"{verb}/{' '.join(args)}",
            args=(verb, *args),
            files={"x.yaml": config_map("web-1")},
            objects=_OBJECTS,
        )
        for args in argument_lists
    )


CASES = (
    *_cases("describe", DESCRIBES),
    Case(name="describe/annotations", args=("describe", "cm", "marked"), objects=_MARKED),
    Case(name="describe/a pod", args=("describe", "pod", "pod"), objects=_POD),
    *(
        Case(
            name=f"describe/{kind}",
            args=("describe", kind, "fast" if kind == "sc" else "web"),
            objects=text,
        )
        for kind, text in WORKLOADS.items()
    ),
    Case(name="describe/endpoints", args=("describe", "endpointslice"), objects=_SLICE),
    Case(name="describe/class", args=("describe", "ingressclass", "outer"), objects=_INGRESS_CLASS),
    Case(name="describe/node", args=("describe", "node", "@ns"), objects=_NODE),
    *_cases("wait", WAITS),
    *_cases("events", EVENTS),
)
