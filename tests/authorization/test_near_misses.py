"""Which bindings come nearest to allowing what is refused, and what each is short of."""

from __future__ import annotations

import pytest

from protocube.access.v1 import access_pb2
from protocube_server import turns
from protocube_server.authorization import near_misses
from protocube_server.authorization.attributes import Attributes
from protocube_server.authorization.near_misses import Gap
from protocube_server.authorization.rights import Rights
from protocube_server.calls.user import User
from tests.authorization.test_rights import bind, give

ALICE = User(name="alice", groups=("devs",))
LIST = Attributes("list", "", "pods", namespace="dev")


def near(rights: Rights, asked: Attributes) -> list[tuple[str, tuple[Gap, ...]]]:
    """Return the near misses of alice: the bindings' names, and what they are short of."""
    every = turns.at_once(near_misses.found(rights, ALICE, asked))
    found = near_misses.nearest(every)
    return [("/".join(filter(None, each.binding.key)), each.gaps) for each in found]


@pytest.mark.parametrize(
    ("rule", "asked", "gaps"),
    [
        ("get pods", LIST, (Gap.VERB,)),
        ("list pods named a", LIST, (Gap.NAME,)),
        ("list pods named a", LIST._replace(name="b"), (Gap.NAME,)),
        ("list pods in apps", LIST, (Gap.GROUP,)),
        ("list services", LIST, (Gap.RESOURCE,)),
        ("list pods", LIST._replace(subresource="log"), (Gap.SUBRESOURCE,)),
        ("list pods/log", LIST, (Gap.SUBRESOURCE,)),
        ("list */scale", LIST._replace(subresource="log"), (Gap.SUBRESOURCE,)),
        ("call /a/*", Attributes("call", path="/b"), (Gap.PATH,)),
        ("get /b", Attributes("call", path="/b"), (Gap.VERB,)),
        ("list,get pods", LIST._replace(verb="watch"), (Gap.VERB,)),
    ],
)
def test_what_a_rule_is_short_of(rule: str, asked: Attributes, gaps: tuple[Gap, ...]) -> None:
    """Each part of a rule that does not fit is named."""
    rights = Rights()
    give(rights, "r", rule)
    bind(rights, "b", "ClusterRole/r", "User/alice")
    assert near(rights, asked) == [("b", gaps)]


@pytest.mark.parametrize("rule", ["get services", "get pods in apps", "get /a"])
def test_what_has_nothing_to_do_with_it_is_not_near(rule: str) -> None:
    """A rule for another verb on something else explains nothing."""
    rights = Rights()
    give(rights, "r", rule)
    bind(rights, "b", "ClusterRole/r", "User/alice")
    assert near(rights, LIST) == []


def test_the_nearest_are_told_first() -> None:
    """By the rule of each that comes nearest; of many bindings a few."""
    rights = Rights()
    give(rights, "reader", "get pods", "list services", "list pods named a")
    give(rights, "lister", "list pods")
    bind(rights, "a", "ClusterRole/reader", "Group/devs")
    bind(rights, "prod/b", "ClusterRole/lister", "User/alice")
    bind(rights, "dev/c", "Role/gone", "User/alice")
    bind(rights, "prod/d", "Role/gone", "User/alice")
    bind(rights, "dev/e", "ClusterRole/lister", "User/bob")
    assert near(rights, LIST) == [
        ("a", (Gap.NAME,)),
        ("dev/c", (Gap.ROLE,)),
        ("prod/b", (Gap.NAMESPACE,)),
        ("prod/d", (Gap.ROLE, Gap.NAMESPACE)),
    ]
    for number in range(10):
        bind(rights, f"n{number}/x", "ClusterRole/lister", "User/alice")
    assert len(near(rights, LIST)) == near_misses.MOST


def test_gaps_have_the_numbers_of_the_contract() -> None:
    """What one side writes the other one reads."""
    names = {f"GAP_{gap.name}": gap.value for gap in Gap}
    assert dict(access_pb2.Gap.items()) == {"GAP_UNSPECIFIED": 0} | names
