"""Refusals, in Kubernetes' words."""

from __future__ import annotations

import pytest

from protocube_server.authorization import texts
from protocube_server.authorization.attributes import Attributes
from protocube_server.calls.user import User

ALICE = User(name="alice")


@pytest.mark.parametrize(
    ("user", "asked", "reason", "text"),
    [
        (
            "alice",
            Attributes("list", "", "pods", namespace="default"),
            "",
            (
                'pods is forbidden: User "alice" cannot list resource "pods" in API group "" '
                'in the namespace "default"'
            ),
        ),
        (
            "alice",
            Attributes("update", "apps", "deployments", "status", "prod", "web"),
            "",
            (
                'deployments.apps "web" is forbidden: User "alice" cannot update resource '
                '"deployments/status" in API group "apps" in the namespace "prod"'
            ),
        ),
        (
            "alice",
            Attributes("list", "", "nodes"),
            "RBAC: x",
            (
                'nodes is forbidden: User "alice" cannot list resource "nodes" in API group "" '
                "at the cluster scope: RBAC: x"
            ),
        ),
        (
            "bo&b<x>",
            Attributes("get", "", "pods", namespace="default", name="a"),
            "",
            (
                'pods "a" is forbidden: User "bo&amp;b&lt;x&gt;" cannot get resource "pods" '
                'in API group "" in the namespace "default"'
            ),
        ),
        (
            "alice",
            Attributes("list", "", "pods", namespace='a"\nb'),
            "",
            (
                'pods is forbidden: User "alice" cannot list resource "pods" in API group "" '
                r'in the namespace "a\"\nb"'
            ),
        ),
        (
            "alice",
            Attributes("call", path="/a.B/C"),
            "",
            'forbidden: User "alice" cannot call path "/a.B/C"',
        ),
    ],
)
def test_a_refusal_says_who_cannot_do_what_where(
    user: str, asked: Attributes, reason: str, text: str
) -> None:
    """It is the text of a Kubernetes server, with what browsers read escaped."""
    assert texts.forbidden(User(name=user), asked, reason).message == text


def test_a_refusal_names_resource_and_object() -> None:
    """Programs find in it what was refused."""
    asked = Attributes("get", "apps", "deployments", namespace="prod", name="web")
    refusal = texts.forbidden(ALICE, asked)
    assert (refusal.resource, refusal.name) == ("deployments.apps", "web")


def test_who_may_nowhere_is_told_so() -> None:
    """Where a request is so large that it is refused unread, its namespace is not known."""
    asked = Attributes("create", "", "pods")
    assert texts.forbidden_everywhere(ALICE, asked).message == (
        'pods is forbidden: User "alice" cannot create resource "pods" in API group "" '
        "in any namespace"
    )
