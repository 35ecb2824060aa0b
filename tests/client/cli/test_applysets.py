"""``cubectl apply --applyset``: a parent object remembers what belongs together."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.client.command_line import CommandLine, Done

PREFIX = "applyset.kubernetes.io"
MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: map}\n---\n"
ACCOUNT = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: account}\n---\n"


class Sets:
    """``cubectl apply --prune --applyset`` in a namespace of the test's own."""

    def __init__(self, cubectl: CommandLine, namespace: str) -> None:
        self.cubectl = cubectl
        self.namespace = namespace

    def __call__(self, text: str, *flags: str, parent: str = "configmap/set") -> Done:
        """Apply documents as a set."""
        words = ("apply", "-n", self.namespace, "-f", "-", "--prune", f"--applyset={parent}")
        return self.cubectl(*words, *flags, stdin=text.encode())

    def parent(self) -> Any:
        """Return the metadata of the parent."""
        done = self.cubectl("get", "-n", self.namespace, "cm", "set", "-o", "json")
        assert done.code == 0, done.err
        return json.loads(done.out)["metadata"]


@pytest.fixture
def sets(cubectl: CommandLine, namespace: str) -> Sets:
    """Provide the command in a new namespace."""
    return Sets(cubectl, namespace)


def test_the_parent_says_where_members_are(sets: Sets) -> None:
    """The id follows from its name, as the specification says, and members have it."""
    assert sets(MAP + ACCOUNT).code == 0
    found = sets.parent()
    digest = hashlib.sha256(f"set.{sets.namespace}.ConfigMap.".encode()).digest()
    wanted = f"applyset-{base64.urlsafe_b64encode(digest).decode().rstrip('=')}-v1"
    assert found["labels"] == {f"{PREFIX}/id": wanted}
    assert found["annotations"][f"{PREFIX}/contains-group-kinds"] == "ConfigMap,ServiceAccount"
    assert found["annotations"][f"{PREFIX}/additional-namespaces"] == ""
    assert found["annotations"][f"{PREFIX}/tooling"].startswith("cubectl/v")
    members = sets.cubectl(
        "get", "-n", sets.namespace, "cm,sa", "-l", f"{PREFIX}/part-of={wanted}", "-o", "name"
    )
    assert members.out == "configmap/map\nserviceaccount/account\n"


def test_members_that_left_are_pruned(sets: Sets) -> None:
    """Of any kind, in any namespace that the set had; the parent forgets them then."""
    assert sets(MAP + ACCOUNT).code == 0
    dry = sets(MAP, "--dry-run=server")
    assert dry.out.endswith("serviceaccount/account pruned (server dry run)\n")
    done = sets(MAP, "--wait")
    assert done.out == "configmap/map unchanged\nserviceaccount/account pruned\n"
    assert sets.parent()["annotations"][f"{PREFIX}/contains-group-kinds"] == "ConfigMap"
    assert sets(MAP).out == "configmap/map unchanged\n"


def test_what_fails_leaves_members_known(sets: Sets) -> None:
    """So that a later run finds them; nothing is pruned after an error."""
    assert sets(ACCOUNT).code == 0
    assert sets(MAP.replace("name: map", "name: Bad")).code == 1
    kinds = sets.parent()["annotations"][f"{PREFIX}/contains-group-kinds"]
    assert kinds == "ConfigMap,ServiceAccount"
    assert sets(MAP, "--server-side").out.splitlines() == [
        "configmap/map serverside-applied",
        "serviceaccount/account pruned",
    ]


def test_an_object_can_be_in_one_set(sets: Sets) -> None:
    """Its label is not for the file to say."""
    labelled = MAP.replace("{name: map}", f"{{name: map, labels: {{{PREFIX}/part-of: other}}}}")
    done = sets(labelled)
    assert done.err == f'error: ApplySet label "{PREFIX}/part-of" already set in input data\n'


@pytest.mark.parametrize(
    ("metadata", "told"),
    [
        ("{}", f'already exists and is missing required annotation "{PREFIX}/tooling"'),
        (
            f"{{annotations: {{{PREFIX}/tooling: helm/v3}}}}",
            'already exists and is managed by tooling "helm" instead of "cubectl"',
        ),
        (
            f"{{annotations: {{{PREFIX}/tooling: cubectl/v1}}}}",
            f"exists and does not have required label {PREFIX}/id",
        ),
        (
            f"{{annotations: {{{PREFIX}/tooling: cubectl/v1}}, labels: {{{PREFIX}/id: x}}}}",
            f'exists and has incorrect value for label "{PREFIX}/id" (got: x, want: applyset-',
        ),
    ],
)
def test_the_parent_of_others_is_left_alone(sets: Sets, metadata: str, told: str) -> None:
    """Nothing is applied."""
    parent = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {metadata}\n"
    parent = parent.replace("metadata: {", "metadata: {name: set, ")
    created = sets.cubectl("create", "-n", sets.namespace, "-f", "-", stdin=parent.encode())
    assert created.code == 0, created.err
    done = sets(MAP)
    assert done.err.startswith(f'error: ApplySet parent object "configmaps./set" {told}')
    assert done.out == ""


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--applyset=x",), "--applyset requires --prune"),
        (("--applyset=x", "--prune", "--all"), "--all is incompatible with --applyset"),
        (("--applyset=x", "--prune", "-l=a=b"), "--selector is incompatible with --applyset"),
        (("--applyset=x", "--prune"), "namespace is required to use namespace-scoped ApplySet"),
        (
            ("--applyset=secrets/", "--prune", "-n=default"),
            'invalid parent reference "secrets/": name cannot be blank',
        ),
        (
            ("--applyset=nothing/x", "--prune"),
            'invalid parent reference "nothing/x": the server doesn\'t have a resource type',
        ),
        (
            ("--applyset=pods/x", "--prune", "-n=default"),
            'resource "/v1, Resource=pods" is not permitted as an ApplySet parent',
        ),
    ],
)
def test_what_cannot_be_meant_is_refused(
    cubectl: CommandLine, words: tuple[str, ...], told: str
) -> None:
    """In kubectl's words."""
    done = cubectl("apply", "-f", "-", *words, stdin=MAP.encode())
    assert done.code == 1
    assert done.err.startswith(f"error: {told}"), done.err
