"""Leaves hold what was put into them, in order, and choose what a look at each object would."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocube.selectors import parse_labels
from protocube_server.cache import Selection, leaf, leaves
from protocube_server.cache.leaf import Held
from protocube_server.cache.leaves import GrowingLeaves, Leaves
from protocube_server.storage import ranges

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube_server.kinds.kind import Kind
    from protocube_server.kinds.registry import Registry

_LABELS = st.dictionaries(
    st.sampled_from(("app", "tier", "n")), st.sampled_from(("", "1", "2", "x"))
)
_CHANGES = st.lists(st.tuples(st.integers(0, 40), st.none() | _LABELS), max_size=120)
_SELECTORS = (
    "",
    "app=x",
    "app=",
    "app in (x,1)",
    "app in (1,2,x,)",
    "app!=x",
    "app notin (x,1)",
    "app",
    "!app",
    "n>1",
    "n<2",
    "app=x,tier!=1",
    "app,!tier,n in (1,2)",
)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a few objects fill leaves, and a few values an index."""
    monkeypatch.setattr(leaves, "MOST", 8)
    monkeypatch.setattr(leaves, "_FEW", 2)
    monkeypatch.setattr(leaf, "_MOST_VALUES", 8)


@pytest.fixture(scope="module")
def kind(registry: Registry) -> Kind:
    """Provide the kind ConfigMap."""
    return next(kind for kind in registry if kind.resource.kind == "ConfigMap")


def _held(kind: Kind, number: int, labels: dict[str, str]) -> Held:
    namespace, name = ("a", "b")[number % 2], f"n{number:02}"
    key = kind.key(namespace, name)
    return Held(key, b"\x22\x01%d" % number, tuple(sorted(labels.items())), ())


def _naive(
    there: dict[bytes, Held], selection: Selection, labels: str, start: bytes
) -> list[bytes]:
    selector = parse_labels(labels)
    return [
        key
        for key, held in sorted(there.items())
        if key.startswith(selection.prefix) and key >= start and selector.matches(dict(held.labels))
    ]


def _chosen(found: Leaves, selection: Selection, start: bytes) -> Iterator[bytes]:
    within = selection.within(found, start)
    for number in range(len(within.leaves)):
        chosen = selection.chosen(within, number)
        assert len(chosen.items) == len(chosen.keys)
        yield from chosen.keys


@given(changes=_CHANGES, at=st.integers(0, 120), start=st.integers(0, 41))
def test_they_agree_with_a_dictionary(
    kind: Kind, changes: list[tuple[int, dict[str, str] | None]], at: int, start: int
) -> None:
    """After any changes the order, the counts and what selectors choose are a dictionary's."""
    growing, there = GrowingLeaves(), dict[bytes, Held]()
    earlier: tuple[Leaves, dict[bytes, Held]] = growing.shared(), {}
    for step, (number, labels) in enumerate(changes):
        held = _held(kind, number, labels or {})
        if labels is None:
            assert growing.remove(held.key) == there.pop(held.key, None)
        else:
            assert growing.put(held) == there.get(held.key)
            there[held.key] = held
        if step == at:
            earlier = growing.shared(), dict(there)
            _agree(kind, *earlier, start)
    _agree(kind, growing.shared(), there, start)
    _agree(kind, *earlier, start)


def _agree(kind: Kind, found: Leaves, there: dict[bytes, Held], start: int) -> None:
    assert list(found) == sorted(there)
    assert list(found.items()) == [there[key].item for key in sorted(there)]
    first = kind.key("ab"[start % 2], f"n{start:02}")
    for namespace in ("", "a", "b", "c"):
        prefix = kind.prefix(namespace)
        inside = [key for key in sorted(there) if key.startswith(prefix) and key >= first]
        below = found.below(prefix, first)
        assert len(below) == len(inside)
        assert below.first_key() == (inside[0] if inside else b"")
        for labels in _SELECTORS:
            selection = Selection(kind, namespace=namespace, labels=labels)
            assert [*_chosen(found, selection, first)] == _naive(there, selection, labels, first), (
                labels
            )
    for fields, wanted in (
        ("metadata.name=n07", {b"n07"}),
        ("metadata.name!=n07", {b"n%02d" % number for number in range(41)} - {b"n07"}),
    ):
        selection = Selection(kind, fields=fields)
        names = [key for key in sorted(there) if key.rpartition(b"/")[2] in wanted]
        assert [*_chosen(found, selection, b"")] == names
    for fields in ("metadata.namespace=a", "metadata.namespace==a,metadata.name!=zz"):
        ours = [key for key in sorted(there) if key.startswith(kind.prefix("a"))]
        assert [*_chosen(found, Selection(kind, fields=fields), b"")] == ours
        assert not [*_chosen(found, Selection(kind, namespace="b", fields=fields), b"")]
    named = Selection(kind, namespace="b", fields="metadata.name=n07")
    assert [*_chosen(found, named, b"")] == [key for key in [kind.key("b", "n07")] if key in there]


def test_what_comes_in_order_fills_leaves(kind: Kind) -> None:
    """Objects that are added in the order of their keys are the same, one by one or together."""
    held = sorted(_held(kind, number, {}) for number in range(41))
    one, together = GrowingLeaves(), GrowingLeaves()
    for each in held:
        one.put(each)
    for begin in range(0, 41, 5):
        together.extend(held[begin : begin + 5])
    assert [*one.shared()] == [*together.shared()] == [each.key for each in held]
    sizes = [
        [len(each) for each in made.shared().between(b"", ranges.end_of(b"")).leaves]
        for made in (one, together)
    ]
    assert sizes == [[8, 8, 8, 8, 8, 1]] * 2


def test_what_is_deleted_leaves_no_crumbs(kind: Kind) -> None:
    """Of many objects few are left: so are their leaves."""
    growing = GrowingLeaves()
    for number in range(41):
        growing.put(_held(kind, number, {}))
    for number in range(41):
        if number % 8:
            growing.remove(_held(kind, number, {}).key)
    assert len(growing.shared().between(b"", ranges.end_of(b"")).leaves) <= 3
    for number in range(0, 41, 8):
        growing.remove(_held(kind, number, {}).key)
    assert not [*growing.shared()]


def test_an_index_is_bounded(kind: Kind) -> None:
    """What was not asked for in a while is forgotten, and right when it is asked for again."""
    growing = GrowingLeaves()
    for number in range(8):
        growing.put(_held(kind, number, {f"k{each}": f"v{number}" for each in range(10)}))
    found = growing.shared()
    (only,) = found.between(b"", ranges.end_of(b"")).leaves
    for _ in range(2):
        for each in range(10):
            (chosen,) = _chosen(found, Selection(kind, labels=f"k{each}=v3"), b"")
            assert chosen.endswith(b"n03")
            assert sum(map(len, only._index.values())) <= 8
