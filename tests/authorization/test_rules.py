"""What one rule allows, and what it does not: Kubernetes' evaluation."""

from __future__ import annotations

import pytest

from protocube_server.authorization import rules
from protocube_server.authorization.attributes import Attributes
from protocube_server.authorization.tables import Table
from tests.authorization.rule_text import rule

PODS = Attributes("get", "", "pods", namespace="dev", name="a")
STATUS = PODS._replace(verb="update", subresource="status")
DEPLOYMENT = Attributes("update", "apps", "deployments", namespace="dev", name="web")


@pytest.mark.parametrize(
    ("text", "asked", "allowed"),
    [
        ("get pods", PODS, True),
        ("list pods", PODS, False),
        ("* pods", PODS, True),
        ("get pods in apps", PODS, False),
        ("get pods in *", PODS, True),
        ("get *", PODS, True),
        ("get pods named a,b", PODS, True),
        ("get pods named b", PODS, False),
        # A request without a name fits no rule with names.
        ("list,watch,create pods named a", PODS._replace(verb="list", name=""), False),
        ("list,watch,create pods named a", PODS._replace(verb="create", name=""), False),
        # A list of one object by its name has that name.
        ("list,watch,create pods named a", PODS._replace(verb="list"), True),
        # A resource is without its subresources.
        ("update pods", STATUS, False),
        ("update pods/status", STATUS, True),
        ("update pods/*", STATUS, False),
        ("update */status", STATUS, True),
        ("update */status in apps", DEPLOYMENT._replace(subresource="status"), True),
        ("update */status in apps", DEPLOYMENT, False),
        ("update *", STATUS, True),
        ("call /a/b", Attributes("call", path="/a/b"), True),
        ("call /a/*", Attributes("call", path="/a/b"), True),
        ("call /a", Attributes("call", path="/a/b"), False),
        ("call * paths", Attributes("call", path="/a/b"), True),
        ("get /a/b", Attributes("call", path="/a/b"), False),
        # Rules on resources allow no paths, and the other way round.
        ("* * in *", Attributes("call", path="/a/b"), False),
        ("* * paths", PODS, False),
    ],
)
def test_a_rule_fits_as_in_kubernetes(text: str, asked: Attributes, *, allowed: bool) -> None:
    """Verb, group, resource with its subresource, and name all have to fit.

    Of several rules the one that fits is found.
    """
    found = Table([rule("get nothing"), rule(text)]).find(asked)
    assert found == (rule(text) if allowed else None)


@pytest.mark.parametrize(
    ("text", "may"),
    [
        ("get pods named a", True),
        ("get pods/log", True),
        ("get */log", True),
        ("get *", True),
        ("list pods", False),
        ("get podsets", False),
        ("get pods in apps", False),
    ],
)
def test_a_rule_on_a_part_of_a_resource_may_fit(text: str, *, may: bool) -> None:
    """Before a request is read it counts whether any request for the resource could be allowed."""
    assert rules.may_fit(rule(text), "get", "", "pods") is may


def test_a_rule_is_shown_in_one_line() -> None:
    """It is Kubernetes' compact form, with texts quoted as Go does."""
    shown = str(rule('get,list pods,pods/log in core,apps named a"b'))
    assert shown == (
        '{APIGroups:["" "apps"], Resources:["pods" "pods/log"], ResourceNames:["a\\"b"], '
        'Verbs:["get" "list"]}'
    )
    assert str(rule("get /a,/b*")) == '{NonResourceURLs:["/a" "/b*"], Verbs:["get"]}'
