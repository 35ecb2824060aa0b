"""Nobody gives away rights that they do not have, by whichever method roles are written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors
from tests.authorization.ruled import Ruled, bind, role, rule, ruled

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from tests.server.caller import Caller

GROUP = "rbac.authorization.k8s.io"
ALL = "get,create,update,patch"
LACKING = (
    'user "alice" (groups=["devs" "system:authenticated"]) is attempting to grant RBAC '
    "permissions not currently held:\n"
)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncGenerator[Ruled, None]:
    """Provide a server on which alice may write roles, and otherwise read maps."""
    async with ruled(tmp_path) as found:
        admin = await found.caller("admin")
        kinds = "roles,rolebindings,clusterroles,clusterrolebindings"
        await role(admin, "own", rule("get", "configmaps"), rule(ALL, kinds, group=GROUP))
        await bind(admin, "alice", "ClusterRole", "own")
        yield found


async def _refused(call: Any) -> str:
    with pytest.raises(errors.Forbidden) as refused:
        await call
    return refused.value.message


async def _giving(caller: Caller, name: str = "r", *rules: dict[str, Any]) -> Any:
    return await role(caller, name, *rules, namespace="default")


async def test_a_role_has_what_its_writer_has(server: Ruled) -> None:
    """What is missing is told, one line for a resource."""
    alice = await server.caller("alice")
    await _giving(alice, "held", rule("get", "configmaps"))
    refused = await _refused(_giving(alice, "r", rule("get,list", "configmaps,secrets")))
    assert refused == (
        f'roles.{GROUP} "r" is forbidden: {LACKING}'
        '{APIGroups:[""], Resources:["configmaps"], Verbs:["list"]}\n'
        '{APIGroups:[""], Resources:["secrets"], Verbs:["get" "list"]}'
    )
    await bind(await server.caller("admin"), "alice", "Role", "gone", namespace="default")
    refused = await _refused(_giving(alice, "r", rule("list", "configmaps")))
    assert refused.endswith(f'; resolution errors: [roles.{GROUP} "gone" not found]')


async def test_every_way_to_write_a_role_is_asked(server: Ruled) -> None:
    """Updates, patches, applies, and dry runs of them."""
    alice = await server.caller("alice")
    made = await _giving(alice, "r", rule("get", "configmaps"))
    more = {"rules": [rule("get", "secrets")]}
    line = f'{LACKING}{{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}}'
    text = f'roles.{GROUP} "r" is forbidden: {line}'
    made.rules[0].resources[:] = ["secrets"]
    assert await _refused(alice.update(made)) == text
    assert await _refused(alice.update(made, dry_run=True)) == text
    assert await _refused(alice.patch("role", "r", merge_patch=more)) == text
    wanted = {"apiVersion": f"{GROUP}/v1", "kind": "Role", "metadata": {"name": "r"}} | more
    assert await _refused(alice.apply(wanted, force=True)) == text
    other = wanted | {"metadata": {"name": "other"}}
    assert await _refused(alice.apply(other)) == text.replace('"r"', '"other"', 1)


async def test_what_the_collector_works_with_is_not_asked(server: Ruled) -> None:
    """A finalizer of a role can be removed by somebody who has not its rules."""
    admin, alice = await server.caller("admin"), await server.caller("alice")
    made = await _giving(admin, "r", rule("get", "secrets"))
    patch = {"metadata": {"finalizers": ["example.com/x"]}}
    await alice.patch("role", "r", merge_patch=patch)
    await alice.patch("role", "r", merge_patch={"metadata": {"finalizers": None}})
    made = await alice.get("role", "r")
    made.metadata.labels["a"] = "b"
    await _refused(alice.update(made))


async def test_a_binding_gives_what_its_writer_has(server: Ruled) -> None:
    """Or may bind: the role of that name, and no other one."""
    admin, alice = await server.caller("admin"), await server.caller("alice")
    await bind(alice, "bob", "ClusterRole", "own", namespace="default")
    refused = await _refused(bind(alice, "bob", "ClusterRole", "view", namespace="default"))
    assert refused.startswith(f'rolebindings.{GROUP} "bob-view" is forbidden: {LACKING}{{')
    await role(admin, "binder", rule("bind", "clusterroles", "view", group=GROUP))
    await bind(admin, "alice", "ClusterRole", "binder")
    await bind(alice, "bob", "ClusterRole", "view", namespace="default")
    await _refused(bind(alice, "bob", "ClusterRole", "edit", namespace="default"))
    await _refused(bind(alice, "bob", "ClusterRole", "cluster-admin"))


async def test_a_binding_to_a_missing_role_needs_the_right_to_bind(server: Ruled) -> None:
    """What it will give is not known yet."""
    with pytest.raises(errors.NotFound) as refused:
        await bind(await server.caller("alice"), "bob", "ClusterRole", "none")
    assert refused.value.message == f'clusterrole.{GROUP} "none" not found'


async def test_a_fresh_server_gives_nothing_away(server: Ruled) -> None:
    """The roles that take rules from others have them before the first call."""
    admin = await server.caller("admin")
    for name in ("view", "edit", "admin"):
        found = await admin.get("clusterrole", name)
        assert len(found.rules) > 5
        assert found.metadata.labels["kubernetes.io/bootstrapping"] == "rbac-defaults"
    secrets = [each for each in found.rules if "secrets" in each.resources]
    assert {verb for each in secrets for verb in each.verbs} >= {"get", "delete"}
    view = await admin.get("clusterrole", "view")
    assert not any("secrets" in each.resources for each in view.rules)


async def test_the_right_to_escalate(server: Ruled) -> None:
    """Who has it may write roles that they have not."""
    admin, alice = await server.caller("admin"), await server.caller("alice")
    await role(admin, "free", rule("escalate", "roles", group=GROUP))
    await bind(admin, "alice", "ClusterRole", "free", namespace="default")
    await _giving(alice, "r", rule("get", "secrets"))
    await _refused(role(alice, "c", rule("get", "secrets")))


async def test_a_role_that_takes_rules_from_others_is_for_administrators(server: Ruled) -> None:
    """Nobody knows what it will have; who may do everything may write one."""
    admin, alice = await server.caller("admin"), await server.caller("alice")
    selector = {"matchLabels": {"a": "b"}}
    wanted = alice.make("clusterrole", "r", aggregationRule={"clusterRoleSelectors": [selector]})
    assert await _refused(alice.create(wanted)) == (
        f'clusterroles.{GROUP} "r" is forbidden: must have cluster-admin privileges to use the '
        "aggregationRule"
    )
    await bind(admin, "alice", "ClusterRole", "cluster-admin")
    await alice.create(wanted)


async def test_rules_of_others_come_and_go_with_their_labels(server: Ruled) -> None:
    """At once for callers, and soon for readers of the role."""
    admin, bob = await server.caller("admin"), await server.caller("bob")
    await bind(admin, "bob", "ClusterRole", "view")
    labels = {f"{GROUP}/aggregate-to-view": "true"}
    await _refused(bob.list("nodes"))
    message = admin.make(
        "clusterrole", "more", metadata={"labels": labels}, rules=[rule("list", "nodes")]
    )
    await admin.create(message)
    await bob.list("nodes")
    for name in ("view", "edit", "admin"):
        await admin.until("clusterrole", name, lambda each: "nodes" in str(each.rules))
    await admin.patch("clusterrole", "more", merge_patch={"metadata": {"labels": None}})
    await _refused(bob.list("nodes"))
    await admin.until("clusterrole", "admin", lambda each: "nodes" not in str(each.rules))


async def test_a_start_gives_back_what_default_roles_lack(tmp_path: Path) -> None:
    """What was added stays, and so does a role whose annotation says so."""
    annotation = "rbac.authorization.kubernetes.io/autoupdate"
    async with ruled(tmp_path) as first:
        admin = await first.caller("admin")
        edit = await admin.get("clusterrole", "system:aggregate-to-edit")
        edit.rules[0].verbs[:] = ["escalate"]
        await admin.update(edit)
        basic = await admin.get("clusterrole", "system:basic-user")
        basic.metadata.annotations[annotation] = "false"
        del basic.rules[:]
        await admin.update(basic)
        binding = await admin.get("clusterrolebinding", "system:discovery")
        binding.subjects[0].name = "others"
        await admin.update(binding)
    async with ruled(tmp_path) as second:
        admin = await second.caller("admin")
        edit = await admin.get("clusterrole", "system:aggregate-to-edit")
        secrets = [each for each in edit.rules if list(each.resources) == ["secrets"]]
        assert [list(each.verbs) for each in secrets] == [["escalate"], ["get", "list", "watch"]]
        assert not (await admin.get("clusterrole", "system:basic-user")).rules
        subjects = (await admin.get("clusterrolebinding", "system:discovery")).subjects
        assert {each.name for each in subjects} == {"others", "system:authenticated"}
    async with ruled(tmp_path) as third:
        again = await (await third.caller("admin")).get("clusterrole", "system:aggregate-to-edit")
        assert again.metadata.resource_version == edit.metadata.resource_version


async def test_always_allow_is_for_all_who_are_known(tmp_path: Path) -> None:
    """Roles are objects like others then, and none is made."""
    async with ruled(tmp_path, authorization="always-allow") as server:
        nobody = await server.caller("nobody")
        await role(nobody, "r", rule("*", "*"))
        assert [each.metadata.name for each in (await nobody.list("clusterroles")).items] == ["r"]


async def test_a_role_of_too_many_parts_is_refused(server: Ruled) -> None:
    """It is refused without a look at its parts, and with words that say so; dry runs, too."""
    alice = await server.caller("alice")
    many = ",".join(f"x{number}" for number in range(60))
    large = rule(many, many)
    large["apiGroups"] = [f"g{number}" for number in range(60)]
    refused = await _refused(_giving(alice, "r", large))
    assert refused == (
        f'roles.{GROUP} "r" is forbidden: the caller does not have its rules as they are, and they '
        "have too many parts (216000 parts, at most 10000)"
    )


async def test_a_binding_to_a_missing_role_is_warned_of(server: Ruled) -> None:
    """Whoever writes it, by whichever method; a role that is there is no news."""
    admin = await server.caller("admin")
    binding = admin.make(
        "rolebinding",
        "b",
        roleRef={"kind": "ClusterRole", "name": "later"},
        subjects=[{"kind": "User", "name": "bob"}],
    )
    text = f'the binding gives no rights: clusterrole.{GROUP} "later" not found'
    resource = admin.resource("rolebinding")
    for dry_run in (True, False):
        request: Any = resource.create_request_class(object=binding, dry_run=dry_run)
        reply = await admin.send(f"/{resource.service}/Create", request.SerializeToString())
        assert reply.warnings == (text,)
    request = resource.request_class("Patch")(
        name="b", merge_patch='{"metadata": {"labels": {"a": "b"}}}'
    )
    reply = await admin.send(f"/{resource.service}/Patch", request.SerializeToString())
    assert reply.warnings == (text,)
    await role(admin, "later")
    reply = await admin.send(f"/{resource.service}/Patch", request.SerializeToString())
    assert reply.warnings == ()
