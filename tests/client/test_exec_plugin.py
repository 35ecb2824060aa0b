"""Programs that give credentials: ExecCredential, as kubeconfig's exec plugins speak it."""

from __future__ import annotations

import asyncio
import json
import stat
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors
from protocube_client import Client, ExecPlugin, Tls
from protocube_client.connection.exec_plugin import CannotGetError, Plugin
from tests.authentication.mutual import Mutual, serving_certificates
from tests.authorization.ruled import ruled
from tests.client.command_line import CommandLine

if TYPE_CHECKING:
    from pathlib import Path

V1 = "client.authentication.k8s.io/v1"


def _program(folder: Path, *answers: Any) -> Path:
    """Write a program that gives these answers, one after the other, and the last one for ever.

    What it is told, and its arguments, are in the file ``told``, a line each run.
    """
    file = folder / "plugin"
    file.write_text(
        f"#!{sys.executable}\n"
        "import json, os, pathlib, sys\n"
        f"folder, answers = pathlib.Path({str(folder)!r}), {list(answers)!r}\n"
        "told = folder / 'told'\n"
        "count = len(told.read_text().splitlines()) if told.exists() else 0\n"
        "info = json.loads(os.environ['KUBERNETES_EXEC_INFO'])\n"
        "with told.open('a') as stream:\n"
        "    stream.write(json.dumps([info, sys.argv[1:], os.environ.get('FOR')]) + '\\n')\n"
        "sys.stdout.write(answers[min(count, len(answers) - 1)])\n"
    )
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return file


def _told(folder: Path) -> list[Any]:
    return [json.loads(line) for line in (folder / "told").read_text().splitlines()]


def _answer(version: str = V1, **status: Any) -> str:
    return json.dumps({"apiVersion": version, "kind": "ExecCredential", "status": status})


