"""``cubectl patch``: what the recorded scenarios do not show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.client.command_line import CommandLine

DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: one, image: "one:1"}, {name: two, image: "two:1"}]}
"""
IMAGES = "-o=jsonpath={.spec.template.spec.containers[*].image}"
NEWER = '{"spec":{"template":{"spec":{"containers":[{"name":"one","image":"one:2"}]}}}}'


@pytest.fixture
def manifest(tmp_path: Path) -> str:
    """Provide the file of a Deployment."""
    path = tmp_path / "web.yaml"
    path.write_text(DEPLOYMENT)
    return str(path)


def test_a_strategic_patch_is_carried_out_locally(cubectl: CommandLine, manifest: str) -> None:
    """The lists of the object in a file merge by the keys that the schema names."""
    done = cubectl("patch", "--local", "-f", manifest, "-p", NEWER, IMAGES)
    assert (done.code, done.out, done.err) == (0, "one:2 two:1", "")


def test_a_dry_run_patches_what_the_server_has(
    cubectl: CommandLine, manifest: str, namespace: str
) -> None:
    """The object is read and changed here, and the server keeps it as it is."""
    assert cubectl("-n", namespace, "create", "-f", manifest).code == 0
    patch = ("-n", namespace, "patch", "deployment/web", "-p", NEWER)
    done = cubectl(*patch, "--dry-run=client", IMAGES)
    assert (done.code, done.out) == (0, "one:2 two:1")
    kept = cubectl("-n", namespace, "get", "deployment", "web", IMAGES)
    assert kept.out == "one:1 two:1"


def test_a_file_names_what_the_server_patches(
    cubectl: CommandLine, manifest: str, namespace: str
) -> None:
    """Its content does not matter, but for kind and name."""
    assert cubectl("-n", namespace, "create", "-f", manifest).code == 0
    change = "metadata: {labels: {a: b}}"
    done = cubectl("-n", namespace, "patch", "-f", manifest, "--type=merge", "-p", change)
    assert (done.out, done.err) == ("deployment.apps/web patched\n", "")


@pytest.mark.parametrize(
    ("patch", "told"),
    [
        ("{", "error: unexpected end of JSON input\n"),
        (
            '[{"op":"remove","path":"/spec/nothing"}]',
            "error: the patch cannot be carried out on the object\n",
        ),
        ("a: [", 'error: unable to parse "a: [": yaml: '),
    ],
)
def test_a_local_fault_is_none_of_a_server(
    cubectl: CommandLine, manifest: str, patch: str, told: str
) -> None:
    """A patch that cannot be carried out here is told of without a server's reason."""
    kind = "json" if patch.startswith("[") else "strategic"
    done = cubectl("patch", "--local", "-f", manifest, "-p", patch, f"--type={kind}")
    assert done.code == 1
    assert done.err.startswith(told), done.err
    assert done.out == ""


def test_every_object_is_tried(cubectl: CommandLine, namespace: str) -> None:
    """One that fails keeps no other from being patched; all errors are told at the end."""
    for name in ("a", "c"):
        assert cubectl("-n", namespace, "create", "configmap", name).code == 0
    done = cubectl("-n", namespace, "patch", "cm", "a", "b", "c", "-p", '{"data":{"k":"v"}}')
    assert done.out == "configmap/a patched\nconfigmap/c patched\n"
    assert done.err == 'Error from server (NotFound): configmaps "b" not found\n'
    assert done.code == 1
