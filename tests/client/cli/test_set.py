"""``cubectl set``: one field of an object is changed, here or on the server."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.client.command_line import CommandLine

if TYPE_CHECKING:
    from pathlib import Path

WORKLOADS = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      initContainers: [{name: init, image: 'init:1'}]
      containers:
      - {name: web, image: 'web:1', env: [{name: A, value: '1'}]}
      - {name: log, image: 'log:1'}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web, old: label}, ports: [{port: 80}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: conf}
data: {some-key: one, other: two}
---
apiVersion: v1
kind: Secret
metadata: {name: keys}
stringData: {token: secret}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: readers}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects: [{kind: User, apiGroup: rbac.authorization.k8s.io, name: someone}]
"""
CRON_JOB = b"""
apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly}
spec:
  schedule: '@daily'
  jobTemplate:
    spec:
      template:
        spec: {restartPolicy: Never, containers: [{name: job, image: 'job:1'}]}
"""


@pytest.fixture
def place(cubectl: CommandLine, namespace: str) -> tuple[str, ...]:
    """Provide the flags that name a namespace with objects."""
    done = cubectl("-n", namespace, "create", "-f", "-", stdin=WORKLOADS.encode())
    assert done.code == 0, done.err
    return ("-n", namespace)


def pod_spec(cubectl: CommandLine, place: tuple[str, ...]) -> Any:
    """Return what the Deployment says of its pods."""
    found = cubectl(*place, "get", "deployment", "web", "-o=jsonpath={.spec.template.spec}")
    return json.loads(found.out)


def containers(cubectl: CommandLine, place: tuple[str, ...], field: str) -> dict[str, Any]:
    """Return a field of each container by its name."""
    spec = pod_spec(cubectl, place)
    every = spec["initContainers"] + spec["containers"]
    return {each["name"]: each.get(field) for each in every}


def test_images(cubectl: CommandLine, place: tuple[str, ...]) -> None:
    """Of one container, of all, and of a name that no container has."""
    image = (*place, "set", "image", "deployment/web")
    assert cubectl(*image, "web=web:2").out == "deployment.apps/web image updated\n"
    again = cubectl(*image, "web=web:2")
    assert (again.code, again.out, again.err) == (0, "", "")
    assert containers(cubectl, place, "image") == {"init": "init:1", "web": "web:2", "log": "log:1"}
    assert cubectl(*image, "*=all:3").code == 0
    assert set(containers(cubectl, place, "image").values()) == {"all:3"}
    done = cubectl(*image, "web=web:4", "other=other:1")
    # The containers that there are have their images anyway.
    assert (done.code, done.out) == (1, "deployment.apps/web image updated\n")
    assert done.err == 'error: unable to find container named "other"\n'


def test_a_change_spares_what_others_set(cubectl: CommandLine, place: tuple[str, ...]) -> None:
    """What is sent is what changes, of the container that is meant."""
    cubectl(*place, "set", "resources", "deployment/web", "-c=web", "--limits=cpu=0.5")
    cubectl(*place, "set", "resources", "deployment/web", "-c=w*", "--limits=memory=1Gi")
    done = cubectl(*place, "set", "resources", "deployment/web", "-c=web", "--limits=cpu=500m")
    assert (done.code, done.out) == (0, "")
    assert containers(cubectl, place, "resources") == {
        "init": {},
        "web": {"limits": {"cpu": "500m", "memory": "1Gi"}},
        "log": {},
    }


def test_variables(cubectl: CommandLine, place: tuple[str, ...]) -> None:
    """They are set, taken away, read from standard input, and kept with --overwrite=false."""
    env = (*place, "set", "env", "deployment/web")
    assert cubectl(*env, "-c=web", "A=2", "B=").out == "deployment.apps/web env updated\n"
    assert cubectl(*env, "-c=log", "-", stdin=b"C=3 # three\nno variable\n").code == 0
    assert containers(cubectl, place, "env") == {
        "init": None,
        "web": [{"name": "A", "value": "2"}, {"name": "B"}],
        "log": [{"name": "C", "value": "3 "}],
    }
    done = cubectl(*env, "A=3", "--overwrite=false")
    assert done.err == (
        "error: deployments/web 'A' already has a value (2), and --overwrite is false\n"
    )
    assert cubectl(*env, "A-", "B-", "C-").code == 0
    assert set(containers(cubectl, place, "env").values()) == {None}
    done = cubectl(*env, "-c=none", "A=1")
    assert done.err == ('Warning: Deployment/web does not have any containers matching "none"\n')


