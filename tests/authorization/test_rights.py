"""What roles and bindings together allow whom."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf import json_format

from protocube.rbac.v1.cluster_role_binding_pb2 import ClusterRoleBinding
from protocube.rbac.v1.cluster_role_pb2 import ClusterRole
from protocube.rbac.v1.role_binding_pb2 import RoleBinding
from protocube.rbac.v1.role_pb2 import Role
from protocube_server.authorization import roles
from protocube_server.authorization.attributes import Attributes
from protocube_server.authorization.authorizer import Authorizer
from protocube_server.authorization.rights import Rights
from protocube_server.authorization.roles import Key
from protocube_server.calls.user import User
from tests.authorization.rule_text import rule

ALICE = User(name="alice", groups=("devs", "system:authenticated"))
ACCOUNT = User(name="system:serviceaccount:dev:robot")
LIST = Attributes("list", "", "pods", namespace="dev")
ANYWHERE = LIST._replace(namespace="")


def _rules(*texts: str) -> list[dict[str, Any]]:
    return [
        {
            "verbs": each.verbs,
            "apiGroups": each.api_groups,
            "resources": each.resources,
            "resourceNames": each.resource_names,
            "nonResourceURLs": each.non_resource_urls,
        }
        for each in map(rule, texts)
    ]


def _metadata(name: str, **labels: str) -> dict[str, Any]:
    namespace, _, own = name.rpartition("/")
    return {"name": own, "namespace": namespace, "labels": labels}


def give(rights: Rights, name: str, *texts: str, **labels: str) -> None:
    """Make a role: ``dev/reader``, or a cluster role without a namespace."""
    message: Any = Role() if "/" in name else ClusterRole()
    fields = {"metadata": _metadata(name, **labels), "rules": _rules(*texts)}
    json_format.ParseDict(fields, message)
    key = Key(message.metadata.namespace, message.metadata.name)
    rights.put_role(key, roles.role_of(message))


def collect(rights: Rights, name: str, *selected: dict[str, Any], **labels: str) -> None:
    """Make a cluster role that takes its rules from others."""
    aggregation = {"clusterRoleSelectors": list(selected)}
    fields = {
        "metadata": _metadata(name, **labels),
        "rules": _rules("* *"),
        "aggregationRule": aggregation,
    }
    message = json_format.ParseDict(fields, ClusterRole())
    rights.put_role(Key("", name), roles.role_of(message))


def bind(rights: Rights, name: str, role: str, *subjects: str) -> None:
    """Make a binding: of ``Role/x`` or ``ClusterRole/x`` to ``User/x``, ``ServiceAccount/ns/x``."""
    message: Any = RoleBinding() if "/" in name else ClusterRoleBinding()
    kind, role_name = role.split("/")
    found = []
    for subject in subjects:
        subject_kind, *place, subject_name = subject.split("/")
        found.append({"kind": subject_kind, "namespace": "".join(place), "name": subject_name})
    fields = {
        "metadata": _metadata(name),
        "roleRef": {"kind": kind, "name": role_name},
        "subjects": found,
    }
    rights.put_binding(roles.binding_of(json_format.ParseDict(fields, message)))


@pytest.fixture
def rights() -> Rights:
    """Provide rights with one cluster role, and nobody who has it."""
    found = Rights()
    give(found, "reader", "get,list pods")
    return found


def _may(rights: Rights, user: User, asked: Attributes) -> bool:
    return rights.decide(user, asked).allowed


def test_a_cluster_binding_gives_a_role_everywhere(rights: Rights) -> None:
    """In each namespace, and in all of them at once."""
    assert not _may(rights, ALICE, LIST)
    bind(rights, "b", "ClusterRole/reader", "User/alice")
    assert _may(rights, ALICE, LIST)
    assert _may(rights, ALICE, ANYWHERE)
    assert not _may(rights, User(name="bob"), LIST)


def test_a_role_binding_gives_a_role_in_its_namespace(rights: Rights) -> None:
    """Not in another one, and not in all of them at once."""
    bind(rights, "dev/b", "ClusterRole/reader", "Group/devs")
    assert _may(rights, ALICE, LIST)
    assert not _may(rights, ALICE, LIST._replace(namespace="prod"))
    assert not _may(rights, ALICE, ANYWHERE)


def test_a_role_of_a_namespace_is_not_a_cluster_role(rights: Rights) -> None:
    """A binding to a Role means that of its own namespace."""
    give(rights, "dev/reader", "delete pods")
    bind(rights, "dev/b", "Role/reader", "User/alice")
    bind(rights, "prod/b", "Role/reader", "User/alice")
    assert _may(rights, ALICE, LIST._replace(verb="delete"))
    assert not _may(rights, ALICE, LIST)
    missing = rights.decide(ALICE, LIST._replace(namespace="prod"))
    assert missing.reason == 'RBAC: role.rbac.authorization.k8s.io "reader" not found'


@pytest.mark.parametrize(
    ("binding", "subject", "has"),
    [
        ("dev/b", "ServiceAccount/robot", True),
        ("dev/b", "ServiceAccount/dev/robot", True),
        ("dev/b", "ServiceAccount/prod/robot", False),
        ("b", "ServiceAccount/dev/robot", True),
        ("b", "ServiceAccount/robot", False),
        ("b", "User/system:serviceaccount:dev:robot", True),
        ("b", "Group/system:serviceaccount:dev:robot", False),
        ("b", "Robot/dev/robot", False),
    ],
)
def test_an_account_is_named_with_its_namespace(
    rights: Rights, binding: str, subject: str, *, has: bool
) -> None:
    """A subject without one is of the binding's namespace, and nobody in a cluster binding."""
    bind(rights, binding, "ClusterRole/reader", subject)
    assert _may(rights, ACCOUNT, LIST) is has


