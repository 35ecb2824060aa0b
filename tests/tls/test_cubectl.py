"""cubectl over TLS: flags, the environment and contexts say how; errors are one line."""

from __future__ import annotations

import asyncio
import base64
from typing import TYPE_CHECKING

import pytest

from tests.client.command_line import CommandLine, Done

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tls.authority import Authority, Issued
    from tests.tls.conftest import Serve

VERSION = "Server Version: "


async def version(*args: str, **environ: str) -> Done:
    """Run ``cubectl version``, whose event loop must be in a thread of its own."""
    return await asyncio.to_thread(CommandLine(environ=environ), "version", *args)


async def test_flags_the_environment_and_contexts_choose_tls(
    serve: Serve, good: Issued, authority: Authority, tmp_path: Path
) -> None:
    """All three ways to name the certificates lead to the server."""
    me = authority.issue("me")
    home = {"HOME": str(tmp_path)}
    config = tmp_path / "config.yaml"
    async with serve(good, authority) as server:
        config.write_text(
            "current-context: secure\n"
            "contexts:\n"
            "- name: secure\n"
            f"  server: {server}\n"
            f"  certificate-authority: {authority.file.name}\n"
            f"  client-certificate: {me.certificate.name}\n"
            f"  client-key: {me.key}\n"
        )
        of_flags = (
            f"--server={server}",
            f"--certificate-authority={authority.file}",
            f"--client-certificate={me.certificate}",
            f"--client-key={me.key}",
        )
        of_environment = {
            "PROTOCUBE_SERVER": server,
            "PROTOCUBE_CERTIFICATE_AUTHORITY": str(authority.file),
            "PROTOCUBE_CLIENT_CERTIFICATE": str(me.certificate),
            "PROTOCUBE_CLIENT_KEY": str(me.key),
        }
        for done in (
            await version(*of_flags, **home),
            await version(**home, **of_environment),
            await version(**home, PROTOCUBE_CONFIG=str(config)),
        ):
            assert (done.code, done.err) == (0, "")
            assert VERSION in done.out


async def test_a_refusal_is_one_line(serve: Serve, good: Issued, authority: Authority) -> None:
    """What is wrong with the peer is said, and nothing else."""
    other = authority.issue("not-an-authority").certificate
    async with serve(good) as server:
        home = {"HOME": str(authority.file.parent), "PROTOCUBE_SERVER": server}
        for given, said in {
            (): "it speaks TLS and this connection is plaintext",
            (f"--certificate-authority={other}",): "an authority that is not trusted",
            (
                f"--certificate-authority={authority.file}",
                "--tls-server-name=other.example.com",
            ): "its certificate is not for other.example.com",
        }.items():
            done = await version(*given, **home)
            assert done.code == 1
            assert said in done.err
            assert done.err.count("\n") == 1


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            ("--certificate-authority=a.pem", "--insecure-skip-tls-verify"),
            "specifying a root certificates file with the insecure flag is not allowed",
        ),
        (
            ("--plaintext", "--certificate-authority=a.pem"),
            "--plaintext and the flags of TLS exclude each other",
        ),
        (("--certificate-authority=none.pem",), "cannot read none.pem"),
        (("--client-key=none.pem",), "a client certificate and its key go together"),
    ],
)
async def test_what_contradicts_itself_is_refused(
    tmp_path: Path, given: tuple[str, ...], said: str
) -> None:
    """Nothing is sent."""
    done = await version(*given, HOME=str(tmp_path))
    assert done.code == 1
    assert said in done.err


async def test_certificates_may_lie_in_the_config_file_itself(
    serve: Serve, good: Issued, authority: Authority, tmp_path: Path
) -> None:
    """As kubectl embeds them; what is none is said."""
    async with serve(good, authority) as server:
        me = authority.issue("me")
        config = tmp_path / "config.yaml"
        text = (
            "current-context: secure\n"
            "contexts:\n"
            "- {name: secure, cluster: prod, user: me}\n"
            "clusters:\n"
            f"- name: prod\n  server: {server}\n"
            f"  certificate-authority-data: {_encoded(authority.file)}\n"
            "users:\n"
            f"- name: me\n  client-certificate-data: {_encoded(me.certificate)}\n"
            f"  client-key-data: {_encoded(me.key)}\n"
        )
        config.write_text(text)
        done = await version(PROTOCUBE_CONFIG=str(config))
        assert (done.code, done.err) == (0, "")
    config.write_text(text.replace(_encoded(authority.file), "Y2E="))
    done = await version(PROTOCUBE_CONFIG=str(config))
    assert done.err == "error: the certificate authority's data holds no certificates in PEM form\n"


def _encoded(file: Path) -> str:
    return base64.b64encode(file.read_bytes()).decode()


async def test_the_certificates_of_a_context_are_not_for_another_server(
    serve: Serve, authority: Authority, tmp_path: Path
) -> None:
    """A server that only the environment names gets nothing of the current context."""
    config = tmp_path / "config.yaml"
    config.write_text(
        "current-context: secure\n"
        "contexts:\n"
        f"- {{name: secure, server: 'a:1', certificate-authority: {authority.file}}}\n"
    )
    async with serve() as server:
        done = await version(PROTOCUBE_CONFIG=str(config), PROTOCUBE_SERVER=server)
    assert (done.code, done.err) == (0, "")
