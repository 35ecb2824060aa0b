"""Reviews of access and of identity over the wire: what is asked, who may ask, what is answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors
from protocube.access.v1 import access_pb2
from protocube.watch.v1 import watches_pb2
from tests.authorization.ruled import Ruled, bind, role, rule, ruled
from tests.server.caller import OWN, Caller

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

EXPLAIN = "/protocube.access.v1.Access/Explain"
PODS = {"namespace": "dev", "verb": "list", "resource": "pods"}
MISSING = 'RBAC: clusterrole.rbac.authorization.k8s.io "missing" not found'


@pytest.fixture
async def server(tmp_path: Path) -> AsyncGenerator[Ruled, None]:
    """Provide a server on which alice may list pods in dev, and has a role that is not there."""
    async with ruled(tmp_path) as found:
        admin = await found.caller("admin")
        await admin.create(admin.make("ns", "dev"))
        await role(admin, "reader", rule("get,list", "pods"))
        await bind(admin, "alice", "ClusterRole", "reader", namespace="dev")
        await bind(admin, "alice", "ClusterRole", "missing", namespace="dev")
        yield found


async def _ask(caller: Caller, word: str, within: str = "", **spec: Any) -> Any:
    metadata = {"namespace": within} if within else {}
    return (await caller.create(caller.make(word, metadata=metadata, spec=spec))).status


async def test_a_caller_asks_about_itself(server: Ruled) -> None:
    """It hears whether it may, and by which binding; or which roles are missing."""
    alice = await server.caller("alice")
    word = "selfsubjectaccessreviews"
    status = await _ask(alice, word, resourceAttributes=PODS)
    assert (status.allowed, status.reason) == (
        True,
        'RBAC: allowed by RoleBinding "alice-reader/dev" of ClusterRole "reader" to User "alice"',
    )
    status = await _ask(alice, word, resourceAttributes=PODS | {"verb": "delete"})
    assert (status.allowed, status.denied, status.reason) == (False, False, MISSING)
    status = await _ask(alice, word, resourceAttributes=PODS | {"namespace": ""})
    assert (status.allowed, status.reason) == (False, "")
    path = "/protocube.discovery.v1.Discovery/ListResources"
    status = await _ask(alice, word, nonResourceAttributes={"verb": "call", "path": path})
    assert status.allowed
    admin = await server.caller("admin")
    assert (await _ask(admin, word, resourceAttributes=PODS)).allowed


async def test_asking_about_others_is_a_right(server: Ruled) -> None:
    """The masters have it, and who gets it; in one namespace it can be given by a binding there."""
    admin, alice, bob = [await server.caller(name) for name in ("admin", "alice", "bob")]
    word = "subjectaccessreviews"
    status = await _ask(admin, word, user="alice", resourceAttributes=PODS)
    assert status.allowed
    status = await _ask(admin, word, groups=["system:masters"], resourceAttributes=PODS)
    assert status.allowed
    status = await _ask(admin, word, user="bob", groups=["devs"], resourceAttributes=PODS)
    assert not status.allowed
    with pytest.raises(errors.Forbidden) as refused:
        await _ask(alice, word, user="bob", resourceAttributes=PODS)
    assert refused.value.message == (
        'subjectaccessreviews.authorization.k8s.io is forbidden: User "alice" cannot create '
        'resource "subjectaccessreviews" in API group "authorization.k8s.io" at the cluster scope'
    )
    await bind(admin, "bob", "ClusterRole", "admin", namespace="dev")
    asked = {"user": "alice", "resourceAttributes": PODS}
    assert (await _ask(bob, "localsubjectaccessreviews", "dev", **asked)).allowed
    with pytest.raises(errors.Forbidden):
        await _ask(bob, "localsubjectaccessreviews", "default", **asked)


async def test_all_rules_of_a_caller(server: Ruled) -> None:
    """Those of one namespace and of all; what is missing makes the answer incomplete."""
    alice, admin = await server.caller("alice"), await server.caller("admin")
    status = await _ask(alice, "selfsubjectrulesreviews", namespace="dev")
    pods = [each for each in status.resource_rules if "pods" in each.resources]
    assert [list(each.verbs) for each in pods] == [["get", "list"]]
    assert status.incomplete
    assert status.evaluation_error == MISSING.removeprefix("RBAC: ")
    status = await _ask(alice, "selfsubjectrulesreviews", namespace="default")
    assert not status.incomplete
    assert not [each for each in status.resource_rules if "pods" in each.resources]
    assert any(
        "/protocube.access.v1.Access/*" in e.non_resource_urls for e in status.non_resource_rules
    )
    await admin.delete_collection("clusterrolebindings")
    status = await _ask(admin, "selfsubjectrulesreviews", namespace="dev")
    assert [list(each.resources) for each in status.resource_rules] == [["*"]]
    with pytest.raises(errors.BadRequest, match=r"^no namespace on request$"):
        await _ask(admin, "selfsubjectrulesreviews")


ACCESS = {"verb": "get"}
REFUSED: list[tuple[str, dict[str, Any], str]] = [
    (
        "selfsubjectaccessreviews",
        {"spec": {}},
        (
            "spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or "
            "resourceAttributes must be specified"
        ),
    ),
    (
        "subjectaccessreviews",
        {"metadata": {"name": "a"}, "spec": {"resourceAttributes": ACCESS}},
        (
            '[metadata: Invalid value: {"name":"a"}: must be empty, spec.user: Invalid value: "": '
            "at least one of user or group must be specified]"
        ),
    ),
    (
        "localsubjectaccessreviews",
        {
            "metadata": {"namespace": "dev"},
            "spec": {"user": "a", "resourceAttributes": {"namespace": "prod"}},
        },
        'spec.resourceAttributes.namespace: Invalid value: "prod": must match metadata.namespace',
    ),
    (
        "subjectaccessreviews",
        {"spec": {"groups": ["g"] * 4097, "resourceAttributes": ACCESS}},
        "spec.groups: Forbidden: must have at most 4096 items",
    ),
]


async def test_what_cannot_be_asked(server: Ruled) -> None:
    """It is refused in Kubernetes' words."""
    admin = await server.caller("admin")
    for word, fields, text in REFUSED:
        message = admin.make(word, **fields)
        with pytest.raises(errors.Invalid) as refused:
            await admin.create(message)
        kind, name = admin.resource(word).qualified_kind, message.metadata.name
        assert refused.value.message == f'{kind} "{name}" is invalid: {text}'


