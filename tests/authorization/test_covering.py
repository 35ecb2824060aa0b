"""What is missing when rules are given away, and how it is told."""

from __future__ import annotations

import pytest

from protocube_server.authorization import covering, rules, texts
from protocube_server.calls.user import User
from tests.authorization.rule_text import rule


@pytest.mark.parametrize(
    ("has", "wanted", "missing"),
    [
        (["get pods"], ["get pods"], []),
        (["get,list pods,secrets"], ["get pods", "list secrets"], []),
        # Several rules together cover what none of them does alone.
        (["get pods", "list pods"], ["get,list pods"], []),
        (["get pods"], ["get,list pods"], ["list pods"]),
        (["get pods"], ["get pods in core,apps"], ["get pods in apps"]),
        # All objects are more than those that are named.
        (["get pods named a"], ["get pods"], ["get pods"]),
        (["get pods"], ["get pods named a"], []),
        (["get pods named a"], ["get pods named a,b"], ["get pods named b"]),
        (["* pods"], ["get pods"], []),
        (["get pods"], ["* pods"], ["* pods"]),
        (["get *"], ["get pods/log"], []),
        (["get */log"], ["get pods/log"], []),
        (["get pods"], ["get */log"], ["get */log"]),
        (["call /a/*"], ["call /a/b"], []),
        (["call /a/b"], ["call /a/*"], ["call /a/*"]),
        ([], ["get pods"], ["get pods"]),
        (["* * in *", "* * paths"], ["* * in *", "get /x"], []),
    ],
)
def test_what_is_missing_is_told_by_its_smallest_parts(
    has: list[str], wanted: list[str], missing: list[str]
) -> None:
    """A part is one verb on one resource, or one object of it, or on one path."""
    found = covering.missing([rule(text) for text in has], [rule(text) for text in wanted])
    assert found == [rule(text) for text in missing]


def test_a_cluster_administrator_lacks_nothing() -> None:
    """Everything covers everything, itself included."""
    assert covering.missing(rules.EVERYTHING, [*rules.EVERYTHING, rule("get pods named a")]) == []


def test_a_refusal_to_give_away_rights_is_kubernetes() -> None:
    """Rules for one resource are joined, lines are sorted, and missing roles follow."""
    user = User(name="alice", groups=("devs", "system:authenticated"))
    wanted = [rule("get,list configmaps,secrets")]
    missing = covering.missing([rule("get configmaps")], wanted)
    assert texts.escalation(user, missing, ['roles.x "missing" not found']) == (
        'user "alice" (groups=["devs" "system:authenticated"]) is attempting to grant RBAC '
        "permissions not currently held:\n"
        '{APIGroups:[""], Resources:["configmaps"], Verbs:["list"]}\n'
        '{APIGroups:[""], Resources:["secrets"], Verbs:["get" "list"]}'
        '; resolution errors: [roles.x "missing" not found]'
    )


def test_rules_for_named_objects_are_joined_by_their_names() -> None:
    """A rule for one object is not joined with one for all of them."""
    parts = [rule("get pods named a"), rule("list pods named a"), rule("watch pods")]
    assert covering.compacted(parts) == [rule("get,list pods named a"), rule("watch pods")]


def test_what_has_too_many_parts_is_not_compared() -> None:
    """A rule is small as it is written, and its parts are a product: they are not made."""
    many = ",".join(f"x{number}" for number in range(60))
    wanted = [rule(f"{many} {many} in {many}")]
    with pytest.raises(covering.TooMany, match="216000 parts, at most 10000"):
        covering.missing([rule("get pods")], wanted)
    # A rule that is held whole has no need of its parts.
    assert covering.missing([rule("* * in *")], wanted) == []


def test_others_have_their_turn_while_rules_are_compared() -> None:
    """There is a mark for each rule, and one for every few parts."""
    has = [rule(f"get x{number}") for number in range(100)]
    found = list(covering.in_turns(has, [rule("get,list pods,secrets,nodes") for _ in range(50)]))
    assert found.count(None) >= 50
    assert sum(part is not None for part in found) == 6
