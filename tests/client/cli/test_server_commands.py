"""Commands that tell of the server, and those of kubectl's that there are not here."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

import protocube
from protocube.catalog import Catalog
from tests.client.command_line import CommandLine

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def offline(tmp_path: Path) -> CommandLine:
    """Provide a command line without a server."""
    return CommandLine(environ={"HOME": str(tmp_path), "PROTOCUBE_SERVER": "127.0.0.1:1"})


def test_all_versions_of_groups_are_shown(cubectl: CommandLine) -> None:
    """Each once, in the order of their texts."""
    lines = cubectl("api-versions").out.splitlines()
    assert lines == sorted({item.api_version for item in Catalog.shipped().resources})
    done = cubectl("api-versions", "x")
    assert (done.code, done.err) == (
        1,
        "error: unexpected arguments: [x]\nSee 'cubectl api-versions -h' for help and examples\n",
    )


def test_the_place_of_the_server_is_shown(cubectl: CommandLine, server: str) -> None:
    """With its release; when it is not there, that is the error."""
    first, _, hint = cubectl("cluster-info").out.splitlines()
    assert first == (
        f"Protocube v{protocube.__version__} is running at {server}, with its objects in sqlite"
    )
    assert "cubectl cluster-info dump" in hint
    done = cubectl("cluster-info", "-s", "127.0.0.1:1")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("The connection to the server 127.0.0.1:1 was refused")


def test_what_could_explain_a_fault_is_written_down(
    cubectl: CommandLine, namespace: str, tmp_path: Path
) -> None:
    """The nodes, and a file for each kind and namespace; or all to standard output."""
    manifest = """{apiVersion: v1, kind: Pod, metadata: {name: web},
                   spec: {containers: [{name: c, image: i}]}}"""
    assert cubectl("create", "-n", namespace, "-f", "-", stdin=manifest.encode()).code == 0
    folder = tmp_path / "state"
    done = cubectl(
        "cluster-info", "dump", f"--namespaces={namespace}", f"--output-directory={folder}"
    )
    assert done.out == f"Cluster info dumped to {folder}\n"
    assert sorted(path.name for path in folder.iterdir()) == ["nodes.json", namespace]
    pods = json.loads((folder / namespace / "pods.json").read_text())
    assert [item["metadata"]["name"] for item in pods["items"]] == ["web"]
    assert json.loads((folder / namespace / "services.json").read_text())["items"] == []
    dumped = cubectl("cluster-info", "dump", f"--namespaces={namespace}", "-o", "name").out
    objects = [line for line in dumped.splitlines() if not line.startswith("node/")]
    assert objects == ["pod/web"]


def test_a_folder_that_cannot_be_written_to_is_an_error(
    cubectl: CommandLine, tmp_path: Path
) -> None:
    """It is named, as Go names it."""
    (tmp_path / "file").touch()
    done = cubectl("cluster-info", "dump", f"--output-directory={tmp_path / 'file'}")
    assert done.code == 1
    assert done.err == f"error: mkdir {tmp_path}/file: file exists\n"


def test_help_of_a_command_is_the_one_of_its_flag(offline: CommandLine) -> None:
    """However deep it lies; words behind it make no difference."""
    for path in ("get", "create secret tls", "auth reconcile"):
        assert offline("help", *path.split()).out == offline(*path.split(), "--help").out
    assert offline("help", "get", "nonsense").out == offline("get", "--help").out
    assert offline("help").out == offline("--help").out
    done = offline("help", "nonsense")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("Unknown help topic [`nonsense`]\n")


def test_the_flags_of_every_command_are_shown(offline: CommandLine) -> None:
    """Behind kubectl's headline."""
    out = offline("options").out
    assert out.startswith("The following options can be passed to any command:\n\n")
    assert "--request-timeout=DURATION" in out


@pytest.mark.parametrize(
    "args",
    [
        "logs web -f", "exec -it web -- sh", "attach web", "cp web:/a b", "port-forward web 80",
        "proxy --port=x", "top pods", "debug web", "logs --help", "-n x logs web",
    ],
)  # fmt: skip
def test_what_means_nothing_here_is_refused_by_name(offline: CommandLine, args: str) -> None:
    """In one line that says why."""
    done = offline(*args.split())
    word = next(word for word in args.split() if word not in ("-n", "x", "auth", "create"))
    if args.startswith(("auth", "create")):
        word = args.split()[1]
    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
    assert done.err.startswith(f"error: {word} is not supported: ")


def test_no_command_is_alpha(offline: CommandLine) -> None:
    """As in kubectl."""
    done = offline("alpha")
    assert (done.code, done.err) == (
        0,
        "No alpha commands are available in this version of cubectl\n",
    )


def test_what_is_missing_is_created_with_its_namespace(
    cubectl: CommandLine, namespace: str
) -> None:
    """By ``auth reconcile``; a binding to another role takes the place of the one there is."""
    binding = """
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {{name: b, namespace: {namespace}-new}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: Role, name: {role}}}
subjects: [{{apiGroup: rbac.authorization.k8s.io, kind: User, name: {user}}}]
"""

    def reconcile(role: str, user: str, *flags: str) -> str:
        manifest = binding.format(namespace=namespace, role=role, user=user)
        done = cubectl("auth", "reconcile", "-f", "-", *flags, stdin=manifest.encode())
        assert done.code == 0, done.err
        return done.err.replace("APIGroup:rbac.authorization.k8s.io ", "")

    ada, bob = "\t\t{Kind:User Name:ada Namespace:}\n", "\t\t{Kind:User Name:bob Namespace:}\n"
    added, removed = "\tmissing subjects added:\n", "\textra subjects removed:\n"
    assert reconcile("r", "ada") == f"\treconciliation required create\n{added}{ada}"
    assert reconcile("r", "ada") == ""
    assert reconcile("r", "bob") == f"\treconciliation required update\n{added}{bob}"
    assert reconcile("r", "bob", "--remove-extra-subjects") == (
        f"\treconciliation required update\n{removed}{ada}"
    )
    assert reconcile("other", "ada") == f"\treconciliation required recreate\n{added}{ada}"
    found = cubectl("get", "rolebinding", "b", "-n", f"{namespace}-new", "-o", "json").out
    assert json.loads(found)["roleRef"]["name"] == "other"
