"""The one walk through a message: where it goes, in which order, and where it can stop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from google.protobuf import json_format

from protocube.catalog import Catalog
from protocube_server.builtin.functions import FUNCTIONS
from protocube_server.kinds.kind import Kind
from protocube_server.kinds.reaching import reaching
from protocube_server.kinds.walking import Walk

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.protobuf.descriptor import Descriptor

_CONTAINERS = 500
_MOST = 64
"""Messages that may be visited in one turn: of the dearest a hundred take 5 ms."""


def _walk(word: str, *types: str) -> tuple[Walk[str], Callable[[dict[str, Any]], Any]]:
    """Return the walk to messages of some types of a kind, and what makes its objects."""
    resource = Catalog.shipped().find(word)
    assert resource is not None

    def work(descriptor: Descriptor) -> str | None:
        return descriptor.name if descriptor.name in types else None

    def made(manifest: dict[str, Any]) -> Any:
        return json_format.ParseDict(manifest, resource.message_class())

    return Walk(resource.descriptor, work), made


def test_a_message_comes_before_those_in_it_and_lists_keep_their_order() -> None:
    """Fields come in the order of their numbers; messages without work lead to others."""
    walk, made = _walk("pods", "Container", "EnvVar")
    env = [{"name": "A"}, {"name": "B"}]
    pod = made({"spec": {"containers": [{"env": env}, {}], "initContainers": [{"env": env[:1]}]}})
    visits = [visit for visit in walk.visits(pod) if visit is not None]
    assert sorted((visit.prefix, visit.work, visit.level) for visit in visits) == [
        ("spec.containers[0].", "Container", 2),
        ("spec.containers[0].env[0].", "EnvVar", 3),
        ("spec.containers[0].env[1].", "EnvVar", 3),
        ("spec.containers[1].", "Container", 2),
        ("spec.initContainers[0].", "Container", 2),
        ("spec.initContainers[0].env[0].", "EnvVar", 3),
    ]
    prefixes = [visit.prefix for visit in visits]
    containers = [prefix for prefix in prefixes if prefix.startswith("spec.containers")]
    assert containers == sorted(containers)


def test_a_long_list_comes_whole_and_in_order() -> None:
    """Also when each of its elements leads on."""
    walk, made = _walk("pods", "Container", "EnvVar")
    pod = made({"spec": {"containers": [{"env": [{}, {}]}] * 500}})
    prefixes = [visit.prefix for visit in walk.visits(pod) if visit is not None]
    assert prefixes == [
        prefix
        for index in range(500)
        for prefix in (
            f"spec.containers[{index}].",
            f"spec.containers[{index}].env[0].",
            f"spec.containers[{index}].env[1].",
        )
    ]


def test_others_have_their_turn_after_some_messages() -> None:
    """Wherever the messages stand, and whether or not there is anything to do with them."""
    for types in (("EnvVar",), ("Lifecycle",)):
        walk, made = _walk("pods", *types)
        pod = made({"spec": {"containers": [{"env": [{}] * 40}] * 40 + [{}] * 2000}})
        since, marks = 0, 0
        for visit in walk.visits(pod):
            since = 0 if visit is None else since + 1
            marks += visit is None
            assert since <= _MOST
        assert marks >= 2000 / _MOST


def test_what_is_changed_at_a_visit_is_walked_through() -> None:
    """A list that a visitor fills is gone into."""
    walk, made = _walk("pods", "PodSpec", "Container")
    seen = []
    for visit in walk.visits(made({"spec": {}})):
        assert visit is not None
        seen.append(visit.prefix)
        if visit.work == "PodSpec":
            visit.message.containers.add()
    assert seen == ["spec.", "spec.containers[0]."]


def test_others_have_their_turn_amid_what_is_asked_of_many_containers() -> None:
    """The rules and the defaults of a Pod that look at all its containers stop between two."""
    resource = Catalog.shipped().find("pods")
    assert resource is not None
    kind = Kind(resource, "/registry", functions=FUNCTIONS)
    containers = [{"name": f"c{i}", "image": "web:1"} for i in range(_CONTAINERS)]
    pod = json_format.ParseDict({"spec": {"containers": containers}}, resource.message_class())
    one = json_format.ParseDict({"spec": {"containers": containers[:1]}}, resource.message_class())
    for marks in (kind.defaults.filling, kind.contract.in_turns):
        more = sum(item is None for item in marks(pod)) - sum(item is None for item in marks(one))
        assert more > _CONTAINERS


def test_what_leads_to_no_work_is_not_walked() -> None:
    """Types that hold each other in a circle, too: one circle leads to work and one does not."""
    below = {"a": "b", "b": "ac", "c": "", "d": "e", "e": "d"}
    nodes = {name: object() for name in below}
    names = {id(node): name for name, node in nodes.items()}
    found = reaching(
        nodes.values(),
        works=lambda node: node is nodes["c"],
        below=lambda node: [nodes[name] for name in below[names[id(node)]]],
    )
    assert {names[each] for each in found} == {"a", "b", "c"}