def test_variables_from_elsewhere(cubectl: CommandLine, place: tuple[str, ...]) -> None:
    """From the keys of ConfigMaps and Secrets; the values are found when they are shown."""
    env = (*place, "set", "env", "deployment/web", "-c=web")
    done = cubectl(*env, "--from=configmap/conf", "--keys=some-key", "--prefix=P_")
    assert done.err == "Warning: key some-key transferred to SOME_KEY\n"
    assert cubectl(*env, "--from=secret/keys").code == 0
    assert cubectl(*env, "--list").out == (
        "# Deployment web, container web\nA=1\n"
        "# P_SOME_KEY from configmap conf, key some-key\n# TOKEN from secret keys, key token\n"
    )
    assert cubectl(*env, "--list", "--resolve").out == (
        "# Deployment web, container web\nA=1\nP_SOME_KEY=one\nTOKEN=secret\n"
    )
    cubectl(*place, "delete", "secret", "keys")
    done = cubectl(*env, "--list", "--resolve", "A=7")
    assert done.out.splitlines()[1:] == [
        "A=7",
        "P_SOME_KEY=one",
        "# TOKEN from secret keys, key token",
    ]
    assert done.err == 'error retrieving reference for TOKEN: secrets "keys" not found\n'
    assert containers(cubectl, place, "env")["web"][0] == {"name": "A", "value": "1"}
    done = cubectl(*env, "--from=service/web")
    assert done.err == "error: unsupported resource specified in --from\n"


def test_fields_and_resources_as_variables(cubectl: CommandLine) -> None:
    """They are found in the object itself."""
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web", "labels": {"app": "web"}},
        "spec": {
            "containers": [
                {
                    "name": "web",
                    "image": "web:1",
                    "resources": {"limits": {"cpu": "1500m"}},
                    "env": [
                        {"name": name, "valueFrom": {"fieldRef": {"fieldPath": path}}}
                        for name, path in (
                            ("NAME", "metadata.name"),
                            ("APP", "metadata.labels['app']"),
                            ("ALL", "metadata.labels"),
                            ("IP", "status.podIP"),
                        )
                    ]
                    + [
                        {
                            "name": "CPU",
                            "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu"}},
                        }
                    ],
                }
            ]
        },
    }
    listed = ("set", "env", "-f", "-", "--local", "--list")
    done = cubectl(*listed, "--resolve", stdin=json.dumps(pod).encode())
    assert done.out == (
        '# Pod web, container web\nNAME=web\nAPP=web\nALL=app="web"\n'
        "# IP from field path status.podIP\nCPU=2\n"
    )
    assert done.err == "error retrieving reference for IP: unsupported fieldPath: status.podIP\n"
    done = cubectl(*listed, stdin=json.dumps(pod).encode())
    assert done.out.endswith("# CPU from resource field limits.cpu\n")


def test_a_selector_takes_the_place_of_another(
    cubectl: CommandLine, place: tuple[str, ...]
) -> None:
    """Only of a Service, and of labels alone; a version is a condition."""
    selector = (*place, "set", "selector")
    done = cubectl(*selector, "service/web", "tier=front", "--resource-version=1")
    assert done.err.startswith("Error from server (Conflict): Operation cannot be fulfilled"), done
    assert cubectl(*selector, "service/web", "tier=front").out == "service/web selector updated\n"
    found = cubectl(*place, "get", "service", "web", "-o=jsonpath={.spec.selector}").out
    assert json.loads(found) == {"tier": "front"}
    done = cubectl(*selector, "service/web", "app in (a,b),!c")
    told = "match expression [{app In [a b]} {c DoesNotExist []}] not supported on this object"
    assert done.err == f"error: {told}\n"
    done = cubectl(*selector, "deployment/web", "a=b")
    assert done.err == "error: setting a selector is only supported for Services\n"


