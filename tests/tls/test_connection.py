"""The Python client and a server, over TLS: what works, and what is said when it does not."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from protocube import errors
from protocube.core.v1.namespace_pb2 import Namespace
from protocube.meta.v1.object_meta_pb2 import ObjectMeta
from protocube.pem import UnusableCertificate
from protocube_client import Client, Plaintext, Tls
from tests.tls.authority import Authority, Issued
from tests.tls.expired_peer import expired_peer

if TYPE_CHECKING:
    from pathlib import Path

    from protocube_client.connection.transport import Transport
    from tests.tls.conftest import Serve


async def ask(server: str, transport: Transport | None) -> str:
    """Ask for something that is there and give its name."""
    async with Client(server, transport=transport, timeout=10) as client:
        return (await client.get(Namespace, "default")).metadata.name


async def refusal(server: str, transport: Transport | None) -> str:
    """Return the sentence of a connection that cannot be made, without its beginning."""
    with pytest.raises(errors.Unavailable) as caught:
        await ask(server, transport)
    text = str(caught.value)
    beginning = f"Unable to connect to the server: {server}: "
    assert text.startswith(beginning)
    assert "\n" not in text
    return text.removeprefix(beginning)


async def test_a_server_that_is_trusted_is_spoken_to(
    serve: Serve, good: Issued, authority: Authority
) -> None:
    """Whoever trusts the server's authority speaks TLS with it."""
    async with serve(good) as server:
        assert await ask(server, Tls(certificate_authority=authority.file)) == "default"


async def test_mutual_tls_takes_the_clients_that_it_trusts(
    serve: Serve, good: Issued, authority: Authority
) -> None:
    """With a client authority, a client shows a certificate of it or is told what is missing."""
    stranger = Authority(authority.file.parent, "stranger").issue("somebody")
    known = authority.issue("me")
    async with serve(good, authority) as server:
        shown = Tls(
            certificate_authority=authority.file,
            client_certificate=known.certificate,
            client_key=known.key,
        )
        assert await ask(server, shown) == "default"
        assert await refusal(server, Tls(certificate_authority=authority.file)) == (
            "it closes the connection: it asks for a client certificate, and there is none"
        )
        other = Tls(
            certificate_authority=authority.file,
            client_certificate=stranger.certificate,
            client_key=stranger.key,
        )
        assert await refusal(server, other) == "it does not accept the client certificate"


async def test_a_server_of_another_authority_is_refused(
    serve: Serve, good: Issued, tmp_path: Path
) -> None:
    """Whom the client does not trust it does not speak to."""
    other = Authority(tmp_path, "other")
    async with serve(good) as server:
        said = await refusal(server, Tls(certificate_authority=other.file))
    assert said.startswith("its certificate comes from an authority that is not trusted: ")


async def test_what_is_trusted_need_not_be_an_authority(serve: Serve, authority: Authority) -> None:
    """The server's own certificate can be trusted; what is wrong then is not its issuer."""
    shown = authority.issue("cube", "cube.example.com")
    alone = Tls(certificate_authority=shown.certificate)
    async with serve(shown) as server:
        said = await refusal(server, alone)
        assert said == "its certificate is not for 127.0.0.1 (--tls-server-name names another)"
        named = dataclasses.replace(alone, server_name="cube.example.com")
        assert await ask(server, named) == "default"


async def test_a_certificate_for_another_name_is_refused(
    serve: Serve, authority: Authority
) -> None:
    """The name must be the server's; another one can be expected by name."""
    shown = authority.issue("cube", "cube.example.com")
    async with serve(shown) as server:
        said = await refusal(server, Tls(certificate_authority=authority.file))
        assert said == "its certificate is not for 127.0.0.1 (--tls-server-name names another)"
        expected = Tls(certificate_authority=authority.file, server_name="cube.example.com")
        assert await ask(server, expected) == "default"


async def test_plaintext_to_a_tls_server_is_told(serve: Serve, good: Issued) -> None:
    """A client that speaks plaintext hears that the server does not."""
    async with serve(good) as server:
        assert await refusal(server, None) == (
            "it speaks TLS and this connection is plaintext: "
            "say which certificate authority to trust (--certificate-authority)"
        )


