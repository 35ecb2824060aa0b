"""A TLS and a mutual-TLS session in grpcurl, ghz and cubectl: processes on both sides."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.server_process import started
from tests.tls.authority import LOOPBACK, Authority, Issued
from tests.tls.expired_peer import expired_peer
from tests.tools.go_tools import ROOT, Done, run, tool

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from tests.server_process import ServerProcess

pytestmark = pytest.mark.timeout(600)

MAPS = "protocube.core.v1.ConfigMaps"
HEALTH = "grpc.health.v1.Health/Check"
MASTERS = ("system:masters",)


def server(
    folder: Path, shown: Issued | None = None, clients: Authority | None = None
) -> AbstractAsyncContextManager[ServerProcess]:
    """Start one that shows a certificate, or speaks plaintext, and may ask for one in turn."""
    flags = ["--listen", "127.0.0.1:0", "--store", f"sqlite:{folder}/store.db"]
    if shown:
        flags += ["--tls-cert", str(shown.certificate), "--tls-key", str(shown.key)]
    if clients:
        flags += ["--client-ca", str(clients.file)]
    return started(*flags)


async def grpcurl(*words: str, trust: Authority, me: Issued | None = None) -> Done:
    """Run grpcurl over TLS."""
    shown = ("-cert", str(me.certificate), "-key", str(me.key)) if me else ()
    return await run(await tool("grpcurl"), "-cacert", str(trust.file), *shown, *words)


async def cubectl(*words: str, trust: Authority | None = None, me: Issued | None = None) -> Done:
    """Run the installed cubectl, with flags that say how to speak TLS."""
    flags = [f"--certificate-authority={trust.file}"] if trust else []
    if me:
        flags += [f"--client-certificate={me.certificate}", f"--client-key={me.key}"]
    return await run(str(Path(sys.executable).with_name("cubectl")), *flags, *words)


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let cubectl find no configuration but the test's own."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("PROTOCUBE_CONFIG", "PROTOCUBE_SERVER", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("mutual", [False, True], ids=["tls", "mutual"])
async def test_a_session(*, mutual: bool, tmp_path: Path, authority: Authority) -> None:
    """A map is created by grpcurl, read by cubectl with flags, and deleted by a context."""
    me = authority.issue("me", groups=MASTERS) if mutual else None
    shown = authority.issue("server", *LOOPBACK)
    async with server(tmp_path, shown, authority if mutual else None) as process:
        address = await process.ready()
        wanted = '{"object": {"metadata": {"name": "web"}, "data": {"key": "value"}}}'
        made = await grpcurl("-d", wanted, address, f"{MAPS}/Create", trust=authority, me=me)
        assert json.loads(made.text)["data"] == {"key": "value"}

        path = ("-o", "jsonpath={.data.key}")
        read = await cubectl("--server", address, "get", "cm", "web", *path, trust=authority, me=me)
        assert read == Done(code=0, text="value")

        own = f", client-certificate: {me.certificate}, client-key: {me.key}" if me else ""
        config = tmp_path / ".config" / "protocube" / "config.yaml"
        config.parent.mkdir(parents=True)
        config.write_text(
            "current-context: here\n"
            "contexts:\n"
            f"- {{name: here, server: '{address}', certificate-authority: {authority.file}{own}}}\n"
        )
        gone = await cubectl("delete", "cm", "web")
        assert gone.code == 0, gone.text
        assert gone.text.startswith('configmap "web" deleted')


async def test_an_example_of_ghz_runs_over_mutual_tls(
    tmp_path: Path, good: Issued, authority: Authority
) -> None:
    """The examples speak plaintext; ``--no-insecure`` and the certificates make it TLS."""
    me = authority.issue("me", groups=MASTERS)
    files = ("--cacert", str(authority.file), "--cert", str(me.certificate), "--key", str(me.key))
    example = ("--config", str(ROOT / "examples" / "ghz" / "create.json"), "--duration", "1s")
    async with server(tmp_path, good, authority) as process:
        address = await process.ready()
        done = await run(
            await tool("ghz"), *example, "--no-insecure", *files, "--format", "json", address
        )
    assert done.code == 0, done.text
    assert set(json.loads(done.text)["statusCodeDistribution"]) == {"OK"}


async def test_grpcurl_says_why_it_is_not_served(
    tmp_path: Path, good: Issued, authority: Authority
) -> None:
    """Another authority, another name and an expired certificate are named; so is plaintext."""
    stranger = Authority(tmp_path, "stranger")
    async with server(tmp_path, good) as process:
        address = await process.ready()
        other = await grpcurl(address, HEALTH, trust=stranger)
        assert "certificate signed by unknown authority" in other.text
        named = ("-authority", "other.example.com")
        misnamed = await grpcurl(*named, address, HEALTH, trust=authority)
        assert "not other.example.com" in misnamed.text
    async with expired_peer(authority) as address:
        expired = await grpcurl(address, HEALTH, trust=authority)
        assert "certificate has expired" in expired.text
    async with server(tmp_path) as process:
        unspoken = await grpcurl(await process.ready(), HEALTH, trust=authority)
        assert "first record does not look like a TLS handshake" in unspoken.text
    assert 0 not in {done.code for done in (other, misnamed, expired, unspoken)}


async def test_grpcurl_is_not_served_without_what_is_asked_for(
    tmp_path: Path, good: Issued, authority: Authority
) -> None:
    """No certificate, a stranger's, an expired one and plaintext: the connection is not made."""
    somebody = Authority(tmp_path, "stranger").issue("somebody")
    expired = authority.issue("me", days=(-5, -1), file="expired-me")
    briefly = ("-connect-timeout", "1")  # it goes on trying, and would for ten seconds
    async with server(tmp_path, good, authority) as process:
        address = await process.ready()
        for me in (None, somebody, expired):
            done = await grpcurl(*briefly, address, HEALTH, trust=authority, me=me)
            assert (done.code, "Failed to dial target host" in done.text) == (1, True), done
        bare = await run(await tool("grpcurl"), "-plaintext", *briefly, address, HEALTH)
        assert (bare.code, "Failed to dial target host" in bare.text) == (1, True), bare
        known = await grpcurl(address, HEALTH, trust=authority, me=authority.issue("me"))
        assert json.loads(known.text) == {"status": "SERVING"}