def test_service_accounts_and_subjects(cubectl: CommandLine, place: tuple[str, ...]) -> None:
    """A subject that is there is not added again."""
    done = cubectl(*place, "set", "sa", "deployment", "web", "robot")
    assert done.out == "deployment.apps/web serviceaccount updated\n"
    assert pod_spec(cubectl, place)["serviceAccountName"] == "robot"
    subject = (*place, "set", "subject", "rolebinding/readers")
    done = cubectl(*subject, "--user=alice", "--group=dev", "--serviceaccount=:robot")
    assert done.out == "rolebinding.rbac.authorization.k8s.io/readers subjects updated\n"
    assert cubectl(*subject, "--user=alice").out == ""
    names = "-o=jsonpath={range .subjects[*]}{.kind} {.name} {.namespace},{end}"
    found = cubectl(*place, "get", "rolebinding", "readers", names).out
    assert found == f"User someone ,User alice ,Group dev ,ServiceAccount robot {place[1]},"
    done = cubectl(*place, "set", "subject", "deployment/web", "--user=alice")
    assert done.err == (
        "error: deployments/web setting subjects is only supported for "
        "RoleBinding/ClusterRoleBinding\n"
    )


@pytest.mark.parametrize("mode", ["client", "server"])
def test_a_dry_run_changes_nothing(cubectl: CommandLine, place: tuple[str, ...], mode: str) -> None:
    """It shows what would become of the object."""
    image = (*place, "set", "image", "deployment/web", "web=web:2", f"--dry-run={mode}")
    suffix = "(dry run)" if mode == "client" else "(server dry run)"
    assert cubectl(*image).out == f"deployment.apps/web image updated {suffix}\n"
    shown = json.loads(cubectl(*image, "-o=json").out)
    assert shown["spec"]["template"]["spec"]["containers"][0]["image"] == "web:2"
    assert containers(cubectl, place, "image")["web"] == "web:1"


def test_files_are_changed_without_a_server(tmp_path: Path) -> None:
    """Also where the template lies deep, in the form that kubectl writes."""
    alone = CommandLine(environ={"HOME": str(tmp_path), "PROTOCUBE_SERVER": "127.0.0.1:1"})
    image = ("set", "image", "-f", "-", "--local", "-o=yaml")
    assert alone(*image, "job=job:2", stdin=CRON_JOB).out == (
        "apiVersion: batch/v1\nkind: CronJob\nmetadata:\n  creationTimestamp: null\n"
        "  name: nightly\nspec:\n  jobTemplate:\n    metadata:\n      creationTimestamp: null\n"
        "    spec:\n      template:\n        metadata:\n          creationTimestamp: null\n"
        "        spec:\n          containers:\n          - image: job:2\n            name: job\n"
        "            resources: {}\n          restartPolicy: Never\n  schedule: '@daily'\n"
        "status: {}\n"
    )
    assert alone("set", "image", "--local", "pod/web", "web=web:1").err.startswith(
        "error: you must specify resources by --filename when --local is set.\n"
    )


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("image", "deployment/web"), "at least one image update is required"),
        (("image", "deployment/web", "*=a", "web=b"), "all containers are already specified by *"),
        (("image", "deployment/web", "web-"), "invalid image format: web-"),
        (("image", "service/web", "web=a"), "services/web the object is not a pod or does not"),
        (("image", "deployment", "--all", "-l=a=b", "web=a"), "cannot set --all and --selector"),
        (("env", "A=1"), "one or more resources must be specified as"),
        (("env", "deployment/web", "1A=1"), '"1A" is not a valid key name: a valid environment'),
        (("env", "deployment/web", "A=1", "A-"), "can not both modify and remove the same"),
        (("env", "deployment/web", "A=1", "web"), "all resources must be specified before"),
        (("env", "deployment/web", "--keys=a"), "when specifying --keys, a configmap or secret"),
        (("env", "deployment/web", "--list", "-o=yaml"), "--list and --output may not be"),
        (("resources", "deployment/web"), "you must specify an update to requests or limits"),
        (("resources", "deployment/web", "--limits=cpu"), "Invalid argument syntax cpu, expected"),
        (("resources", "deployment/web", "--limits=cpu=lots"), "quantities must match the regular"),
        (("resources", "deployment/web", "-c=x", "--limits=cpu=1"), "unable to find container"),
        (("selector",), "one selector is required"),
        (("selector", "service/web", "a=b=c"), "couldn't parse the selector string"),
        (("serviceaccount",), "serviceaccount is required"),
        (("subject", "rolebinding/readers"), "you must specify at least one value of user"),
        (
            ("subject", "rolebinding/readers", "--serviceaccount=robot"),
            "serviceaccount must be <namespace>:<name>",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused(
    cubectl: CommandLine, place: tuple[str, ...], args: tuple[str, ...], told: str
) -> None:
    """In kubectl's words."""
    done = cubectl(*place, "set", *args)
    assert done.code == 1
    assert done.err.startswith(f"error: {told}"), done.err
