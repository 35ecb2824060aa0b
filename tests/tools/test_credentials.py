"""grpcurl and ghz with tokens and with certificates, as docs/security.md shows them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.server_process import started
from tests.tls.authority import LOOPBACK, Authority
from tests.tools.go_tools import run, tool

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.timeout(600)

CHECK = "grpc.health.v1.Health/Check"
LIST = "protocube.core.v1.Namespaces/List"
SHOWN = "authorization: Bearer secret"
METADATA = json.dumps({"authorization": "Bearer secret"})


async def test_they_show_tokens_and_certificates(tmp_path: Path) -> None:
    """Each at the listener that it is for; ghz shows a token to reflection, too."""
    grpcurl, ghz = await tool("grpcurl"), await tool("ghz")
    authority = Authority(tmp_path)
    shown = authority.issue("server", *LOOPBACK)
    me = authority.issue("me", groups=("system:masters",))
    tokens = tmp_path / "tokens.csv"
    tokens.write_text('secret,me,1,"system:masters"\n')
    flags = (
        *("--listen", "127.0.0.1:0", "--listen-mtls", "127.0.0.1:0"),
        *("--store", f"sqlite:{tmp_path}/store.db", "--token-file", str(tokens)),
        *("--tls-cert", str(shown.certificate), "--tls-key", str(shown.key)),
        *("--client-ca", str(authority.file)),
    )
    async with started(*flags) as process:
        bearing = await process.ready()
        asking = process.lines[-1].partition("mutual TLS on ")[2].partition(",")[0]
        trusted = ("-cacert", str(authority.file))
        pair = ("-cert", str(me.certificate), "-key", str(me.key))
        for words, code in (
            ((*trusted, "-H", SHOWN, bearing, LIST), 0),
            ((*trusted, *pair, asking, LIST), 0),
            ((*trusted, "-H", "authorization: Bearer wrong", bearing, LIST), 1),
            ((*trusted, bearing, LIST), 1),
        ):
            done = await run(grpcurl, *words)
            assert bool(done.code) == bool(code), done.text
            assert ("kube-system" in done.text) == (not code)
            assert ("Unauthorized" in done.text) == bool(code)
        # They look a service up before they call it, also the one that anybody may call.
        for header in ((), ("-H", SHOWN)):
            done = await run(grpcurl, *trusted, *header, bearing, CHECK)
            assert bool(done.code) == (not header), done.text
            assert ("SERVING" in done.text) == bool(header)
        calls = ("--cacert", str(authority.file), "-n", "20", "--call", LIST, "--format", "json")
        keys = ("--cert", str(me.certificate), "--key", str(me.key))
        for given in (
            ("-m", METADATA, "--reflect-metadata", METADATA, bearing),
            (*keys, asking),
        ):
            done = await run(ghz, *calls, *given)
            assert json.loads(done.text)["statusCodeDistribution"] == {"OK": 20}, done.text
