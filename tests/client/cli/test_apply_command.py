"""``cubectl apply``: what the recorded scenarios do not show."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from protocube_client.cli.commands.apply import managers

if TYPE_CHECKING:
    from tests.client.command_line import CommandLine, Done

ANNOTATION = "kubectl.kubernetes.io/last-applied-configuration"


def config_map(name: str = "web", *metadata: str, **data: str | None) -> bytes:
    """Return a ConfigMap as a document, with more ``metadata`` than its name."""
    fields = ", ".join((f"name: {name}", *metadata))
    head = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{{fields}}}\n"
    return (head + (f"data: {json.dumps(data)}\n" if data else "")).encode()


class Apply:
    """``cubectl apply -f -`` in a namespace of the test's own."""

    def __init__(self, cubectl: CommandLine, namespace: str) -> None:
        self.cubectl = cubectl
        self.namespace = namespace

    def __call__(self, stdin: bytes, *flags: str, to_terminal: bool = False) -> Done:
        """Apply a stream of documents."""
        words = ("-n", self.namespace, "apply", "-f", "-", *flags)
        return self.cubectl(*words, stdin=stdin, to_terminal=to_terminal)

    def get(self, *arguments: str) -> Any:
        """Return an object as JSON data."""
        done = self.cubectl("-n", self.namespace, "get", *arguments, "-o", "json")
        assert done.code == 0, done.err
        return json.loads(done.out)


@pytest.fixture
def apply(cubectl: CommandLine, namespace: str) -> Apply:
    """Provide the command in a new namespace."""
    return Apply(cubectl, namespace)


def test_a_dry_run_shows_the_manifest_of_a_new_object(apply: Apply) -> None:
    """With its annotation and without its nulls; nothing is created."""
    done = apply(config_map(a="1", b=None), "--dry-run=client", "-o=json")
    shown = json.loads(done.out)
    assert shown["data"] == {"a": "1"}
    assert json.loads(shown["metadata"]["annotations"][ANNOTATION])["data"] == {"a": "1", "b": None}
    assert apply(config_map(a="1"), "--dry-run=server").out.endswith("created (server dry run)\n")
    assert apply.get("cm", "-l=x=y")["items"] == []


def test_several_objects_are_shown_as_a_list(apply: Apply) -> None:
    """At the end, and only when none failed."""
    both = config_map("a", x="1") + b"---\n" + config_map("b", x="1")
    done = apply(both, "-o", "json")
    assert [item["metadata"]["name"] for item in json.loads(done.out)["items"]] == ["a", "b"]
    assert done.out.startswith('{\n    "kind": "List",\n    "apiVersion": "v1",\n')
    assert apply(both, "-o=jsonpath={.items[*].data}").out == '{"x":"1"} {"x":"1"}'
    failed = apply(both + b"---\n" + config_map("Bad"), "-o", "yaml")
    assert (failed.code, failed.out) == (1, "")


def test_documents_are_told_of_in_their_order(apply: Apply) -> None:
    """Though many are on their way at a time; one that comes twice has its turns."""
    documents = [config_map(f"m{number}", x="1") for number in range(20)]
    stream = b"---\n".join([*documents, config_map("m0", x="2")])
    told = apply(stream, "--parallel=8").out.splitlines()
    wanted = [f"configmap/m{number} created" for number in range(20)]
    assert told == [*wanted, "configmap/m0 configured"]
    again = apply(stream, "--parallel=8").out.splitlines()
    assert again[1:20] == [f"configmap/m{number} unchanged" for number in range(1, 20)]


def test_what_others_set_stays_and_what_the_file_lost_goes(apply: Apply) -> None:
    """Only what the last configuration named is taken away."""
    assert apply(config_map("web", "labels: {a: b}", x="1", y="2")).code == 0
    assert apply.cubectl("-n", apply.namespace, "label", "cm", "web", "by=hand").code == 0
    assert apply(config_map("web", "labels: {}", x="1")).out == "configmap/web configured\n"
    found = apply.get("cm", "web")
    assert (found["metadata"]["labels"], found["data"]) == ({"by": "hand"}, {"x": "1"})