def test_a_missing_role_is_told_when_nothing_else_allows(rights: Rights) -> None:
    """Each missing role is named once."""
    bind(rights, "b", "ClusterRole/x", "User/alice", "Group/devs")
    decision = rights.decide(ALICE, LIST)
    text = 'clusterrole.rbac.authorization.k8s.io "x" not found'
    assert (decision.allowed, decision.reason) == (False, f"RBAC: {text}")
    bind(rights, "c", "ClusterRole/y", "User/alice")
    other = 'clusterrole.rbac.authorization.k8s.io "y" not found'
    assert rights.decide(ALICE, LIST).reason == f"RBAC: [{text}, {other}]"
    bind(rights, "d", "ClusterRole/reader", "User/alice")
    assert _may(rights, ALICE, LIST)


def test_a_decision_names_the_binding(rights: Rights) -> None:
    """A RoleBinding is told with its namespace behind its name, and so is an account."""
    bind(rights, "dev/b", "ClusterRole/reader", "ServiceAccount/robot")
    assert rights.decide(ACCOUNT, LIST).reason == (
        'RBAC: allowed by RoleBinding "b/dev" of ClusterRole "reader" to ServiceAccount "robot/dev"'
    )
    bind(rights, "b", "ClusterRole/reader", "User/alice")
    assert rights.decide(ALICE, LIST).reason == (
        'RBAC: allowed by ClusterRoleBinding "b" of ClusterRole "reader" to User "alice"'
    )


def test_rights_follow_what_is_changed_and_removed(rights: Rights) -> None:
    """A binding that is replaced or removed, and a role, take effect at the next question."""
    bind(rights, "b", "ClusterRole/reader", "User/alice")
    epoch = rights.epoch
    bind(rights, "b", "ClusterRole/reader", "User/bob")
    assert rights.epoch > epoch
    assert not _may(rights, ALICE, LIST)
    assert _may(rights, User(name="bob"), LIST)
    give(rights, "reader", "get pods")
    assert not _may(rights, User(name="bob"), LIST)
    give(rights, "reader", "list pods")
    rights.remove_binding(Key("", "b"))
    assert not _may(rights, User(name="bob"), LIST)
    rights.remove_binding(Key("", "b"))


def test_rules_of_a_user_are_those_of_all_bindings(rights: Rights) -> None:
    """In a namespace those of the cluster count, too; roles that are missing are told."""
    give(rights, "dev/writer", "create pods")
    bind(rights, "b", "ClusterRole/reader", "Group/devs")
    bind(rights, "dev/b", "Role/writer", "User/alice")
    bind(rights, "dev/c", "Role/missing", "User/alice")
    found, missing = rights.rules_of(ALICE, "dev")
    assert found == [rule("get,list pods"), rule("create pods")]
    assert missing == [Key("dev", "missing")]
    assert rights.rules_of(ALICE, "") == ([rule("get,list pods")], [])


def test_a_user_without_a_rule_in_any_namespace_is_told_apart(rights: Rights) -> None:
    """What one namespace allows is a right somewhere."""
    assert not rights.may_at_all(ALICE, "list", "", "pods")
    bind(rights, "dev/b", "ClusterRole/reader", "User/alice")
    assert rights.may_at_all(ALICE, "list", "", "pods")
    assert not rights.may_at_all(ALICE, "delete", "", "pods")


