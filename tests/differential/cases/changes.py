"""set, run, expose, autoscale and others: what is worked out before anything is sent."""

from __future__ import annotations

from tests.differential.case import Case

_DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      initContainers: [{name: init, image: 'init:1'}]
      containers:
      - name: web
        image: web:1
        env: [{name: A, value: '1'}, {name: K, valueFrom: {secretKeyRef: {name: s, key: k}}}]
        ports: [{containerPort: 80}, {containerPort: 53, protocol: UDP}]
        resources: {limits: {cpu: '1'}}
      - {name: log, image: 'log:1'}
"""
FILES = {
    "deployment.yaml": _DEPLOYMENT,
    "pod.yaml": (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: web, labels: {app: web}}\n"
        "spec: {containers: [{name: web, image: 'web:1'}]}\n"
    ),
    "cron.yaml": (
        "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: c}\n"
        "spec: {schedule: '@daily', jobTemplate: {spec: {template: {spec: "
        "{restartPolicy: Never, containers: [{name: job, image: 'job:1'}]}}}}}\n"
    ),
    "service.yaml": (
        "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n"
        "spec: {selector: {app: web}, ports: [{port: 80, name: a}, {port: 53, protocol: UDP}]}\n"
    ),
    "binding.yaml": (
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: b}\n"
        "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: r}\n"
    ),
    "claim.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: conf}\n",
}
_HERE = ("--local", "-o", "yaml")
_SHOWN = ("--dry-run=client", "-o", "yaml")
_AS_JSON = ("--dry-run=client", "-o", "json")
_D = ("-f", "deployment.yaml")

_SET: tuple[tuple[str, ...], ...] = (
    ("image", *_D, "web=web:2", *_HERE),
    ("image", *_D, "init=init:2", "log=log:2", *_HERE),
    ("image", *_D, "*=all:2", "--local", "-o", "json"),
    ("image", "-f", "cron.yaml", "job=job:2", *_HERE),
    ("image", "-f", "pod.yaml", "web=web:2", "--local"),
    ("image", "-f", "pod.yaml", "web=web:1", "--local"),
    ("image", *_D, "other=x", "--local"),
    ("image", *_D, "--local"),
    ("image", *_D, "*=a", "web=b", "--local"),
    ("image", *_D, "web-", "--local"),
    ("image", "-f", "claim.yaml", "web=x", "--local"),
    ("image", *_D, "web=x", "--local", "--dry-run=server"),
    ("image", "deployment/web", "web=x", "--local"),
    ("image", *_D, "web=x", "deployment/web", "--local"),
    ("env", *_D, "A=2", "B=", "C=a=b", *_HERE),
    ("env", *_D, "-c", "w*", "A-", "K=v", *_HERE),
    ("env", *_D, "-e", "X=1", "-e", "Y=2", "--prefix=P_", *_HERE),
    ("env", *_D, "--list", "--local"),
    ("env", *_D, "--list", "--local", "-c", "web", "A-", "N=1"),
    ("env", *_D, "A=2", "--overwrite=false", "--local"),
    ("env", *_D, "A=1", "A-", "--local"),
    ("env", *_D, "1A=x", "--local"),
    ("env", *_D, "-c", "none", "A=2", "--local"),
    ("env", *_D, "A=2", "--keys=a", "--local"),
    ("env", *_D, "--list", "-o", "yaml", "--local"),
    ("env", "-f", "claim.yaml", "A=2", "--local"),
    ("resources", *_D, "--limits=cpu=0.5,memory=1Gi", *_HERE),
    ("resources", *_D, "-c", "log", "--requests=cpu=1e-1,memory=1024Ki", *_HERE),
    ("resources", *_D, "-c", "none", "--limits=cpu=1", "--local"),
    ("resources", *_D, "--limits=cpu", "--local"),
    ("resources", *_D, "--limits=cpu=1x", "--local"),
    ("resources", *_D, "--local"),
    ("selector", "-f", "service.yaml", "a=b,c=d", *_HERE),
    ("selector", "-f", "service.yaml", "a in (b,c)", *_HERE),
    ("selector", *_D, "a=b", "--local"),
    ("serviceaccount", *_D, "robot", *_HERE),
    ("sa", "-f", "claim.yaml", "robot", "--local"),
    ("serviceaccount", "--local"),
    ("subject", "-f", "binding.yaml", "--user=b", "--user=a", "--group=g", *_HERE),
    ("subject", "-f", "binding.yaml", "--serviceaccount=n:s", "--serviceaccount=:t", *_HERE),
    ("subject", "-f", "binding.yaml", "--serviceaccount=s", "--local"),
    ("subject", "-f", "binding.yaml", "--local"),
    ("subject", *_D, "--user=a", "--local"),
)
_RUN: tuple[tuple[str, ...], ...] = (
    ("web", "--image=web:1", *_SHOWN),
    ("web", "--image=web:1", "--port=80", "--labels=a=b,c=d", *_SHOWN),
    ("web", "--image=web:1", "--annotations=a=b", "--env=A=b=c", "--privileged", *_AS_JSON),
    ("web", "--image=web:1", "--restart=OnFailure", *_SHOWN, "--", "a", "-b"),
    ("web", "a", "--image=web:1", "--command", *_SHOWN, "--", "b"),
    ("web", "--image=web:1", '--overrides={"spec":{"hostNetwork":true}}', *_SHOWN),
    ("web", "--image=Web"),
    ("web", "--image=web:1", "--port=x", *_SHOWN),
    ("web", "--image=web:1", "--labels=a", *_SHOWN),
    ("web", "--image=web:1", "--override-type=x", "--overrides={}", *_SHOWN),
    ("--image=web:1", "--", "web"),
)
_OTHERS: tuple[tuple[str, ...], ...] = (
    ("expose", *_D, *_SHOWN),
    ("expose", *_D, "--port=8080", "--target-port=http", "--name=x", "--labels=a=b", *_SHOWN),
    ("expose", *_D, "--protocol=TCP", "--type=LoadBalancer", "--load-balancer-ip=::1", *_AS_JSON),
    ("expose", *_D, "--cluster-ip=None", "--external-ip=192.0.2.1", *_SHOWN),
    ("expose", "-f", "pod.yaml", *_SHOWN),
    ("expose", "-f", "pod.yaml", "--port=x", *_SHOWN),
    ("expose", "-f", "pod.yaml", "--port=1", "--session-affinity=Some", *_SHOWN),
    ("expose", "-f", "claim.yaml", "--port=1", *_SHOWN),
    ("taint", "node", "n", "a=b:Never"),
    ("taint", "node", "a=b:NoSchedule", "n"),
    ("taint", "node", "n", "a:NoSchedule", "a:NoSchedule"),
    ("cordon",),
    ("uncordon", "n", "-l", "a=b"),
    ("drain",),
    ("rollout", "status"),
    ("rollout", "history", "deployment/web", "--revision=-1"),
    ("rollout", "undo", "deployment/web", "--to-revision=x"),
    ("edit",),
)
CASES = (
    *(Case(name=f"set/{' '.join(args)}", args=("set", *args), files=FILES) for args in _SET),
    *(Case(name=f"run/{' '.join(args)}", args=("run", *args)) for args in _RUN),
    *(Case(name=f"changes/{' '.join(args)}", args=args, files=FILES) for args in _OTHERS),
)