def test_what_others_changed_can_be_spared(apply: Apply) -> None:
    """The error shows both patches, and nothing is changed."""
    assert apply(config_map(x="1")).code == 0
    merge = ("--type=merge", "-p", '{"data":{"x":"3"}}')
    assert apply.cubectl("-n", apply.namespace, "patch", "cm", "web", *merge).code == 0
    done = apply(config_map(x="2"), "--overwrite=false")
    assert done.code == 1
    assert 'error when patching "STDIN": creating patch with:\noriginal:\n{' in done.err
    assert "\nconflicts with changes made from original to current:\ndata:\n  x:" in done.err
    assert apply.get("cm", "web")["data"] == {"x": "3"}


def test_force_replaces_what_cannot_be_changed(apply: Apply) -> None:
    """It is another object then; when it cannot be created, the old one is again."""
    frozen = config_map(x="1") + b"immutable: true\n"
    assert apply(frozen).code == 0
    first = apply.get("cm", "web")["metadata"]["uid"]
    changed = config_map(x="2") + b"immutable: true\n"
    assert apply(changed).code == 1
    done = apply(changed, "--force")
    assert (done.code, done.out) == (0, "configmap/web configured\n")
    found = apply.get("cm", "web")
    assert found["data"] == {"x": "2"}
    assert found["metadata"]["uid"] != first
    assert apply(changed).out == "configmap/web unchanged\n"
    bad = config_map(x="3", **{"?": "no key"}) + b"immutable: true\n"
    assert apply(bad, "--force").code == 1
    assert apply.get("cm", "web")["data"] == {"x": "2"}


DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {a: b}}
  template:
    metadata: {labels: {a: b}}
    spec: {containers: [{name: main, image: 'a:1', args: [x]}, {name: more, image: 'a:1'}]}
"""


def test_a_terminal_is_told_which_fields_changed(
    apply: Apply, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the elements of lists by their keys; not where another form of output is asked for."""
    monkeypatch.setenv("COLUMNS", "80")
    first = DEPLOYMENT.encode()
    assert apply(first, to_terminal=True).out == "deployment.apps/web created\n"
    changed = first.replace(b"replicas: 2", b"paused: true")
    changed = changed.replace(b"'a:1', args: [x]", b"'a:2'").replace(b"name: more", b"name: new")
    done = apply(changed, "--dry-run=server", to_terminal=True)
    path = '.spec.template.spec.containers[name="{}"]'
    told = done.out.splitlines()
    assert told[:5] == [
        "deployment.apps/web configured (server dry run)",
        "  .spec.paused: true is new",
        "  .spec.replicas: 2 -> 1",
        f'  {path.format("main")}.args: ["x"] is gone',
        f'  {path.format("main")}.image: "a:1" -> "a:2"',
    ]
    assert [line.partition(": {")[0] for line in told[5:]] == [
        f"  {path.format('more')}",
        f"  {path.format('new')}",
    ]
    assert all(len(line) <= 80 for line in told)
    assert apply(changed, "-o", "name", to_terminal=True).out == "deployment.apps/web\n"
    assert apply(config_map("more", x="1")).code == 0
    done = apply(config_map("more", x="2"), "-v=1")
    assert done.out == 'configmap/more configured\n  .data.x: "1" -> "2"\n'
    assert apply(config_map("more", x="3")).out == "configmap/more configured\n"
    assert apply(changed, to_terminal=True).out == "deployment.apps/web unchanged\n"


def test_a_terminal_sees_no_secrets(apply: Apply) -> None:
    """Only that they changed; and not all of many changes."""
    secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: word}\nstringData: "
    many = [f"k{number:02}" for number in range(22)]
    assert apply((secret + json.dumps(dict.fromkeys(many, "before"))).encode()).code == 0
    done = apply((secret + json.dumps(dict.fromkeys(many, "after"))).encode(), to_terminal=True)
    told = done.out.splitlines()
    assert told[1] == "  .data.k00: *** -> ***"
    assert told[-1] == "  and 2 more"
    assert len(told) == 22


