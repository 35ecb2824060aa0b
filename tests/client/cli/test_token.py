"""cubectl and the library prove who calls: by a token of a flag, the environment or a config."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from protocube import errors
from protocube.core.v1.namespace_pb2 import Namespace
from protocube_client import Client
from protocube_client.cli.failures import CommandError
from protocube_client.cli.settings import settings
from protocube_client.connection import token
from protocube_client.connection.address import DEFAULT_SERVER
from protocube_client.connection.transport import Tls
from tests.authorization.ruled import bind, role, rule, ruled
from tests.client.command_line import CommandLine, Done

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = """\
clusters:
- name: here
  server: one:1
contexts:
- cluster: here
  name: me
  user: me
- cluster: here
  name: robot
  user: robot
current-context: me
users:
- name: me
  token: secret
- name: robot
  token: other
  tokenFile: robot.token
"""


async def test_commands_carry_the_token(tmp_path: Path) -> None:
    """Refusals of who is not known, and of who may not, are kubectl's sentences."""
    async with ruled(tmp_path) as server:
        admin = await server.caller("admin")
        await role(admin, "r", rule("get", "namespaces"))
        await bind(admin, "alice", "ClusterRole", "r")
        to = f"--server={server.address}"
        home = {"HOME": str(tmp_path)}

        async def run(*words: str, **environ: str) -> Done:
            return await asyncio.to_thread(CommandLine(environ=home | environ), *words, to)

        get = ("get", "ns", "default", "-o", "name")
        unknown = "error: You must be logged in to the server (Unauthorized)\n"
        for done in (await run(*get), await run(*get, "--token=wrong")):
            assert (done.code, done.err) == (1, unknown)
        for done in (await run(*get, "--token=alice"), await run(*get, PROTOCUBE_TOKEN="alice")):
            assert (done.code, done.out) == (0, "namespace/default\n")
        done = await run("get", "ns", "--token=alice", PROTOCUBE_TOKEN="admin")
        assert (done.code, done.err) == (
            1,
            (
                'Error from server (Forbidden): namespaces is forbidden: User "alice" cannot list '
                'resource "namespaces" in API group "" at the cluster scope\n'
            ),
        )
        as_bob = await run("get", "ns", "--token=alice", "--as=bob", "--as-group=g")
        assert as_bob.err == (
            'Error from server (Forbidden): users "bob" is forbidden: User "alice" cannot '
            'impersonate resource "users" in API group "" at the cluster scope\n'
        )
        admins = ("--as=bob", "--as-group=g", "--as-group=system:masters", "--as-uid=1")
        assert (await run("get", "ns", "--token=admin", *admins)).code == 0
        assert (await run(*admins, "get", "ns", "--token=admin")).code == 0
        done = await run("get", "ns", "--token=admin", "--as=bob")
        assert 'User "bob" cannot list resource "namespaces"' in done.err
        done = await run("get", "ns", "--token=admin", "--as-group=g")
        why = "requesting uid, groups or user-extra for the caller without impersonating a user"
        assert done.err == f"Error in configuration: {why}\n"
        file = tmp_path / "token"
        file.write_text("wrong\n")
        async with Client(server.address, token_file=file) as client:
            with pytest.raises(errors.Unauthenticated):
                await client.get(Namespace, "default")
            # It is read again: what renews it does not have to tell us.
            file.write_text("alice\n")
            assert (await client.get(Namespace, "default")).metadata.name == "default"
        async with Client(server.address, token="admin") as client:
            assert len((await client.list(Namespace)).items) == 4


async def test_a_page_says_what_its_reader_may_not_see(tmp_path: Path) -> None:
    """What is missing is not told as if it were not there."""
    async with ruled(tmp_path) as server:
        admin = await server.caller("admin")
        await role(admin, "r", rule("get", "namespaces"))
        await bind(admin, "alice", "ClusterRole", "r")
        words = ("describe", "ns", "default", "--token=alice", f"--server={server.address}")
        done = await asyncio.to_thread(CommandLine(environ={"HOME": str(tmp_path)}), *words)
        assert done.code == 0
        assert [line.partition(" and are")[0] for line in done.err.splitlines()] == [
            f"Warning: {what} cannot be read," for what in ("resourcequotas", "limitranges")
        ]
        assert 'User "alice" cannot list resource "limitranges"' in done.err


