"""``cube-apiserver`` and its TLS flags: a real process, and one line for what cannot be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from protocube.core.v1.namespace_pb2 import Namespace
from protocube_client import Client, Tls
from tests.server_process import started

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tls.authority import Authority, Issued


_RISKS = ("--insecure-plaintext", "--allow-everyone")


def flags(folder: Path, listen: str = "127.0.0.1:0") -> tuple[str, ...]:
    """Return the flags of every server here."""
    return "--listen", listen, "--store", f"sqlite:{folder}/store.db"


async def test_the_ready_line_says_how_it_speaks(
    tmp_path: Path, good: Issued, authority: Authority
) -> None:
    """A server with a certificate and a client authority is ready for mutual TLS.

    A certificate of the administrators' organization may do everything there.
    """
    me = authority.issue("me", groups=["system:masters"])
    pair = ("--tls-cert", str(good.certificate), "--tls-key", str(good.key))
    tls = Tls(
        certificate_authority=authority.file, client_certificate=me.certificate, client_key=me.key
    )
    async with (
        started(*flags(tmp_path), *pair, "--client-ca", str(authority.file)) as process,
        Client(await process.ready(), transport=tls) as client,
    ):
        assert (await client.get(Namespace, "default")).metadata.name == "default"
    assert any(", mutual TLS, pid " in line for line in process.lines)


@pytest.mark.parametrize("host", ["0.0.0.0", "[::]", ""])
async def test_plaintext_is_for_loopback(tmp_path: Path, host: str) -> None:
    """Where other machines can listen in, a server without TLS does not start."""
    async with started(*flags(tmp_path, f"{host}:0")) as process:
        assert await process.ended() == 1
    said = (
        f"error: cannot listen on {host}:0 without TLS: anyone on the way could read and "
        "change everything (give --tls-cert and --tls-key, or accept it with --insecure-plaintext)"
    )
    assert process.lines == [said]


async def test_an_address_of_ipv6_needs_its_brackets(tmp_path: Path) -> None:
    """Without them the port would be a part of the address."""
    async with started(*flags(tmp_path, "::1:7443")) as process:
        assert await process.ended() == 1
    assert process.lines == ["error: cannot listen on '::1:7443': write [::1]:7443"]


async def test_plaintext_anywhere_must_be_asked_for(tmp_path: Path) -> None:
    """An operator who accepts both risks gets what was asked for."""
    async with started(*flags(tmp_path, "0.0.0.0:0"), *_RISKS) as process:
        assert (await process.ready()).startswith("0.0.0.0:")


async def test_an_unusable_certificate_ends_the_start(
    tmp_path: Path, good: Issued, authority: Authority
) -> None:
    """An expired certificate, or a key of another one, is named in one line."""
    expired = authority.issue("old", days=(-5, -1))
    cases = {
        (expired.certificate, expired.key): f"{expired.certificate}: certificate has expired",
        (good.certificate, expired.key): f"{expired.key} is not the key of {good.certificate}",
    }
    for (certificate, key), said in cases.items():
        pair = ("--tls-cert", str(certificate), "--tls-key", str(key))
        async with started(*flags(tmp_path), *pair) as process:
            assert await process.ended() == 1
        assert process.lines == [f"error: {said}"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("--tls-cert", "--tls-cert and --tls-key go together"),
        ("--tls-key", "--tls-cert and --tls-key go together"),
        ("--client-ca", "--client-ca needs --tls-cert and --tls-key"),
    ],
)
async def test_flags_that_need_each_other(
    tmp_path: Path, good: Issued, given: str, said: str
) -> None:
    """Half a pair is a usage error."""
    async with started(*flags(tmp_path), given, str(good.certificate)) as process:
        assert await process.ended() == 2
    assert process.lines[-1] == f"Error: {said}"