async def test_a_review_is_not_stored(server: Ruled) -> None:
    """It can be created and nothing else, is no part of a namespace, and no watch sees it."""
    admin = await server.caller("admin")
    before = await server.api.store.revision()
    await _ask(admin, "localsubjectaccessreviews", "dev", user="a", resourceAttributes=PODS)
    await _ask(admin, "selfsubjectaccessreviews", resourceAttributes=PODS)
    assert await server.api.store.revision() == before
    resource = admin.resource("selfsubjectaccessreviews")
    assert resource.methods == ("Create",)
    kind = watches_pb2.WatchedKind(message=resource.message)
    request = watches_pb2.WatchManyRequest(kinds=[kind]).SerializeToString()
    call = admin.channel.unary_stream("/protocube.watch.v1.Watches/Watch")(request, timeout=10)
    with pytest.raises(Exception, match="cannot be watched"):
        await call.read()


async def test_who_the_caller_is(server: Ruled) -> None:
    """The name, the uid and the groups; also of who is acted as."""
    alice, admin = await server.caller("alice"), await server.caller("admin")
    review: Any = await alice.create(alice.make("selfsubjectreviews"))
    user = review.status.user_info
    assert (user.username, user.uid, list(user.groups)) == (
        "alice",
        "alice",
        ["devs", "system:authenticated"],
    )
    assert review.metadata.HasField("creation_timestamp")
    request = admin.resource("selfsubjectreviews").create_request_class().SerializeToString()
    reply = await admin.send(
        "/protocube.authentication.v1.SelfSubjectReviews/Create",
        request,
        metadata=[("impersonate-user", "zed"), ("impersonate-extra-team", "red")],
    )
    acted: Any = admin.resource("selfsubjectreviews").message_class.FromString(reply.body)
    assert acted.status.user_info.username == "zed"
    assert list(acted.status.user_info.extra["team"]) == ["red"]