async def test_tls_to_a_plaintext_server_is_told(serve: Serve, authority: Authority) -> None:
    """A client that speaks TLS hears that the server does not."""
    async with serve() as server:
        assert await refusal(server, Tls(certificate_authority=authority.file)) == (
            "it speaks without TLS; to speak to it so, say that plaintext will do (--plaintext)"
        )
        assert await ask(server, Plaintext()) == "default"


async def test_the_check_of_the_server_can_be_left_out(serve: Serve, authority: Authority) -> None:
    """Without verification any valid certificate will do, whoever issued it for whatever name."""
    for hosts in (("cube.example.com",), ()):
        async with serve(authority.issue("cube", *hosts, named=bool(hosts))) as server:
            assert await ask(server, Tls(verify=False)) == "default"


async def test_an_unusable_file_is_refused_before_anything_is_sent(
    authority: Authority, tmp_path: Path
) -> None:
    """What the client itself should show is judged at once, and the file is named."""
    expired = authority.issue("old", days=(-5, -1))
    me = authority.issue("me")
    missing = tmp_path / "none"
    cases = {
        f"{expired.certificate}: certificate has expired": Tls(
            client_certificate=expired.certificate, client_key=expired.key
        ),
        f"{expired.key} is not the key of {me.certificate}": Tls(
            client_certificate=me.certificate, client_key=expired.key
        ),
        "a client certificate and its key go together": Tls(client_certificate=me.certificate),
        f"cannot read {missing}: No such file or directory": Tls(certificate_authority=missing),
        f"{me.key} holds no certificates in PEM form": Tls(certificate_authority=me.key),
    }
    for said, tls in cases.items():
        with pytest.raises(UnusableCertificate) as caught:
            Client("127.0.0.1:1", transport=tls)
        assert str(caught.value) == said


async def test_a_new_certificate_is_shown_to_new_connections_alone(
    serve: Serve, good: Issued, authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    """A changed file is reloaded; open connections and their calls go on; a bad file is ignored."""
    tls = Tls(certificate_authority=authority.file)
    async with serve(good) as server, Client(server, transport=tls) as open_before:
        namespaces = await open_before.list(Namespace)
        stream = open_before.watch(Namespace, resource_version=namespaces.resource_version)
        authority.issue("server", "renewed.example.com", file="server")
        renewed = Tls(certificate_authority=authority.file, server_name="renewed.example.com")
        assert await ask(server, renewed) == "default"
        await open_before.create(Namespace(metadata=ObjectMeta(name="after")))
        assert (await anext(aiter(stream))).object.metadata.name == "after"
        await stream.aclose()

        good.certificate.write_text("not a certificate")
        assert await ask(server, renewed) == "default"
        assert "keeping the certificate in use" in caplog.text


async def test_a_new_client_authority_judges_new_connections_alone(
    serve: Serve, good: Issued, authority: Authority, tmp_path: Path
) -> None:
    """A changed --client-ca is reloaded: who is connected stays, who comes anew is judged by it."""

    def tls(me: Issued) -> Tls:
        return Tls(
            certificate_authority=authority.file,
            client_certificate=me.certificate,
            client_key=me.key,
        )

    clients, others = Authority(tmp_path, "clients"), Authority(tmp_path, "others")
    before, after = tls(clients.issue("before")), tls(others.issue("after"))
    async with serve(good, clients) as server, Client(server, transport=before) as open_before:
        assert await refusal(server, after) == "it does not accept the client certificate"
        assert (await open_before.get(Namespace, "default")).metadata.name == "default"
        clients.file.write_bytes(others.file.read_bytes())
        assert await ask(server, after) == "default"
        assert await refusal(server, before) == "it does not accept the client certificate"
        assert (await open_before.get(Namespace, "default")).metadata.name == "default"


async def test_an_expired_certificate_is_refused(authority: Authority) -> None:
    """A client says that the server's certificate has expired, also where it checks no issuer."""
    async with expired_peer(authority) as server:
        for transport in (Tls(certificate_authority=authority.file), Tls(verify=False)):
            assert await refusal(server, transport) == "its certificate has expired"