def test_an_object_on_its_way_out_is_warned_of(apply: Apply) -> None:
    """What is changed will not last."""
    held = config_map("web", "finalizers: [a.b/c]")
    assert apply(held).code == 0
    deleted = apply.cubectl("-n", apply.namespace, "delete", "cm", "web", "--wait=false")
    assert deleted.code == 0
    done = apply(config_map("web", "finalizers: [a.b/c]", x="1"))
    assert done.err == (
        "Warning: Detected changes to resource web which is currently being deleted.\n"
    )
    assert apply(config_map()).code == 0


def test_a_damaged_annotation_is_told_of(apply: Apply) -> None:
    """Nothing can be compared with it."""
    damaged = config_map("web", f"annotations: {{{ANNOTATION}: damaged}}")
    words = ("-n", apply.namespace, "create", "-f", "-")
    assert apply.cubectl(*words, stdin=damaged).code == 0
    done = apply(config_map(x="1"))
    assert done.code == 1
    assert "creating patch with:\noriginal:\ndamaged\n" in done.err


def test_prune_waits_for_the_end_of_objects(apply: Apply) -> None:
    """A finalizer keeps one, so the time is over before it is gone."""
    held = config_map("held", "labels: {set: a}", "finalizers: [a.b/c]")
    assert apply(held + b"---\n" + config_map("kept", "labels: {set: a}")).code == 0
    prune = ("--prune", "-l", "set=a", "--prune-allowlist=core/v1/ConfigMap")
    done = apply(config_map("kept", "labels: {set: a}"), *prune, "--wait", "--timeout=50ms")
    assert done.out == "configmap/kept unchanged\nconfigmap/held pruned\n"
    assert done.err == "error: timed out waiting for the condition on configmaps/held\n"
    merge = ("--type=merge", "-p", '{"metadata":{"finalizers":null}}')
    assert apply.cubectl("-n", apply.namespace, "patch", "cm", "held", *merge).code == 0


def test_what_has_no_annotation_is_not_pruned(apply: Apply) -> None:
    """It was not applied; server-side apply leaves none either."""
    created = apply.cubectl(
        "-n", apply.namespace, "create", "-f", "-", stdin=config_map("made", "labels: {set: b}")
    )
    assert created.code == 0
    assert apply(config_map("owned", "labels: {set: b}"), "--server-side").code == 0
    prune = ("--prune", "-l", "set=b", "--prune-allowlist=core/v1/ConfigMap")
    assert apply(config_map("kept", "labels: {set: b}"), *prune).out == "configmap/kept created\n"


def test_server_side_says_what_is_empty(apply: Apply) -> None:
    """The text is sent as it is, so its nulls and zeros are owned."""
    deployment = DEPLOYMENT.replace("replicas: 2", "replicas: 0").encode()
    done = apply(deployment, "--server-side", "--show-managed-fields", "-o", "json")
    shown = json.loads(done.out)
    assert shown["spec"]["replicas"] == 0
    assert "f:replicas" in shown["metadata"]["managedFields"][0]["fieldsV1"]["f:spec"]
    assert "managedFields" not in apply(deployment, "--server-side", "-o", "yaml").out


def test_server_side_takes_over_from_client_side(apply: Apply) -> None:
    """Whoever the manager is, the fields of the client-side one are not held twice."""
    assert apply(config_map(x="1", y="2")).code == 0
    assert apply(config_map(x="1"), "--server-side", "--field-manager=other").code == 0
    found = apply.get("cm", "web", "--show-managed-fields")
    assert found["data"] == {"x": "1"}
    owners = [entry["manager"] for entry in found["metadata"]["managedFields"]]
    assert owners == ["other"]


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (("--prune", "--force", "--all"), "--force cannot be used with --prune"),
        (("--prune", "--all", "--server-side"), "--prune is in alpha and doesn't currently work"),
        (("--subresource=status",), "--subresource can only be specified for --server-side"),
        (("--subresource=log", "--server-side"), "the subresource log cannot be applied"),
        (("--parallel=0",), "--parallel must be at least 1, not 0"),
        (("--openapi-patch=false",), "--openapi-patch is not supported: patches always"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    cubectl: CommandLine, flags: tuple[str, ...], told: str
) -> None:
    """Before any call, and before anything is read."""
    done = cubectl("apply", "-f", "-", *flags)
    assert done.code == 1
    assert done.err.startswith(f"error: {told}"), done.err


