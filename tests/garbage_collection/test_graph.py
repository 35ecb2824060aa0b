"""The graph of owners: what has a node, and which changes need an attempt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from protocube.catalog import Catalog
from protocube.core.v1 import config_map_pb2
from protocube_server.builtin.functions import FUNCTIONS
from protocube_server.kinds.edition import Editions
from protocube_server.kinds.registry import Registry
from protocube_server.storage.base import Record
from protocube_server.upkeep.collector.graph import Graph, Node
from protocube_server.upkeep.collector.observed import Observed, observed

if TYPE_CHECKING:
    from collections.abc import Sequence

EDITION = Editions(Registry(Catalog.shipped(), "/registry", FUNCTIONS)).current
KIND = EDITION.kinds.for_message("protocube.core.v1.ConfigMap")


class Watched:
    """A graph, and the uids that it asked attempts for since it was last looked at."""

    def __init__(self) -> None:
        self.nodes: dict[str, Node] = {}
        """Those that an attempt was ever asked for, by uid."""
        self._asked: list[str] = []
        self.graph = Graph(self._note)

    def _note(self, node: Node) -> None:
        self.nodes[node.uid] = node
        self._asked.append(node.uid)

    def asked(self) -> list[str]:
        """Return the uids, in order."""
        found = sorted(set(self._asked))
        self._asked.clear()
        return found


@pytest.fixture
def watched() -> Watched:
    """Provide an empty graph."""
    return Watched()


def seen(
    name: str, *owners: str, blocks: bool = False, finalizers: Sequence[str] | None = None
) -> Observed:
    """Return a ConfigMap whose uid is its name; with ``finalizers`` it is being deleted."""
    made: Any = config_map_pb2.ConfigMap(api_version="v1", kind="ConfigMap")
    made.metadata.name = made.metadata.uid = name
    made.metadata.namespace = "default"
    for owner in owners:
        made.metadata.owner_references.add(
            api_version="v1", kind="ConfigMap", name=owner, uid=owner, block_owner_deletion=blocks
        )
    if finalizers is not None:
        made.metadata.deletion_timestamp.seconds = 1
        made.metadata.finalizers.extend(finalizers)
    assert KIND is not None
    record = Record(
        key=KIND.key("default", name),
        value=KIND.encode(made),
        create_revision=1,
        mod_revision=1,
        version=1,
    )
    return observed(EDITION, KIND, record, made.metadata)


def key(name: str) -> bytes:
    """Return the key of a ConfigMap."""
    assert KIND is not None
    return KIND.key("default", name)


def test_objects_without_owners_cost_nothing(watched: Watched) -> None:
    """Only what has owners, is an owner, or waits for the collector has a node."""
    for number in range(1000):
        watched.graph.put(seen(f"o-{number}"))
    watched.graph.put(seen("going", finalizers=["example.com/x"]))
    assert len(watched.graph) == 0
    watched.graph.put(seen("d", "o-1"))
    assert len(watched.graph) == 2
    watched.graph.put(seen("d"))
    assert len(watched.graph) == 0, "what was an owner is forgotten, too"
    watched.graph.put(seen("waiting", finalizers=["foregroundDeletion"]))
    assert len(watched.graph) == 1
    watched.graph.remove("waiting", key("waiting"))
    assert len(watched.graph) == 0


def test_an_owner_is_looked_for_until_it_was_found(watched: Watched) -> None:
    """One that was seen where a reference says it is needs no look."""
    watched.graph.put(seen("d", "o"))
    assert watched.asked() == ["o"]
    watched.graph.put(seen("o"))
    watched.graph.put(seen("e", "o"))
    assert watched.asked() == []


def test_dependents_are_judged_when_their_owner_is_gone(watched: Watched) -> None:
    """Also when the owner was never seen: its end says enough."""
    watched.graph.put(seen("d", "o"))
    watched.graph.put(seen("e", "o"))
    watched.asked()
    watched.graph.remove("o", key("o"))
    assert watched.asked() == ["d", "e"]
    assert watched.graph.absent.has("o", key("o"))


def test_what_was_found_after_its_end_stays_absent(watched: Watched) -> None:
    """A look that began before the end of an owner does not bring it back."""
    watched.graph.put(seen("d", "o"))
    watched.graph.remove("o", key("o"))
    assert KIND is not None
    watched.graph.find(watched.nodes["o"], KIND, key("o"))
    assert not watched.nodes["o"].key


def test_the_last_that_blocks_lets_its_owner_go(watched: Watched) -> None:
    """By its end, or by a reference that does not block any more; others do not matter."""
    watched.graph.put(seen("o", finalizers=["foregroundDeletion"]))
    for name in "de":
        watched.graph.put(seen(name, "o", blocks=True))
    watched.graph.put(seen("f", "o"))
    watched.asked()
    watched.graph.remove("f", key("f"))
    watched.graph.remove("d", key("d"))
    assert watched.asked() == []
    watched.graph.put(seen("e", "o", blocks=False))
    assert "o" in watched.asked()


def test_an_object_does_not_block_itself(watched: Watched) -> None:
    """Nothing would ever let it go."""
    watched.graph.put(seen("o", "o", blocks=True))
    watched.asked()
    watched.graph.put(seen("o", "o", blocks=True, finalizers=["foregroundDeletion"]))
    assert not watched.nodes["o"].blockers
    assert watched.asked() == ["o"]


def test_another_object_of_the_same_name_is_another_one(watched: Watched) -> None:
    """What the first one owned is judged, though no deletion was seen."""
    watched.graph.put(seen("d", "o"))
    watched.graph.put(seen("o", "x"))
    watched.asked()
    other = seen("o", "x")
    made = KIND.parse(other.record.value) if KIND else None
    assert made is not None
    made.metadata.uid = "new"
    record = Record(
        key=key("o"),
        value=KIND.encode(made) if KIND else b"",
        create_revision=2,
        mod_revision=2,
        version=1,
    )
    assert KIND is not None
    watched.graph.put(observed(EDITION, KIND, record, made.metadata))
    assert "d" in watched.asked()