async def test_whom_a_token_proves(server: Ruled) -> None:
    """An unknown one is no error; one that is meant for others proves nobody here."""
    admin, alice = await server.caller("admin"), await server.caller("alice")
    status = await _ask(admin, "tokenreviews", token="alice")
    assert (status.authenticated, status.user.username) == (True, "alice")
    assert list(status.user.groups) == ["devs", "system:authenticated"]
    for token in ("wrong", "alice ", "alice x", "al\nice"):
        status = await _ask(admin, "tokenreviews", token=token)
        assert (status.authenticated, status.error) == (False, "invalid bearer token")
        assert not status.user.username
    status = await _ask(admin, "tokenreviews", token="alice", audiences=["others"])
    assert not status.authenticated
    with pytest.raises(errors.BadRequest, match="token is required"):
        await _ask(admin, "tokenreviews")
    with pytest.raises(errors.Forbidden):
        await _ask(alice, "tokenreviews", token="bob")


async def test_an_answer_has_room_for_its_rules(server: Ruled) -> None:
    """What does not fit is left out, and the answer says so."""
    admin, bob = await server.caller("admin"), await server.caller("bob")
    names = [f"{number:0250}" for number in range(3000)]
    for name in "abc":
        await role(admin, name, rule("get", "configmaps", *names))
        await bind(admin, "bob", "ClusterRole", name)
    status = await _ask(bob, "selfsubjectrulesreviews", namespace="dev")
    assert status.incomplete
    assert "rules, and the first" in status.evaluation_error
    assert status.ByteSize() < 3_000_000
    question = access_pb2.ExplainRequest()
    question.resource_attributes.verb, question.resource_attributes.resource = "get", "configmaps"
    reply = await bob.send(EXPLAIN, question.SerializeToString())
    found = access_pb2.ExplainResponse.FromString(reply.body)
    assert [each.binding for each in found.near] == ["bob-a", "bob-b", "bob-c"]
    assert [len(each.rule.resource_names) for each in found.near] == [50, 50, 50]


async def test_strangers_hear_of_no_role(tmp_path: Path) -> None:
    """Whatever they ask about themselves: a role that is missing is not named, no binding is."""
    async with ruled(tmp_path, anonymous=True) as server:
        admin = await server.caller("admin")
        for name in ("system:basic-user", "missing"):
            binding = admin.make(
                "clusterrolebinding",
                f"strangers-{name}",
                roleRef={"kind": "ClusterRole", "name": name},
                subjects=[{"kind": "Group", "name": "system:unauthenticated"}],
            )
            await admin.create(binding)
        async with Caller(server.address, admin.catalog, OWN) as stranger:
            status = await _ask(stranger, "selfsubjectaccessreviews", resourceAttributes=PODS)
            assert (status.allowed, status.reason) == (False, "")
            status = await _ask(stranger, "selfsubjectrulesreviews", namespace="dev")
            assert status.incomplete
            assert not status.evaluation_error
            question = access_pb2.ExplainRequest()
            question.resource_attributes.verb = "list"
            reply = await stranger.send(EXPLAIN, question.SerializeToString())
            answer = access_pb2.ExplainResponse.FromString(reply.body)
            assert (answer.allowed, answer.user, len(answer.near)) == (
                False,
                "system:anonymous",
                0,
            )


async def test_what_cannot_be_explained(server: Ruled) -> None:
    """A question is about one thing; where is asked of objects alone."""
    bob = await server.caller("bob")
    both = access_pb2.ExplainRequest()
    both.resource_attributes.verb = both.non_resource_attributes.verb = "get"
    for question in (b"", both.SerializeToString()):
        with pytest.raises(errors.BadRequest):
            await bob.send(EXPLAIN, question)
    with pytest.raises(errors.BadRequest):
        await bob.send("/protocube.access.v1.Access/ListNamespaces", b"")


async def test_where_everybody_may_everything(tmp_path: Path) -> None:
    """Each question is answered with yes."""
    async with ruled(tmp_path, authorization="always-allow") as server:
        bob = await server.caller("bob")
        assert (await _ask(bob, "selfsubjectaccessreviews", resourceAttributes=PODS)).allowed
        status = await _ask(bob, "selfsubjectrulesreviews", namespace="dev")
        assert [list(each.verbs) for each in status.resource_rules] == [["*"]]
        assert (await _ask(bob, "tokenreviews", token="alice")).authenticated