def entry(manager: str, operation: str, fields: Any, version: str = "v1") -> dict[str, Any]:
    """Return one owner of fields."""
    return {
        "manager": manager,
        "operation": operation,
        "apiVersion": version,
        "fieldsV1": fields,
    }


def test_owners_are_joined_by_version() -> None:
    """Entries of the old manager go, and what they had in the same version stays owned."""
    entries = [
        entry("new", "Apply", {"f:a": {}}),
        entry("old", "Update", {"f:a": {"f:b": {}}}),
        entry("old", "Update", {"f:c": {}}, "v2"),
        entry("else", "Update", {"f:d": {}}),
    ]
    assert managers.moved(entries, "old", "new") == [
        entry("new", "Apply", {"f:a": {"f:b": {}}}),
        entry("else", "Update", {"f:d": {}}),
    ]
    assert managers.moved(entries[1:], "old", "new") == [
        entry("new", "Apply", {"f:a": {"f:b": {}}}),
        entry("else", "Update", {"f:d": {}}),
    ]
    assert managers.moved(entries[3:], "old", "new") == entries[3:]


def test_ports_of_one_number_are_told_apart(apply: Apply) -> None:
    """The merge key of a Service's ports does not: then the whole list has changed."""
    ports = "[{name: u, port: 53, protocol: UDP}, {name: t, port: 53, protocol: TCP}]"
    head = "apiVersion: v1\nkind: Service\nmetadata: {name: dns}\nspec: {ports: "
    assert apply(f"{head}{ports}}}\n".encode()).code == 0
    changed = f"{head}{ports}}}\n".replace("name: u", "name: v").encode()
    done = apply(changed, to_terminal=True)
    assert '\n  .spec.ports: [{"name":"u"' in done.out


SCALED = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: %s
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "web:%s"}]}
"""


def test_the_scale_can_be_applied_alone(apply: Apply) -> None:
    """The number of replicas, and nothing else; another manager's is a conflict."""
    assert apply((SCALED % (2, 1)).encode(), "--server-side").code == 0
    scale = ("--server-side", "--subresource=scale", "--field-manager=scaler")
    done = apply((SCALED % (5, 2)).encode(), *scale)
    assert done.code == 1
    assert ".spec.replicas" in done.err
    assert "--force-conflicts" in done.err
    forced = (*scale, "--force-conflicts")
    done = apply((SCALED % (5, 2)).encode(), *forced)
    assert done.out == "deployment.apps/web serverside-applied\n"
    spec = apply.get("deployment", "web")["spec"]
    image = spec["template"]["spec"]["containers"][0]["image"]
    assert (spec["replicas"], image) == (5, "web:1")
    shown = apply((SCALED % (6, 2)).encode(), *forced, "--dry-run=server", "-o=json")
    assert json.loads(shown.out)["spec"] == {"replicas": 6}
    assert apply.get("deployment", "web")["spec"]["replicas"] == 5
    without = SCALED.replace("  replicas: %s\n", "") % 1
    done = apply(without.encode(), *forced)
    assert done.err == "error: web has no spec.replicas, which is what the scale has\n"
    done = apply(config_map(x="1"), *forced)
    assert done.err.startswith("Error from server (NotFound)")


def test_a_server_side_apply_tells_which_fields_changed(apply: Apply) -> None:
    """At a terminal, once there is something that could change."""
    flags = ("--server-side", "--force-conflicts")
    done = apply(config_map(x="1"), *flags, to_terminal=True)
    assert done.out == "configmap/web serverside-applied\n"
    done = apply(config_map(x="2"), *flags, to_terminal=True)
    assert done.out == 'configmap/web serverside-applied\n  .data.x: "1" -> "2"\n'
    done = apply(config_map(x="2"), *flags, to_terminal=True)
    assert done.out == "configmap/web serverside-applied\n"
    assert apply(config_map(x="3"), *flags).out == "configmap/web serverside-applied\n"