def _later(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


async def test_a_token_is_asked_for_once_until_it_expires(tmp_path: Path) -> None:
    """The program is told what kubeconfig's plugins are told; its clock decides."""
    now = [datetime.now(UTC).timestamp()]
    file = _program(tmp_path, _answer(token="a", expirationTimestamp=_later(60)))
    plugin = ExecPlugin(
        command=str(file),
        args=("--for", "cube"),
        env=(("FOR", "me"),),
        interactive_mode="Never",
        provide_cluster_info=True,
    )
    running = Plugin(plugin, {"server": "here:1"}, clock=lambda: now[0])
    given = await asyncio.gather(*(running.given() for _ in range(10)))
    assert {each.token for each in given} == {"a"}
    now[0] += 61
    await running.given()
    spec = {"interactive": False, "cluster": {"server": "here:1"}}
    info = {"apiVersion": V1, "kind": "ExecCredential", "spec": spec}
    assert _told(tmp_path) == [[info, ["--for", "cube"], "me"]] * 2


WRONG = {
    "no json": "decoding stdout: it is no JSON",
    "[]": "decoding stdout: it is no ExecCredential",
    _answer("client.authentication.k8s.io/v1beta1", token="t"): (
        f"exec plugin is configured to use API version {V1}, plugin returned version "
        "client.authentication.k8s.io/v1beta1"
    ),
    json.dumps({"apiVersion": V1, "kind": "ExecCredential"}): (
        "exec plugin didn't return a status field"
    ),
    _answer(): "exec plugin didn't return a token or cert/key pair",
    _answer(clientKeyData="k"): "exec plugin returned only certificate or key, not both",
    _answer(token=7): "decoding stdout: status.token is no string",
    _answer(token="two words"): "the token has characters that no token has",
    _answer(token="t", expirationTimestamp="soon"): (
        "decoding stdout: status.expirationTimestamp is no time"
    ),
    _answer(clientCertificateData="c", clientKeyData="k"): (
        "failed parsing client key/certificate: the client certificate holds no certificates in "
        "PEM form"
    ),
}


async def test_what_is_no_credential_is_refused(tmp_path: Path) -> None:
    """In client-go's words; what was printed is not repeated, because it may be secret."""
    file = _program(tmp_path, *WRONG)
    running = Plugin(ExecPlugin(command=str(file), interactive_mode="Never"), {})
    for text in WRONG.values():
        with pytest.raises(CannotGetError) as refused:
            await running.given()
        assert str(refused.value) == text


@pytest.mark.parametrize(
    ("plugin", "text"),
    [
        (
            ExecPlugin(command="no-such-program", install_hint="get it there"),
            (
                "exec: executable no-such-program not found\n\nThe plugin that gives the "
                "credentials of this user is not installed, or is not on PATH.\n\nget it there"
            ),
        ),
        (ExecPlugin(command="false"), "exec: executable false failed with exit code 1"),
        (
            ExecPlugin(command="true", interactive_mode="Always"),
            "exec plugin cannot support interactive mode: standard input is not a terminal",
        ),
    ],
)
async def test_a_program_that_does_not_run_is_named(plugin: ExecPlugin, text: str) -> None:
    """With its hint, if it has one."""
    with pytest.raises(CannotGetError) as refused:
        await Plugin(plugin, {}).given()
    assert str(refused.value) == text


async def test_all_that_a_program_prints_is_read(tmp_path: Path) -> None:
    """A pipe holds less than a long answer, so it comes in parts."""
    token = "t" * 300_000
    plugin = ExecPlugin(command=str(_program(tmp_path, _answer(token=token))))
    assert (await Plugin(plugin, {}).given()).token == token


async def test_a_program_is_bounded(tmp_path: Path) -> None:
    """One that prints without end, or never ends, is ended; nothing that it printed is told."""
    endless = tmp_path / "endless"
    endless.write_text("#!/bin/sh\nwhile :; do echo secret-mark-secret-mark; done\n")
    mute = tmp_path / "mute"
    mute.write_text("#!/bin/sh\necho secret-mark\nexec sleep 1000\n")
    for file, text, patience in (
        (endless, "printed more than 1048576 bytes", 60.0),
        (mute, "did not end within 0.5 s", 0.5),
    ):
        file.chmod(0o700)
        plugin = ExecPlugin(command=str(file), interactive_mode="Never")
        with pytest.raises(CannotGetError) as refused:
            await Plugin(plugin, {}, patience=patience).given()
        assert str(refused.value) == f"exec: executable {file} {text}"


async def test_a_client_renews_what_a_server_refuses(tmp_path: Path) -> None:
    """Once for a call; other credentials of the same user need no plugin."""
    file = _program(tmp_path, _answer(token="expired"), _answer(token="admin"))
    plugin = ExecPlugin(command=str(file), interactive_mode="Never")
    async with ruled(tmp_path) as server:
        async with Client(server.address, plugin=plugin) as client:
            assert (await client.list("namespaces")).items
            assert len(_told(tmp_path)) == 2
            await client.list("namespaces")
            assert len(_told(tmp_path)) == 2
        async with Client(server.address, plugin=plugin, token=lambda: "admin") as client:
            await client.list("namespaces")
        assert len(_told(tmp_path)) == 2
        (tmp_path / "told").unlink()
        _program(tmp_path, _answer(token="wrong"))
        async with Client(server.address, plugin=plugin) as client:
            with pytest.raises(errors.Unauthenticated):
                await client.list("namespaces")
        assert len(_told(tmp_path)) == 2


async def test_a_certificate_of_a_plugin_is_shown(tmp_path: Path) -> None:
    """So is another one when the first has expired; both may be PEM alone, in no file."""
    mutual = Mutual(tmp_path)
    answers = []
    for name, seconds in (("ada", -1), ("bob", 600)):
        files = mutual.issue(name, "system:masters")
        answers.append(
            _answer(
                clientCertificateData=files.certificate.read_text(),
                clientKeyData=files.key.read_text(),
                expirationTimestamp=_later(seconds),
            )
        )
    file = _program(tmp_path, *answers)
    plugin = ExecPlugin(command=str(file), interactive_mode="Never")
    authority = Tls(certificate_authority=mutual.authority.read_bytes())
    async with serving_certificates(tmp_path, mutual) as served:
        async with Client(served.address, transport=authority, plugin=plugin) as client:
            await client.list("namespaces")
            await client.list("namespaces")
        assert served.users == ["ada", "bob"]


CONFIG = f"""\
users:
- name: me
  exec:
    command: ./plugin
    apiVersion: {V1}
    interactiveMode: Never
contexts:
- name: here
  user: me
current-context: here
"""


async def test_a_user_of_the_config_file_has_a_plugin(tmp_path: Path) -> None:
    """A command with a slash is found from the file's folder; a token of a flag comes before it."""
    config = tmp_path / "config.yaml"
    config.write_text(CONFIG)
    _program(tmp_path, _answer(token="admin"))
    line = CommandLine(environ={"HOME": str(tmp_path), "PROTOCUBE_CONFIG": str(config)})
    async with ruled(tmp_path) as server:
        words = ("get", "ns", "default", "-o", "name", f"--server={server.address}")
        done = await asyncio.to_thread(line, *words)
        assert (done.code, done.out) == (0, "namespace/default\n")
        refused = await asyncio.to_thread(line, *words, "--token=wrong")
        assert refused.code == 1
        assert len(_told(tmp_path)) == 1
        config.write_text(CONFIG.replace("./plugin", "./none"))
        done = await asyncio.to_thread(line, *words)
        assert done.err.startswith(
            "Unable to connect to the server: getting credentials: exec: executable "
            f"{tmp_path}/none not found"
        )


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        (("    command: ./plugin\n", ""), "command must be specified for me to use exec"),
        ((f"    apiVersion: {V1}\n", ""), "apiVersion must be specified for me to use exec"),
        (("    interactiveMode: Never\n", ""), "interactiveMode must be specified for me"),
        (("Never", "Perhaps"), 'invalid interactiveMode for me: "Perhaps"'),
        ((V1, "v9"), 'exec plugin: invalid apiVersion "v9"'),
        (("    command", "    env: [{}]\n    command"), "env variable name must be specified"),
        (("    command", "    other: 1\n    command"), "exec.other is unknown"),
    ],
)
def test_a_wrong_entry_is_told_with_its_line(
    tmp_path: Path, changed: tuple[str, str], text: str
) -> None:
    """In client-go's words."""
    config = tmp_path / "config.yaml"
    config.write_text(CONFIG.replace(*changed))
    line = CommandLine(environ={"HOME": str(tmp_path), "PROTOCUBE_CONFIG": str(config)})
    done = line("get", "ns")
    assert done.code == 1
    assert f"line 3: {text}" in done.err
