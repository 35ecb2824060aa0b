"""``cubectl get`` beyond the transcripts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.client.command_line import CommandLine

OBJECTS = """\
apiVersion: v1
kind: ConfigMap
metadata: {{name: web, namespace: {0}, labels: {{app: web, tier: front}}}}
data: {{k: v}}
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: api, namespace: {0}, labels: {{app: api}}}}
---
apiVersion: v1
kind: Secret
metadata: {{name: key, namespace: {0}}}
stringData: {{a: b}}
"""


@pytest.fixture
def filled(cubectl: CommandLine, namespace: str) -> str:
    """Provide a namespace with two ConfigMaps and a Secret."""
    done = cubectl("create", "-f", "-", stdin=OBJECTS.format(namespace).encode())
    assert done.code == 0, done.err
    return namespace


def rows(text: str) -> list[list[str]]:
    """Return the cells of a table without the age."""
    return [[cell for cell in line.split() if not cell.endswith("s")] for line in text.splitlines()]


def test_a_table_shows_what_matters(cubectl: CommandLine, filled: str) -> None:
    """Objects are rows in the order of their names."""
    done = cubectl("get", "cm", "-n", filled)
    assert rows(done.out) == [["NAME", "DATA", "AGE"], ["api", "0"], ["web", "1"]]
    assert rows(cubectl("get", "configmaps", "web", "-n", filled, "--no-headers").out) == [
        ["web", "1"]
    ]


def test_labels_can_be_shown_and_selected(cubectl: CommandLine, filled: str) -> None:
    """``-l`` and ``--field-selector`` choose, ``--show-labels`` shows."""
    done = cubectl("get", "cm", "-l", "tier in (front)", "--show-labels", "-n", filled)
    assert done.out.splitlines()[1].endswith("app=web,tier=front")
    assert len(done.out.splitlines()) == 2
    done = cubectl("get", "cm", "--field-selector=metadata.name!=web", "-oname", "-n", filled)
    assert done.out == "configmap/api\n"


def test_several_kinds_are_several_tables(cubectl: CommandLine, filled: str) -> None:
    """Names carry their kind then, and an empty line stands between the tables."""
    done = cubectl("get", "cm,secrets", "-n", filled)
    first, second = done.out.split("\n\n")
    assert [row[0] for row in rows(first)] == ["NAME", "configmap/api", "configmap/web"]
    assert rows(second) == [["NAME", "TYPE", "DATA", "AGE"], ["secret/key", "Opaque", "1"]]


def test_objects_can_be_named_with_their_kinds(cubectl: CommandLine, filled: str) -> None:
    """``KIND/NAME`` may be given for objects of several kinds."""
    done = cubectl("get", "secret/key", "cm/web", "-o", "name", "-n", filled)
    assert done.out == "secret/key\nconfigmap/web\n"


def test_one_object_stands_alone_and_several_in_a_list(cubectl: CommandLine, filled: str) -> None:
    """``-o json`` of a name is the object; of a kind, a List even for one."""
    one = json.loads(cubectl("get", "cm", "web", "-o", "json", "-n", filled).out)
    assert (one["kind"], one["metadata"]["name"]) == ("ConfigMap", "web")
    many = json.loads(cubectl("get", "cm", "-l", "app=web", "-o", "json", "-n", filled).out)
    assert many == {
        "apiVersion": "v1",
        "items": [one],
        "kind": "List",
        "metadata": {"resourceVersion": ""},
    }


def test_what_get_prints_can_be_created_again(cubectl: CommandLine, filled: str) -> None:
    """The YAML of an object is a manifest."""
    shown = cubectl("get", "cm,secret", "-o", "yaml", "-n", filled).out
    deleted = cubectl("delete", "-f", "-", stdin=shown.encode())
    assert deleted.out == 'configmap "api" deleted\nconfigmap "web" deleted\nsecret "key" deleted\n'
    created = cubectl("create", "-f", "-", stdin=shown.encode())
    assert created.out == "configmap/api created\nconfigmap/web created\nsecret/key created\n"


def test_all_namespaces_are_a_column(cubectl: CommandLine, filled: str) -> None:
    """``-A`` looks everywhere and says where."""
    lines = cubectl("get", "secrets", "-A").out.splitlines()
    assert lines[0].split()[:2] == ["NAMESPACE", "NAME"]
    assert [filled, "key"] in [line.split()[:2] for line in lines]


def test_objects_can_be_named_by_files(cubectl: CommandLine, filled: str) -> None:
    """``-f`` shows the objects of the server that the file names."""
    manifest = OBJECTS.format(filled).encode()
    assert cubectl("get", "-f", "-", "-o", "name", stdin=manifest).out == (
        "configmap/web\nconfigmap/api\nsecret/key\n"
    )


def test_nothing_found_is_no_failure(cubectl: CommandLine, namespace: str) -> None:
    """An empty table says so on standard error; structured output is an empty list."""
    done = cubectl("get", "pods", "-n", namespace)
    assert (done.code, done.out) == (0, "")
    assert done.err == f"No resources found in {namespace} namespace.\n"
    assert cubectl("get", "pods", "-o", "name", "-n", namespace).err == ""
    assert json.loads(cubectl("get", "po", "-o", "json", "-n", namespace).out)["items"] == []


def test_what_is_missing_can_be_ignored(cubectl: CommandLine, filled: str) -> None:
    """Found objects are shown, the others are errors unless they are to be ignored."""
    done = cubectl("get", "cm", "none", "web", "-o", "name", "-n", filled)
    assert (done.code, done.out) == (1, "configmap/web\n")
    assert done.err == 'Error from server (NotFound): configmaps "none" not found\n'
    done = cubectl("get", "cm", "none", "--ignore-not-found", "-n", filled)
    assert (done.code, done.out, done.err) == (0, "", "")


@pytest.mark.parametrize(
    ("args", "err"),
    [
        (["pods/"], "arguments in resource/name form must have a single resource and name"),
        (["pods/a/b"], "arguments in resource/name form may not have more than one slash"),
        (
            ["pods", "x/y"],
            (
                "there is no need to specify a resource type as a separate argument when passing "
                "arguments in resource/name form (e.g. 'cubectl get resource/<resource_name>' "
                "instead of 'cubectl get resource resource/<resource_name>'"
            ),
        ),
        (["pods", "x", "-l", "a=b"], "name cannot be provided when a selector is specified"),
        (["pods", "x", "-A"], "a resource cannot be retrieved by name across all namespaces"),
        (["all", "x"], "you must specify only one resource"),
        (
            ["pods/x", "-l", "a=b"],
            "selectors and the all flag cannot be used when passing resource/name arguments",
        ),
        (
            ["pods", "--show-labels", "-o", "json"],
            "--show-labels option cannot be used with json printer",
        ),
        (
            ["pods", "--output-watch-events"],
            "--output-watch-events option can only be used with --watch or --watch-only",
        ),
        (["pods,cm", "--watch"], "you may only specify a single resource type"),
        (["pods", "-o", "jsonpath"], "template format specified but no template given"),
        (["pods", "-o", "jsonpath={.a"], "error parsing jsonpath {.a, unclosed action"),
        (
            ["pods", "-o", "jsonpath-file=nosuch"],
            "error reading --template nosuch, open nosuch: no such file or directory",
        ),
        (
            ["pods", "-o", "custom-columns"],
            "custom-columns format specified but no custom columns given",
        ),
        (
            ["pods", "-o", "custom-columns=N"],
            "unexpected custom-columns spec: N, expected <header>:<json-path-expr>",
        ),
        (
            ["pods", "-o", "go-template={{.a}}"],
            'the output format "go-template" is not supported; use jsonpath, json, name or yaml',
        ),
        (["widgets.v1.example.com"], 'the server doesn\'t have a resource type "widgets"'),
        (["pods,widgets"], 'the server doesn\'t have a resource type "widgets"'),
        (
            ["pods", "-o", "bogus"],
            (
                'unable to match a printer suitable for the output format "bogus", allowed '
                "formats are: custom-columns,custom-columns-file,go-template,go-template-file,json,"
                "jsonpath,jsonpath-as-json,jsonpath-file,name,template,templatefile,wide,yaml"
            ),
        ),
    ],
)
def test_a_wrong_request_is_refused_as_kubectl_does(
    cubectl: CommandLine, args: list[str], err: str
) -> None:
    """The arguments are judged before the server is asked."""
    done = cubectl("get", *args)
    assert (done.code, done.out, done.err) == (1, "", f"error: {err}\n")


def test_get_without_a_kind_says_how_to_go_on(cubectl: CommandLine) -> None:
    """The error names the commands that help."""
    done = cubectl("get")
    assert done.code == 1
    assert done.err.startswith(
        "You must specify the type of resource to get. "
        'Use "cubectl api-resources" for a complete list of supported resources.\n\nerror: '
    )


def test_a_status_is_shown_of_kinds_that_have_one(cubectl: CommandLine, namespace: str) -> None:
    """By name only: the whole object comes, as it does from Kubernetes."""
    done = cubectl("get", "ns", namespace, "--subresource=status", "-o", "name")
    assert done.out == f"namespace/{namespace}\n"
    for kind, name, part in (("cm", "a", "status"), ("ns", namespace, "scale")):
        done = cubectl("get", kind, name, f"--subresource={part}")
        assert (done.code, done.err) == (
            1, "Error from server (NotFound): the server could not find the requested resource\n",
        )  # fmt: skip
    done = cubectl("get", "ns", "--subresource=status")
    assert done.err == ("error: subresource cannot be used when bulk resources are specified\n")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (
            ["create", "--raw", "/version"],
            (
                "--raw is not supported: a raw URI is HTTP's, and this server speaks gRPC: "
                "ask it with grpcurl"
            ),
        ),
        (
            ["get", "cm", "--server-print=false"],
            "--server-print is not supported: tables are always made here",
        ),
    ],
)
def test_flags_of_kubectl_that_there_are_not_say_why(
    cubectl: CommandLine, args: list[str], message: str
) -> None:
    """A person who knows them is told what to do instead."""
    done = cubectl(*args)
    assert (done.code, done.out, done.err) == (1, "", f"error: {message}\n")


def test_flags_that_ask_for_what_is_done_anyhow_are_taken(
    cubectl: CommandLine, namespace: str
) -> None:
    """So that a script need not be changed for them."""
    done = cubectl("get", "cm", "-n", namespace, "--server-print=true")
    assert (done.code, done.err) == (0, f"No resources found in {namespace} namespace.\n")


def test_a_namespace_that_is_missing_is_told_of(cubectl: CommandLine, namespace: str) -> None:
    """Where an object of it is not found, by every command that reads one by name."""
    gone = f'Error from server (NotFound): namespaces "{namespace}-gone" not found\n'
    for command in ("get cm x", "label cm x a=b", "get cm x -w", "create job j --from=cj/x"):
        done = cubectl(*command.split(), "-n", f"{namespace}-gone")
        assert (done.code, done.out, done.err) == (1, "", gone)
    done = cubectl("get", "cm", "x", "-n", namespace)
    assert done.err == 'Error from server (NotFound): configmaps "x" not found\n'


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/apis/apps/v1/deployments?watch=true", "--raw does not support the parameter watch here"),
        ("/healthz?labelSelector=a", "--raw does not support the parameter labelSelector here"),
        ("//[", '--raw must be a valid URL path: parse "//[": invalid URI for request'),
        ("nothing", '--raw must be a valid URL path: parse "nothing": invalid URI for request'),
    ],
)
def test_a_path_that_means_nothing_here_is_refused(
    cubectl: CommandLine, path: str, message: str
) -> None:
    """Parameters are named, not ignored."""
    done = cubectl("get", "--raw", path)
    assert (done.code, done.out, done.err) == (1, "", f"error: {message}\n")


def test_a_path_gives_what_an_api_server_would_answer(cubectl: CommandLine, filled: str) -> None:
    """A list has the kind of a list, and its items have none; a cluster's kind has no namespace."""
    found = cubectl(
        "get", "--raw", f"/api/v1/namespaces/{filled}/configmaps?labelSelector=app%3Dweb"
    )
    listed = json.loads(found.out)
    assert list(listed) == ["kind", "apiVersion", "metadata", "items"]
    assert (listed["kind"], listed["apiVersion"]) == ("ConfigMapList", "v1")
    assert [(list(item), item["metadata"]["name"]) for item in listed["items"]] == [
        (["metadata", "data"], "web")
    ]
    namespace = json.loads(cubectl("get", "--raw", f"/api/v1/namespaces/{filled}/").out)
    assert (namespace["kind"], namespace["metadata"]["name"]) == ("Namespace", filled)
    assert cubectl("get", "--raw", "/readyz?verbose").out.endswith("\nreadyz check passed\n")
    for gone in ("/apis/apps/v2/deployments", "/api/v1/widgets", "/metrics"):
        done = cubectl("get", "--raw", gone)
        assert done.err == (
            "Error from server (NotFound): the server could not find the requested resource\n"
        )
