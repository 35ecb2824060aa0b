"""Acting as another user, with its rights and no others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc
import grpc.aio
import pytest

from protocube import errors
from protocube.meta.v1 import requests_pb2
from protocube_server.calls.user import User
from protocube_server.edge import impersonation
from tests.authorization.ruled import Ruled, bind, role, rule, ruled
from tests.server.caller import rebuilt

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from tests.server.caller import Caller

LIST = "/protocube.core.v1.ConfigMaps/List"
USERS = "authentication.k8s.io"
_GROUPS = [("group", "g"), ("group", "h")]


@pytest.fixture
async def server(tmp_path: Path) -> AsyncGenerator[Ruled, None]:
    """Provide a server on which bob may list maps, and alice may be bob, or a group of admins."""
    async with ruled(tmp_path) as found:
        admin = await found.caller("admin")
        await role(admin, "lists", rule("list,watch", "configmaps"))
        await bind(admin, "bob", "ClusterRole", "lists")
        await role(
            admin,
            "other",
            rule("impersonate", "users", "bob", "nobody"),
            rule("impersonate", "groups", "g"),
            rule("impersonate", "uids", "u", group=USERS),
            rule("impersonate", "userextras/scopes", "a", group=USERS),
        )
        await bind(admin, "alice", "ClusterRole", "other")
        yield found


async def _list(caller: Caller, **entries: str) -> Any:
    metadata = [(f"impersonate-{key.replace('_', '-')}", value) for key, value in entries.items()]
    request = requests_pb2.ListRequest(namespace="default").SerializeToString()
    return await caller.send(LIST, request, metadata=metadata)


async def test_the_rights_are_those_of_the_other_user(server: Ruled) -> None:
    """More than the caller's, or less; refusals speak of the other user."""
    alice, admin = await server.caller("alice"), await server.caller("admin")
    with pytest.raises(errors.Forbidden, match='User "alice" cannot list'):
        await _list(alice)
    await _list(alice, user="bob")
    await _list(alice, user="bob", group="g", uid="u", extra_scopes="a")
    with pytest.raises(errors.Forbidden, match='User "nobody" cannot list'):
        await _list(alice, user="nobody")
    with pytest.raises(errors.Forbidden, match='User "nobody" cannot list'):
        await _list(admin, user="nobody")
    await _list(admin, user="nobody", group="system:masters")


@pytest.mark.parametrize(
    ("entries", "text"),
    [
        (
            {"user": "carol"},
            (
                'users "carol" is forbidden: User "alice" cannot impersonate resource "users" '
                'in API group "" at the cluster scope'
            ),
        ),
        (
            {"user": "bob", "group": "system:masters"},
            (
                'groups "system:masters" is forbidden: User "alice" cannot impersonate resource '
                '"groups" in API group "" at the cluster scope'
            ),
        ),
        (
            {"user": "system:serviceaccount:dev:robot"},
            (
                'serviceaccounts "robot" is forbidden: User "alice" cannot impersonate resource '
                '"serviceaccounts" in API group "" in the namespace "dev"'
            ),
        ),
        (
            {"user": "bob", "extra_scopes": "b"},
            (
                f'userextras.{USERS} "b" is forbidden: User "alice" cannot impersonate resource '
                f'"userextras/scopes" in API group "{USERS}" at the cluster scope'
            ),
        ),
        (
            {"user": "bob", "uid": "v"},
            (
                f'uids.{USERS} "v" is forbidden: User "alice" cannot impersonate resource "uids" '
                f'in API group "{USERS}" at the cluster scope'
            ),
        ),
    ],
)
async def test_everything_that_is_taken_over_is_a_right(
    server: Ruled, entries: dict[str, str], text: str
) -> None:
    """The first one that is missing is told."""
    with pytest.raises(errors.Forbidden) as refused:
        await _list(await server.caller("alice"), **entries)
    assert refused.value.message == text


@pytest.mark.parametrize(
    ("entries", "text"),
    [
        ({"group": "g"}, "requested impersonate-group without impersonating a user"),
        ({"user": "bob", "role": "x"}, "unknown metadata impersonate-role"),
    ],
)
async def test_what_means_nothing_is_refused(
    server: Ruled, entries: dict[str, str], text: str
) -> None:
    """Nothing that a caller asks for is passed over."""
    with pytest.raises(errors.BadRequest) as refused:
        await _list(await server.caller("admin"), **entries)
    assert refused.value.message == text


async def test_a_stream_ends_when_the_caller_may_not_be_the_other_one(server: Ruled) -> None:
    """The rights of the other user alone do not keep it open."""
    admin, alice = await server.caller("admin"), await server.caller("alice")
    open_ = alice.channel.unary_stream("/protocube.core.v1.ConfigMaps/Watch")
    watch = open_(b"", metadata=[("impersonate-user", "bob")], timeout=20)
    await watch.read()
    await admin.delete("clusterrolebinding", "alice-other")
    with pytest.raises(grpc.aio.AioRpcError) as ended:
        await watch.read()
    assert rebuilt(ended.value).message.startswith('users "bob" is forbidden: User "alice" cannot')


@pytest.mark.parametrize(
    ("entries", "user"),
    [
        ([("user", "bob")], User(name="bob", groups=("system:authenticated",))),
        (
            [("user", "bob"), ("group", "g"), ("group", "h")],
            User(name="bob", groups=("g", "h", "system:authenticated")),
        ),
        (
            [("user", "system:serviceaccount:dev:robot")],
            User(
                name="system:serviceaccount:dev:robot",
                groups=(
                    "system:serviceaccounts",
                    "system:serviceaccounts:dev",
                    "system:authenticated",
                ),
            ),
        ),
        (
            [("user", "system:anonymous")],
            User(name="system:anonymous", groups=("system:unauthenticated",)),
        ),
        (
            [("user", "bob"), ("extra-a%2fb", "1"), ("extra-a%2fb", "2"), ("uid", "u")],
            User(
                name="bob",
                groups=("system:authenticated",),
                uid="u",
                extra={"a/b": ("1", "2")},
            ),
        ),
    ],
)
def test_groups_follow_from_the_name(entries: list[tuple[str, str]], user: User) -> None:
    """Where none are asked for; whoever is not anonymous is known."""
    found = impersonation.read([(f"impersonate-{key}", value) for key, value in entries])
    assert found.user == user


def test_of_entries_that_are_repeated_the_first_ones_count() -> None:
    """Of users and uids; groups are all taken."""
    entries = [("user", "a"), ("user", "b"), ("uid", "1"), ("uid", "2"), *_GROUPS]
    found = impersonation.read([(f"impersonate-{key}", value) for key, value in entries])
    assert (found.name, found.uid, found.groups) == ("a", "1", ("g", "h"))