async def test_cubectl_says_in_one_line_why_it_is_not_served(
    tmp_path: Path, good: Issued, authority: Authority
) -> None:
    """Each thing that can be wrong with TLS has a sentence of its own."""
    stranger = Authority(tmp_path, "stranger")
    somebody = stranger.issue("somebody")
    expired = authority.issue("me", days=(-5, -1), file="expired-me")
    me = authority.issue("me")
    cannot = "Unable to connect to the server:"

    def line(done: Done) -> str:
        assert done.code == 1, done
        assert done.text.count("\n") == 1, done
        return done.text.rstrip("\n")

    async with server(tmp_path, good, authority) as process:
        address = await process.ready()
        there = ("--server", address, "get", "namespaces")
        assert line(await cubectl(*there)) == (
            f"{cannot} {address}: it speaks TLS and this connection is plaintext: "
            "say which certificate authority to trust (--certificate-authority)"
        )
        assert line(await cubectl(*there, trust=authority)) == (
            f"{cannot} {address}: it closes the connection: "
            "it asks for a client certificate, and there is none"
        )
        assert line(await cubectl(*there, trust=stranger, me=me)).startswith(
            f"{cannot} {address}: its certificate comes from an authority that is not trusted: "
        )
        assert line(await cubectl(*there, trust=authority, me=somebody)) == (
            f"{cannot} {address}: it does not accept the client certificate"
        )
        assert line(await cubectl(*there, trust=authority, me=expired)) == (
            f"error: {expired.certificate}: certificate has expired"
        )
        named = "--tls-server-name=other.example.com"
        assert line(await cubectl(named, *there, trust=authority, me=me)) == (
            f"{cannot} {address}: its certificate is not for other.example.com "
            "(--tls-server-name names another)"
        )
    async with expired_peer(authority) as address:
        there = ("--server", address, "get", "namespaces")
        assert line(await cubectl(*there, trust=authority)) == (
            f"{cannot} {address}: its certificate has expired"
        )
    async with server(tmp_path) as process:
        address = await process.ready()
        there = ("--server", address, "get", "namespaces")
        assert line(await cubectl(*there, trust=authority)) == (
            f"{cannot} {address}: it speaks without TLS; to speak to it so, "
            "say that plaintext will do (--plaintext)"
        )