def test_a_user_has_a_token_or_a_file(file: Path) -> None:
    """The file comes first, and is found from the config's folder; a flag comes before both."""
    given = {"config": str(file)}
    found = settings.complete(given, {})
    assert (found.token, found.token_file) == ("secret", "")
    assert "secret" not in repr(found)
    found = settings.complete(given | {"context": "robot"}, {})
    assert found.token_file == f"{file.parent}/robot.token"
    found = settings.complete(given | {"context": "robot", "token": "t"}, {})
    assert (found.token, found.token_file) == ("t", "")
    # The user of a context is nobody's business at another server.
    found = settings.complete(given, {"PROTOCUBE_SERVER": "elsewhere:1"})
    assert (found.token, found.token_file) == ("", "")


def test_a_user_can_be_named(file: Path) -> None:
    """It is in place of the context's, of the context's own certificate, and of the environment."""
    folder = file.parent
    file.write_text(
        CONFIG.replace("  user: me\n", "  user: me\n  client-certificate: own.crt\n")
        + "- name: ada\n  client-certificate: ada.crt\n  client-key: ada.key\n"
    )
    robot = {"config": str(file), "user": "robot"}
    environ = {"PROTOCUBE_TOKEN": "t", "PROTOCUBE_CLIENT_CERTIFICATE": "/x.crt"}
    for variables in ({}, environ):
        found = settings.complete(robot, variables)
        assert (found.server, found.transport) == ("one:1", None)
        assert found.token_file == f"{folder}/robot.token"
    ada = settings.complete({"config": str(file), "user": "ada"}, environ)
    assert (ada.token, ada.token_file) == ("", "")
    certificate, key = f"{folder}/ada.crt", f"{folder}/ada.key"
    assert ada.transport == Tls(client_certificate=certificate, client_key=key)
    assert settings.complete(robot | {"token": "t"}, {}).token == "t"
    found = settings.complete(robot | {"user": ""}, environ)
    assert found.token == "t"
    with pytest.raises(CommandError, match=r'^user "eve" does not exist$'):
        settings.complete(robot | {"user": "eve"}, {})
    with pytest.raises(CommandError, match=r'^user "ada" does not exist$'):
        settings.complete({"user": "ada"}, {"HOME": str(folder)})


def test_a_user_that_is_named_is_one_at_every_server(file: Path) -> None:
    """At one of the environment, and without a context; its cluster is not asked for then."""
    text = CONFIG.replace("  server: one:1\n", "  server: one:1\n  certificate-authority: ca\n")
    file.write_text(text)
    robot = {"config": str(file), "user": "robot"}
    found = settings.complete(robot, {"PROTOCUBE_SERVER": "elsewhere:1"})
    assert (found.server, found.transport) == ("elsewhere:1", None)
    assert found.token_file == f"{file.parent}/robot.token"
    file.write_text(text.replace("current-context: me\n", ""))
    found = settings.complete(robot, {})
    assert (found.server, found.transport) == (DEFAULT_SERVER, None)
    assert found.token_file == f"{file.parent}/robot.token"


def test_tokens_are_set_and_not_shown(config: CommandLine, file: Path) -> None:
    """They are shown when they are asked for, and a new file is its owner's alone."""
    assert config("config", "set-credentials", "new", "--token=fresh").code == 0
    assert config("config", "set", "users.new.tokenFile", "/t").code == 0
    assert file.read_text().endswith("- name: new\n  token: fresh\n  tokenFile: /t\n")
    for form in ((), ("-o", "json"), ("-o", "jsonpath={.users}")):
        shown = config("config", "view", *form).out
        assert "REDACTED" in shown
        assert not {"secret", "other", "fresh"} & set(shown.replace('"', " ").split())
    assert "token: secret" in config("config", "view", "--raw").out


def test_a_token_that_cannot_be_sent_is_refused(tmp_path: Path) -> None:
    """No error has it in its text."""
    for text in ("a b", "a\nb", "ä"):
        with pytest.raises(ValueError, match="characters that no token has") as refused:
            token.of(text)
        assert text not in str(refused.value)
    with pytest.raises(ValueError, match=r"cannot read the token file .*none: No such file"):
        token.of(file=tmp_path / "none")
    file = tmp_path / "token"
    file.write_text("a\n")
    found = token.of(file=file)
    file.unlink()
    assert found() == "a"
