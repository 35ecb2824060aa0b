"""The first administrator's token: when there is one, who may read it, and what it proves."""

from __future__ import annotations

import asyncio
import os
import socket
import stat
from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors
from protocube_client.cli.settings import first_admin
from protocube_server.authentication.admin_token import AdminToken
from tests.authorization.ruled import bind, ruled
from tests.client.command_line import CommandLine

if TYPE_CHECKING:
    from pathlib import Path

    from tests.authorization.ruled import Ruled

LIST = "/protocube.core.v1.Namespaces/List"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Provide where cubectl looks for the token."""
    return tmp_path / "protocube" / "admin.token"


async def _list(server: Ruled, token: str) -> Any:
    # Of two credentials the first counts, and nobody's own comes behind this one.
    nobody = await server.caller("nobody")
    return await nobody.send(LIST, b"", metadata=[("authorization", f"Bearer {token}")])


async def test_a_store_without_an_administrator_has_one(tmp_path: Path, file: Path) -> None:
    """The token may do everything, is the owner's alone, and is the same at the next start."""
    async with ruled(tmp_path, admin_token=file) as server:
        assert _mode(file) == 0o600
        token = _token(file)
        await _list(server, token)
        with pytest.raises(errors.Unauthenticated):
            await _list(server, f"{token}x")
    async with ruled(tmp_path, admin_token=file) as server:
        assert _token(file) == token
        admin = await server.caller("admin")
        await bind(admin, "alice", "ClusterRole", "cluster-admin", namespace="default")
        # It gives everything in one namespace, and makes nobody an administrator.
        await bind(admin, "alice", "ClusterRole", "cluster-admin")
        await _list(server, token)
    async with ruled(tmp_path, admin_token=file) as server:
        assert not _token(file)
        with pytest.raises(errors.Unauthenticated):
            await _list(server, token)
        await (await server.caller("admin")).delete("clusterrolebinding", "alice-cluster-admin")
    async with ruled(tmp_path, admin_token=file) as server:
        assert _token(file) != token


async def test_cubectl_finds_it(tmp_path: Path, file: Path) -> None:
    """Without any other credential, for a server on this machine."""
    async with ruled(tmp_path, admin_token=file) as server:
        environ = {"HOME": "/nowhere", "XDG_DATA_HOME": str(tmp_path)}
        line = CommandLine(environ=environ)
        to = f"--server={server.address}"
        done = await asyncio.to_thread(line, "auth", "whoami", to)
        assert "Username    system:admin\n" in done.out
        done = await asyncio.to_thread(line, "auth", "whoami", to, "--token=alice")
        assert "Username    alice\n" in done.out
        _open(file)
        done = await asyncio.to_thread(line, "auth", "whoami", to)
        assert done.err == "error: You must be logged in to the server (Unauthorized)\n"


@pytest.mark.parametrize("text", ["", "short", "x" * 43 + "\ny", "ü" * 43])
def test_what_is_no_token_is_replaced(text: str, file: Path) -> None:
    """So is one that others may have read, and what is no file of the owner."""
    file.parent.mkdir()
    file.write_text(text)
    file.chmod(0o600)
    _settle(file)
    token = file.read_text()
    assert len(token.strip()) == 43
    file.chmod(0o644)
    _settle(file)
    assert file.read_text() != token
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_link_is_not_followed(file: Path, tmp_path: Path) -> None:
    """What it leads to is neither taken for the token nor written into."""
    other = tmp_path / "other"
    other.write_text("x" * 43)
    other.chmod(0o600)
    file.parent.mkdir()
    file.symlink_to(other)
    _settle(file)
    assert other.read_text() == "x" * 43
    assert not file.is_symlink()
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_a_place_that_cannot_be_written(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It is told, and ends nothing."""
    blocked = tmp_path / "file"
    blocked.write_text("")
    _settle(blocked / "admin.token")
    assert "no token of the first administrator" in caplog.text


def test_the_token_is_not_in_the_log(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Only its place is."""
    caplog.set_level("DEBUG")
    _settle(file)
    assert str(file) in caplog.text
    assert file.read_text().strip() not in caplog.text


def _token(file: Path) -> str:
    return file.read_text().strip() if file.exists() else ""


def _mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def _open(file: Path) -> None:
    """Let others read a file."""
    file.chmod(0o640)


def _settle(file: Path) -> None:
    AdminToken(file).settle(wanted=True)


def test_a_token_goes_to_servers_of_its_owner(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither to other machines nor, where that can be told, to programs of other users."""
    _settle(file)
    environ = {"XDG_DATA_HOME": str(tmp_path)}
    with socket.create_server(("127.0.0.1", 0)) as listening:
        here = f"127.0.0.1:{listening.getsockname()[1]}"
        assert first_admin.token_file(here, environ) == str(file)
        assert not first_admin.token_file("192.0.2.1:7443", environ)
        assert not first_admin.token_file("localhost", environ)
        table = tmp_path / "tcp"
        port, other = listening.getsockname()[1], os.geteuid() + 1
        table.write_text(f"head\n 0: 0100007F:{port:04X} 0:0 0A 0:0 0:0 0 {other} 0 1\n")
        monkeypatch.setattr(first_admin, "_TABLES", (str(table),))
        assert not first_admin.token_file(here, environ)
        table.write_text(f"head\n 0: 0100007F:{port:04X} 0:0 01 0:0 0:0 0 {other} 0 1\n")
        assert first_admin.token_file(here, environ) == str(file)
