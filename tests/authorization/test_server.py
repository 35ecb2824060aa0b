"""Roles in force: what callers may do over the wire, and what they are told."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import grpc
import grpc.aio
import pytest
from google.protobuf import descriptor_pb2
from grpc_reflection.v1alpha import reflection_pb2

from protocube import errors
from protocube.meta.v1 import requests_pb2
from protocube.watch.v1 import watches_pb2
from tests import etcd_process
from tests.authorization.ruled import Ruled, bind, role, rule, ruled
from tests.server.caller import rebuilt

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from tests.server.caller import Caller

AT_CLUSTER = "at the cluster scope"
IN_DEFAULT = 'in the namespace "default"'


def cannot(who: str, what: str, where: str = IN_DEFAULT) -> str:
    """Return the end of a refusal: ``get pods`` or ``update deployments/status apps``."""
    verb, resource, *group = what.split()
    return (
        f'is forbidden: User "{who}" cannot {verb} resource "{resource}" in API group '
        f'"{"".join(group)}" {where}'
    )


@pytest.fixture
async def server(tmp_path: Path) -> AsyncGenerator[Ruled, None]:
    """Provide a server with the default roles."""
    async with ruled(tmp_path) as found:
        yield found


async def _refused(call: Any) -> str:
    with pytest.raises(errors.Forbidden) as refused:
        await call
    return refused.value.message


async def test_a_rule_for_named_objects(server: Ruled) -> None:
    """It allows reading them, and lists of one of them by its name; no create has a name."""
    admin, alice = await server.caller("admin"), await server.caller("alice")
    await role(admin, "r", rule("get,list,watch,create,delete", "configmaps", "a"))
    await bind(admin, "alice", "ClusterRole", "r")
    for name in "ab":
        await admin.create(admin.make("cm", name))
    await alice.get("cm", "a")
    where = cannot("alice", "get configmaps")
    assert await _refused(alice.get("cm", "b")) == f'configmaps "b" {where}'
    assert await _refused(alice.list("cm", namespace="default")) == (
        f"configmaps {cannot('alice', 'list configmaps')}"
    )
    named = await alice.list("cm", namespace="default", field_selector="metadata.name=a")
    assert [item.metadata.name for item in named.items] == ["a"]
    for selector in ("metadata.name=b", "metadata.name!=a", "metadata.namespace=default"):
        await _refused(alice.list("cm", namespace="default", field_selector=selector))
    await _refused(alice.create(alice.make("cm", "a")))
    await _refused(
        alice.delete_collection("cm", namespace="default", field_selector="metadata.name=a")
    )
    await alice.delete("cm", "a")


async def test_a_part_of_an_object_is_a_right_of_its_own(server: Ruled) -> None:
    """By whatever method it is written: Patch and Apply name the part in their request."""
    admin, alice = await server.caller("admin"), await server.caller("alice")
    verbs = "get,update,patch,create"
    await role(admin, "object", rule(verbs, "deployments", group="apps"), rule(verbs, "pods"))
    await role(admin, "part", rule("update,patch", "*/status", group="apps"))
    await bind(admin, "alice", "ClusterRole", "object")
    await bind(admin, "bob", "ClusterRole", "part")
    container = {"name": "c", "image": "i"}
    template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [container]}}
    made = await alice.create(
        alice.make(
            "deploy", "d", spec={"selector": {"matchLabels": {"a": "b"}}, "template": template}
        )
    )
    await alice.create(alice.make("pod", "p", spec={"containers": [container]}))
    where = cannot("alice", "update deployments/status apps")
    assert await _refused(alice.write("UpdateStatus", made)) == f'deployments.apps "d" {where}'
    status = {"merge_patch": {"status": {"replicas": 1}}, "subresource": "SUBRESOURCE_STATUS"}
    where = cannot("alice", "patch deployments/status apps")
    assert await _refused(alice.patch("deploy", "d", **status)) == f'deployments.apps "d" {where}'
    wanted = {"kind": "Deployment", "apiVersion": "apps/v1", "metadata": {"name": "d"}}
    await _refused(alice.apply(wanted, subresource="SUBRESOURCE_STATUS"))
    await _refused(alice.patch("deploy", "d", merge_patch={}, subresource="SUBRESOURCE_SCALE"))
    get = requests_pb2.GetRequest(name="d")
    where = cannot("alice", "get deployments/scale apps")
    assert await _refused(alice.scale("GetScale", "deploy", get)) == f'deployments.apps "d" {where}'
    scale: Any = alice.resource("deploy").request_class("UpdateScale")()
    scale.object.metadata.name = "d"
    await _refused(alice.scale("UpdateScale", "deploy", scale))
    service = "/protocube.core.v1.Pods"
    for method, part in (("Evict", "eviction"), ("Bind", "binding")):
        request: Any = alice.resource("pod").request_class(method)()
        request.object.metadata.name = "p"
        refused = await _refused(alice.send(f"{service}/{method}", request.SerializeToString()))
        assert refused == f'pods "p" {cannot("alice", f"create pods/{part}")}'
    bob = await server.caller("bob")
    await bob.patch("deploy", "d", **status)
    where = cannot("bob", "patch deployments apps")
    refused = await _refused(bob.patch("deploy", "d", merge_patch={}))
    assert refused == f'deployments.apps "d" {where}'


async def test_a_cluster_role_that_is_bound_in_a_namespace(server: Ruled) -> None:
    """It holds there, and neither elsewhere nor for all namespaces at once."""
    admin, alice = await server.caller("admin"), await server.caller("alice")
    await admin.create(admin.make("ns", "dev"))
    await role(admin, "r", rule("list,watch", "pods"))
    await bind(admin, "alice", "ClusterRole", "r", namespace="dev")
    await alice.list("pods", namespace="dev")
    where = cannot("alice", "list pods", 'in the namespace "prod"')
    assert await _refused(alice.list("pods", namespace="prod")) == f"pods {where}"
    assert await _refused(alice.list("pods")) == f"pods {cannot('alice', 'list pods', AT_CLUSTER)}"


async def test_a_namespace_lies_in_itself(server: Ruled) -> None:
    """A binding in it can give the right to read it, and no other one."""
    admin, alice = await server.caller("admin"), await server.caller("alice")
    await admin.create(admin.make("ns", "dev"))
    await role(admin, "r", rule("get,list", "namespaces"))
    await bind(admin, "alice", "ClusterRole", "r", namespace="dev")
    assert (await alice.get("ns", "dev")).metadata.name == "dev"
    assert await _refused(alice.get("ns", "default")) == (
        f'namespaces "default" {cannot("alice", "get namespaces")}'
    )
    assert await _refused(alice.list("ns")) == (
        f"namespaces {cannot('alice', 'list namespaces', AT_CLUSTER)}"
    )


async def test_refusals_do_not_depend_on_what_is_there(server: Ruled) -> None:
    """An object, a namespace and an API version that are missing are refused alike."""
    admin, alice = await server.caller("admin"), await server.caller("alice")
    await admin.create(admin.make("cm", "a"))
    for name, namespace in (("a", "default"), ("none", "default"), ("a", "none")):
        where = cannot("alice", "get configmaps", f'in the namespace "{namespace}"')
        refused = await _refused(alice.get("cm", name, namespace=namespace))
        assert refused == f'configmaps "{name}" {where}'
    # A large request is refused before it is read, and what it names is not known then.
    large = b"\xff" * 100_000
    refused = await _refused(alice.send("/protocube.core.v1.ConfigMaps/Create", large))
    assert refused == (
        'configmaps is forbidden: User "alice" cannot create resource "configmaps" in API group '
        '"" in any namespace'
    )


async def test_a_binding_to_a_missing_role_is_told(server: Ruled) -> None:
    """Only when nothing else allows it."""
    admin, alice = await server.caller("admin"), await server.caller("alice")
    await bind(admin, "alice", "ClusterRole", "x")
    text = 'clusterrole.rbac.authorization.k8s.io "x" not found'
    assert await _refused(alice.get("cm", "a")) == (
        f'configmaps "a" {cannot("alice", "get configmaps")}: RBAC: {text}'
    )
    await role(admin, "reader", rule("get", "configmaps"))
    await bind(admin, "alice", "ClusterRole", "reader")
    with pytest.raises(errors.NotFound):
        await alice.get("cm", "a")


async def test_the_masters_need_no_roles(server: Ruled) -> None:
    """They may do everything also when all bindings are gone."""
    admin = await server.caller("admin")
    await admin.delete_collection("clusterrolebindings")
    await admin.delete_collection("clusterroles")
    await admin.create(admin.make("ns", "dev"))
    alice = await server.caller("alice")
    with pytest.raises(errors.Forbidden, match="cannot call path"):
        await alice.send("/protocube.discovery.v1.Discovery/GetServerInfo", b"")


async def test_a_rule_is_in_force_when_its_write_is_answered(server: Ruled) -> None:
    """On its own server, whatever was written, and when it was taken back."""
    admin, alice = await server.caller("admin"), await server.caller("alice")
    await admin.create(admin.make("cm", "a"))
    for turn in range(5):
        made = await role(admin, f"r{turn}", rule("list", "configmaps"))
        await bind(admin, "alice", "ClusterRole", f"r{turn}", binding="b")
        await _refused(alice.get("cm", "a"))
        made.rules[0].verbs[:] = ["get"]
        await admin.update(made)
        await alice.get("cm", "a")
        if turn % 2:
            await admin.delete("clusterrolebinding", "b")
        else:
            await admin.delete_collection("clusterrolebindings", field_selector="metadata.name=b")
        await _refused(alice.get("cm", "a"))


async def test_update_and_apply_ask_for_the_right_to_create(server: Ruled) -> None:
    """Where they create the object; an object that is there needs no such right."""
    admin, alice = await server.caller("admin"), await server.caller("alice")
    group = "coordination.k8s.io"
    await role(admin, "r", rule("update,patch", "leases", group=group), rule("patch", "configmaps"))
    await bind(admin, "alice", "ClusterRole", "r")
    lease = alice.make("lease", "l")
    where = cannot("alice", f"create leases {group}")
    assert await _refused(alice.update(lease)) == f'leases.{group} "l" {where}'
    wanted = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}
    where = cannot("alice", "create configmaps")
    assert await _refused(alice.apply(wanted)) == f'configmaps "a" {where}'
    await admin.apply(wanted)
    await alice.apply(wanted | {"data": {"k": "v"}})


async def test_nothing_is_reachable_without_rights(server: Ruled) -> None:
    """Every method of every service refuses a user without any role; health alone answers.

    A bulk stream asks for each of its writes (tests/server/test_bulk.py); one without any is empty.
    """
    admin, nobody = await server.caller("admin"), await server.caller("nobody")
    methods = await _methods(admin)
    # Without these, those who are known may see what there is.
    for name in ("system:discovery", "system:basic-user"):
        await admin.delete("clusterrolebinding", name)
    outcomes = {
        path: await _outcome(nobody.channel, path, method)
        for path, method in sorted(methods.items())
    }
    answered = [path for path, code in outcomes.items() if code is grpc.StatusCode.OK]
    assert answered == [
        "/grpc.health.v1.Health/Check",
        "/grpc.health.v1.Health/Watch",
        "/protocube.bulk.v1.Bulk/Write",
    ]
    assert set(outcomes.values()) == {grpc.StatusCode.OK, grpc.StatusCode.PERMISSION_DENIED}
    assert len(methods) > 500


async def _outcome(
    channel: Any, path: str, method: descriptor_pb2.MethodDescriptorProto
) -> grpc.StatusCode:
    """Return how a call with an empty request ends, or that it begins to be answered."""
    sent = "stream" if method.client_streaming else "unary"
    answered = "stream" if method.server_streaming else "unary"
    request: Any = iter([b""]) if method.client_streaming else b""
    call = getattr(channel, f"{sent}_{answered}")(path)(request, timeout=10)
    try:
        await (call.read() if method.server_streaming else call)
    except grpc.aio.AioRpcError as error:
        return error.code()
    call.cancel()
    return grpc.StatusCode.OK


async def _methods(caller: Caller) -> dict[str, descriptor_pb2.MethodDescriptorProto]:
    """Return all methods that reflection tells, by their full names."""
    path = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"

    async def ask(*questions: reflection_pb2.ServerReflectionRequest) -> list[Any]:
        sent = iter([question.SerializeToString() for question in questions])
        call = caller.channel.stream_stream(path)(sent, timeout=20)
        return [reflection_pb2.ServerReflectionResponse.FromString(answer) async for answer in call]

    (listed,) = await ask(reflection_pb2.ServerReflectionRequest(list_services="*"))
    services = [each.name for each in listed.list_services_response.service]
    found = await ask(
        *(reflection_pb2.ServerReflectionRequest(file_containing_symbol=name) for name in services)
    )
    methods: dict[str, descriptor_pb2.MethodDescriptorProto] = {}
    for name, answer in zip(services, found, strict=True):
        for raw in answer.file_descriptor_response.file_descriptor_proto:
            file = descriptor_pb2.FileDescriptorProto.FromString(raw)
            for service in file.service:
                if f"{file.package}.{service.name}" == name:
                    methods |= {f"/{name}/{each.name}": each for each in service.method}
    return methods


async def test_a_watch_over_many_kinds_asks_for_each(server: Ruled) -> None:
    """All kinds at once need a right to all that there may ever be."""
    admin, alice = await server.caller("admin"), await server.caller("alice")
    await role(admin, "r", rule("watch", "configmaps"))
    await bind(admin, "alice", "ClusterRole", "r")
    maps = watches_pb2.WatchedKind(message="protocube.core.v1.ConfigMap")
    secrets = watches_pb2.WatchedKind(message="protocube.core.v1.Secret")

    async def first(*kinds: watches_pb2.WatchedKind) -> bytes:
        request = watches_pb2.WatchManyRequest(kinds=kinds).SerializeToString()
        call = alice.channel.unary_stream("/protocube.watch.v1.Watches/Watch")(request, timeout=10)
        try:
            answer: bytes = await call.read()
        except grpc.aio.AioRpcError as error:
            raise rebuilt(error) from None
        finally:
            call.cancel()
        return answer

    assert await first(maps)
    refused = await _refused(first(maps, secrets))
    assert refused == f"secrets {cannot('alice', 'watch secrets', AT_CLUSTER)}"
    refused = await _refused(first())
    assert refused == f"*.* {cannot('alice', 'watch * *', AT_CLUSTER)}"
    await bind(admin, "alice", "ClusterRole", "cluster-admin")
    assert await first()


async def test_open_streams_end_when_their_right_goes(server: Ruled) -> None:
    """With the refusal, at once; those of others go on."""
    admin, alice, bob = [await server.caller(name) for name in ("admin", "alice", "bob")]
    await role(admin, "r", rule("watch,list", "configmaps"))
    await bind(admin, "alice", "ClusterRole", "r")
    await bind(admin, "bob", "ClusterRole", "r")
    watches = {name: caller.watch("cm") for name, caller in (("alice", alice), ("bob", bob))}
    many = watches_pb2.WatchManyRequest(
        kinds=[watches_pb2.WatchedKind(message="protocube.core.v1.ConfigMap")]
    )
    path = "/protocube.watch.v1.Watches/Watch"
    several = alice.channel.unary_stream(path)(many.SerializeToString(), timeout=20)
    await several.read()
    for watch in watches.values():
        await anext(watch)
    await admin.delete("clusterrolebinding", "alice-r")
    await admin.create(admin.make("cm", "after"))
    text = f"configmaps {cannot('alice', 'watch configmaps', AT_CLUSTER)}"
    with pytest.raises(errors.Forbidden) as ended:
        await anext(watches["alice"])
    assert ended.value.message == text
    with pytest.raises(grpc.aio.AioRpcError) as also:
        await several.read()
    assert rebuilt(also.value).message == text
    event = (await anext(watches["bob"])).events[0]
    assert event.object.metadata.name == "after"
    await watches["bob"].aclose()


@pytest.mark.etcd
async def test_two_servers_have_the_same_rights(tmp_path: Path) -> None:
    """What one writes is in force at the other within a second, for streams that are open, too."""
    folders = [tmp_path / name for name in ("a", "b")]
    for folder in folders:
        folder.mkdir()
    with etcd_process.running(tmp_path / "etcd") as etcd:
        store = f"etcd://{etcd.endpoint}"
        async with ruled(folders[0], store) as one, ruled(folders[1], store) as two:
            admin, alice = await one.caller("admin"), await two.caller("alice")
            label = {"rbac.authorization.k8s.io/aggregate-to-view": "true"}
            await bind(admin, "alice", "ClusterRole", "view")
            rules = [rule("get,list,watch", "nodes")]
            await admin.create(
                admin.make("clusterrole", "more", metadata={"labels": label}, rules=rules)
            )
            async with asyncio.timeout(5):
                while not await _may(alice.list("nodes")):
                    pass
            watch = alice.watch("nodes")
            await anext(watch)
            await admin.delete("clusterrole", "more")
            seen = asyncio.create_task(_rest(watch))
            node = await admin.create(admin.make("node", "after"))
            async with asyncio.timeout(5):
                names, ended = await seen
            assert isinstance(ended, errors.Forbidden)
            assert node.metadata.name not in names
            # The stored rules are those of the labels, too.
            await admin.until("clusterrole", "view", lambda each: "nodes" not in str(each.rules))


async def _may(call: Any) -> bool:
    try:
        await call
    except errors.Forbidden:
        return False
    return True


async def _rest(watch: Any) -> tuple[list[str], errors.ApiError]:
    names = []
    try:
        async for response in watch:
            names += [event.object.metadata.name for event in response.events]
    except errors.ApiError as error:
        return names, error
    raise AssertionError("a watch does not end by itself")