def test_a_role_with_selectors_has_the_rules_of_those_that_it_selects(rights: Rights) -> None:
    """Over several steps, without its own rules, and as labels come and go."""
    give(rights, "own", "list widgets", view="true")
    collect(rights, "view", {"matchLabels": {"view": "true"}}, edit="true")
    collect(rights, "edit", {"matchLabels": {"edit": "true"}})
    assert rights.rules_of_role(Key("", "edit")) == (rule("list widgets"),)
    give(rights, "more", "get widgets", view="true")
    assert rights.rules_of_role(Key("", "edit")) == (rule("get widgets"), rule("list widgets"))
    give(rights, "more", "get widgets")
    assert rights.rules_of_role(Key("", "edit")) == (rule("list widgets"),)


def test_roles_that_select_each_other_end(rights: Rights) -> None:
    """A circle adds nothing; a selector with an operator of another world selects nothing."""
    chosen = {"matchExpressions": [{"key": "a", "operator": "Exists"}]}
    collect(rights, "x", chosen, a="1")
    collect(rights, "y", chosen, a="1")
    give(rights, "z", "get pods", a="1")
    assert rights.rules_of_role(Key("", "x")) == (rule("get pods"),)
    collect(rights, "w", {"matchExpressions": [{"key": "a", "operator": "Near"}]})
    assert rights.rules_of_role(Key("", "w")) == ()


def test_a_long_chain_of_roles_is_followed_to_its_end() -> None:
    """Each takes the rules of the next; only the last has some of its own."""
    rights = Rights()
    count = 3000
    for number in range(count):
        labels = {"matchLabels": {"step": f"s{number + 1}"}}
        collect(rights, f"r{number}", labels, step=f"s{number}")
    give(rights, f"r{count}", "get pods", step=f"s{count}")
    assert rights.rules_of_role(Key("", "r0")) == (rule("get pods"),)


def test_an_equal_write_is_no_change() -> None:
    """What was decided in an epoch holds, when a role or binding is written as it was."""
    rights = Rights()
    give(rights, "reader", "get pods")
    bind(rights, "b", "ClusterRole/reader", "User/alice")
    epoch = rights.epoch
    give(rights, "reader", "get pods")
    bind(rights, "b", "ClusterRole/reader", "User/alice")
    rights.remove_role(Key("", "gone"))
    rights.remove_binding(Key("", "gone"))
    assert rights.epoch == epoch
    give(rights, "reader", "list pods")
    assert rights.epoch > epoch


def test_namespaces_that_cannot_be_are_not_remembered() -> None:
    """A caller who may list in all namespaces chooses texts of any length for them."""
    authorizer = Authorizer(Rights())
    authorizer.is_current = True
    give(authorizer.rights, "reader", "list pods")
    bind(authorizer.rights, "b", "ClusterRole/reader", "User/alice")
    for length in (63, 64, 100_000):
        assert authorizer.fault(ALICE, LIST._replace(namespace="n" * length)) is None
    assert authorizer.has_allowed(ALICE, LIST.question, "any")
    (kept,) = authorizer._answered._of_users.values()
    assert not kept.in_namespaces


def test_what_was_allowed_is_known_for_its_user_question_and_namespace_alone() -> None:
    """And only until the rights change, or are not known any more."""
    authorizer = Authorizer(Rights())
    authorizer.is_current = True
    give(authorizer.rights, "dev/lister", "list pods")
    bind(authorizer.rights, "dev/b", "Role/lister", "User/alice")
    assert authorizer.fault(ALICE, LIST._replace(namespace="dev", name="a")) is None

    def known(user: User = ALICE, asked: Attributes = LIST, namespace: str = "dev") -> bool:
        return authorizer.has_allowed(user, asked.question, namespace)

    assert known()
    assert not known(namespace="prod")
    assert not known(namespace="")
    assert not known(User(name="bob"))
    for other in (LIST._replace(verb="get"), LIST._replace(subresource="status")):
        assert not known(asked=other)
    give(authorizer.rights, "dev/other", "get pods")
    assert not known()
    assert authorizer.fault(ALICE, LIST._replace(namespace="dev")) is None
    assert known()
    authorizer.is_current = False
    authorizer.is_current = True
    assert not known()


def test_of_a_right_to_some_names_nothing_is_remembered() -> None:
    """Another name of the same question is asked for itself."""
    authorizer = Authorizer(Rights())
    authorizer.is_current = True
    give(authorizer.rights, "one", "get pods named a")
    bind(authorizer.rights, "b", "ClusterRole/one", "User/alice")
    asked = LIST._replace(verb="get", name="a")
    assert authorizer.fault(ALICE, asked) is None
    assert authorizer.fault(ALICE, asked._replace(name="b")) is not None
