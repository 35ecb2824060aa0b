"""``authorizer``: what the caller, or a service account, may do.

Source: ``k8s.io/apiserver/pkg/cel/library/authz.go``. Selectors of fields and labels can be named,
and change nothing: roles do not know them, in Kubernetes either.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from protocube_server.cel.functions.declared import Function, member
from protocube_server.cel.types import (
    AUTHORIZER,
    DECISION,
    GROUP_CHECK,
    PATH_CHECK,
    RESOURCE_CHECK,
    Made,
)


class Question(NamedTuple):
    """Whether somebody may do something."""

    user_name: str
    user_uid: str
    user_groups: tuple[str, ...]
    verb: str
    group: str = ""
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    path: str = ""


class Answer(NamedTuple):
    """The answer, and why."""

    allowed: bool
    reason: str


May = Callable[[Question], Answer]
"""Answers questions about rights."""

_USER: Final = ("user_name", "user_uid", "user_groups")
_RESOURCE: Final = ("group", "resource", "subresource", "namespace", "name")


def of_user(name: str, uid: str, groups: tuple[str, ...]) -> Made:
    """Return the authorizer of a user."""
    return Made(AUTHORIZER, {"user_name": name, "user_uid": uid, "user_groups": groups})


def _with(type_: str, source: Any, **more: str) -> Made:
    """Return a message of a type with the fields that ``source`` shares with it, and more."""
    known = (*_USER, *_RESOURCE) if type_ == RESOURCE_CHECK else _USER
    found = {name: getattr(source, name) for name in known if hasattr(source, name)}
    return Made(type_, {**found, **more})


def _kept(one: Any) -> Made:
    return _with(RESOURCE_CHECK, one)


def _service_account(_: Any, namespace: str, name: str) -> Made:
    groups = ("system:serviceaccounts", f"system:serviceaccounts:{namespace}")
    user = f"system:serviceaccount:{namespace}:{name}"
    return of_user(user, "", (*groups, "system:authenticated"))


def functions(may: May) -> tuple[Function, ...]:
    """Return the functions, which ask ``may``."""

    def check(asked: Any, verb: str) -> Made:
        fields = {
            name: getattr(asked, name) for name in (*_RESOURCE, "path") if hasattr(asked, name)
        }
        user = (asked.user_name, asked.user_uid, tuple(asked.user_groups))
        answer = may(Question(*user, verb=verb, **fields))
        return Made(DECISION, {"allowed": answer.allowed, "reason": answer.reason})

    def part(name: str) -> Function:
        def give(one: Any, value: str) -> Made:
            return _with(RESOURCE_CHECK, one, **{name: value})

        return member(name, (RESOURCE_CHECK, "string"), RESOURCE_CHECK, give)

    return (
        member(
            "path",
            (AUTHORIZER, "string"),
            PATH_CHECK,
            lambda one, value: _with(PATH_CHECK, one, path=value),
        ),
        member(
            "group",
            (AUTHORIZER, "string"),
            GROUP_CHECK,
            lambda one, value: _with(GROUP_CHECK, one, group=value),
        ),
        member("serviceAccount", (AUTHORIZER, "string", "string"), AUTHORIZER, _service_account),
        member(
            "resource",
            (GROUP_CHECK, "string"),
            RESOURCE_CHECK,
            lambda one, value: _with(RESOURCE_CHECK, one, group=one.group, resource=value),
        ),
        part("subresource"),
        part("namespace"),
        part("name"),
        *(
            member(name, (RESOURCE_CHECK, "string"), RESOURCE_CHECK, lambda one, _: _kept(one))
            for name in ("fieldSelector", "labelSelector")
        ),
        member("check", (PATH_CHECK, "string"), DECISION, check),
        member("check", (RESOURCE_CHECK, "string"), DECISION, check),
        member("allowed", (DECISION,), "bool", lambda one: one.allowed),
        member("reason", (DECISION,), "string", lambda one: one.reason),
        member("errored", (DECISION,), "bool", lambda _: False),
        member("error", (DECISION,), "string", lambda _: ""),
    )
