"""``cubectl tree``: owners above, dependents below."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.client.command_line import CommandLine

MANIFEST = """
apiVersion: {version}
kind: {kind}
metadata:
  name: {name}
  ownerReferences: [{owners}]
{rest}
"""
REPLICAS = """
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: c, image: web:1}]}
"""
POD = "spec: {containers: [{name: c, image: web:1}]}"


class Garden:
    """Makes objects in a namespace and shows their trees."""

    def __init__(self, cubectl: CommandLine, namespace: str) -> None:
        self._cubectl = cubectl
        self.flags = ("-n", namespace)

    def plant(self, word: str, *owners: str, rest: str = "") -> str:
        """Make ``VERSION/KIND/NAME`` with owners; return a reference to it, as its controller."""
        version, kind, name = word.rsplit("/", 2)
        text = MANIFEST.format(
            version=version, kind=kind, name=name, owners=", ".join(owners), rest=rest
        )
        done = self._cubectl(*self.flags, "create", "-f", "-", stdin=text.encode())
        assert done.code == 0, done.err
        uid = self._cubectl(*self.flags, "get", kind, name, "-o=jsonpath={.metadata.uid}").out
        return f"{{apiVersion: {version}, kind: {kind}, name: {name}, uid: {uid}}}"

    def tree(self, *args: str) -> str:
        """Return what ``tree`` shows, without ages."""
        done = self._cubectl(*self.flags, "tree", *args)
        assert (done.code, done.err) == (0, "")
        return re.sub(r" +\d+[smh](?=\n)", "", done.out)


@pytest.fixture
def garden(cubectl: CommandLine, namespace: str) -> Garden:
    """Provide a Deployment with two replica sets, one of which has two pods."""
    garden = Garden(cubectl, namespace)
    deployment = garden.plant("apps/v1/Deployment/web", rest=REPLICAS)
    old = garden.plant("apps/v1/ReplicaSet/web-1", deployment, rest=REPLICAS)
    new = garden.plant("apps/v1/ReplicaSet/web-2", deployment, rest=REPLICAS)
    garden.plant("v1/Pod/web-2-a", new, rest=POD)
    garden.plant("v1/Pod/web-2-b", new, old, rest=POD)
    garden.plant("v1/ConfigMap/web", new)
    return garden


def test_dependents_are_below(garden: Garden) -> None:
    """By kind and name, at every depth, with what their kinds' tables say of their state."""
    shown = garden.tree("deployment/web")
    assert [line.rstrip() for line in shown.splitlines()] == [
        "NAME                       READY   STATUS    AGE",
        "deployment.apps/web        0/1",
        "├─ replicaset.apps/web-1   0",
        "│  └─ pod/web-2-b          0/1     Pending",
        "└─ replicaset.apps/web-2   0",
        "   ├─ configmap/web",
        "   ├─ pod/web-2-a          0/1     Pending",
        "   └─ pod/web-2-b          0/1     Pending",
    ]


def test_owners_are_above(garden: Garden) -> None:
    """From the topmost one down; those beside the way are named behind an arrow."""
    shown = garden.tree("pod", "web-2-b", "--no-headers")
    assert [line.split("   0")[0].rstrip() for line in shown.splitlines()] == [
        "deployment.apps/web",
        "└─ replicaset.apps/web-2",
        "   └─ pod/web-2-b <- replicaset.apps/web-1",
    ]


def test_an_owner_that_is_not_there_is_named(garden: Garden) -> None:
    """Another object of its name is not it."""
    uid = "0a1b2c3d-0000-4000-8000-000000000000"
    other = f"{{apiVersion: v1, kind: ConfigMap, name: web, uid: {uid}}}"
    # What belongs to nothing is deleted; a finalizer keeps it.
    garden.plant("v1/Secret/lost", other, rest="  finalizers: [example.com/kept]")
    shown = garden.tree("secret/lost", "--no-headers")
    assert shown.startswith("secret/lost <- configmap/web (not found)")


def test_several_trees_have_headings_each(garden: Garden) -> None:
    """With an empty line between."""
    shown = garden.tree("configmap/web", "pod/web-2-a")
    assert shown.count("NAME ") == 2
    assert "\n\nNAME " in shown


def test_owners_of_each_other_are_shown_once(garden: Garden, cubectl: CommandLine) -> None:
    """A circle of owners has an end."""
    one = garden.plant("v1/Secret/one")
    two = garden.plant("v1/Secret/two", one)
    reference = re.sub(r"(\w+): ([^,}]+)", r'"\1":"\2"', two)
    patch = f'{{"metadata":{{"ownerReferences":[{reference}]}}}}'
    assert cubectl(*garden.flags, "patch", "secret", "one", "-p", patch).code == 0
    shown = garden.tree("secret/one", "--no-headers").splitlines()
    assert [line.rstrip() for line in shown] == ["secret/two <- secret/one", "└─ secret/one"]


def test_what_is_not_there_is_an_error(cubectl: CommandLine, namespace: str) -> None:
    """In the words of every command."""
    done = cubectl("-n", namespace, "tree", "pod/none")
    assert (done.code, done.out) == (1, "")
    assert done.err == 'Error from server (NotFound): pods "none" not found\n'
    assert cubectl("tree").err.startswith("error: You must provide one or more resources")


def test_what_several_own_is_drawn_out_once(garden: Garden) -> None:
    """Else the tree would double with each layer of objects that two others own."""
    above = [garden.plant(f"v1/ConfigMap/{name}") for name in ("top",)]
    for layer in range(12):
        plain = [owner.replace("controller: true, ", "") for owner in above]
        above = [garden.plant(f"v1/ConfigMap/l{layer}-{side}", *plain) for side in "ab"]
    lines = garden.tree("cm/top").splitlines()
    # Of each of 24 objects one row with what it owns, and one more below the other owner.
    assert len(lines) == 1 + 1 + 2 + 11 * 4
