"""Credentials that are revoked by their ids: on all servers, for calls and for open streams."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import grpc
import grpc.aio
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from protocube import errors
from protocube.catalog import Catalog
from protocube.core.v1 import config_map_pb2
from protocube_server import app
from protocube_server.authentication import revocations
from protocube_server.authentication.identity import CREDENTIAL
from protocube_server.authentication.revocations import KIND, Revocations
from protocube_server.calls.user import User
from protocube_server.edge.tls import TlsFiles
from protocube_server.settings import Settings
from protocube_server.storage.sqlite import SqliteStore
from protocube_server.tasks import beside
from tests import bare_server
from tests.server.caller import OWN, Caller
from tests.tls.authority import LOOPBACK, Authority, Issued

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

LIST = "/protocube.core.v1.Namespaces/List"
NAME = "revoked-credentials"


def _id(issued: Issued) -> str:
    certificate = x509.load_pem_x509_certificate(issued.certificate.read_bytes())
    return f"X509SHA256={certificate.fingerprint(hashes.SHA256()).hex()}"


@asynccontextmanager
async def _caller(address: str, authority: Authority, own: Issued) -> AsyncGenerator[Caller, None]:
    caller = Caller(address, Catalog.shipped(), OWN)
    await caller.channel.close(None)
    credentials = grpc.ssl_channel_credentials(
        root_certificates=authority.file.read_bytes(),
        private_key=own.key.read_bytes(),
        certificate_chain=own.certificate.read_bytes(),
    )
    caller.channel = grpc.aio.secure_channel(address, credentials)
    async with caller:
        yield caller


async def test_a_certificate_is_revoked_by_its_fingerprint(tmp_path: Path) -> None:
    """Its next call and its open streams are refused; another certificate of the user is not."""
    authority = Authority(tmp_path)
    server = authority.issue("server", *LOOPBACK)
    admin = authority.issue("admin", groups=["system:masters"])
    lost = authority.issue("alice", groups=["system:masters"], file="lost")
    other = authority.issue("alice", groups=["system:masters"], file="other")
    settings = Settings(
        listen="127.0.0.1:0",
        store=f"sqlite:{tmp_path}/store.db",
        tls=TlsFiles(
            certificate=server.certificate, key=server.key, client_authority=authority.file
        ),
        grace=0.1,
    )
    async with (
        app.running(settings) as running,
        _caller(running.address, authority, admin) as masters,
        _caller(running.address, authority, lost) as alice,
        _caller(running.address, authority, other) as again,
        asyncio.timeout(30),
    ):
        await alice.send(LIST, b"")
        watch = alice.watch("ns")
        await anext(watch)
        text = f"# the laptop\n{_id(lost)}  # of alice\nnonsense\n"
        wanted = masters.make("cm", NAME, metadata={"namespace": "kube-system"}, data={"a": text})
        made = await masters.create(wanted)
        with pytest.raises(errors.Unauthenticated):
            await alice.send(LIST, b"")
        with pytest.raises(errors.Unauthenticated):
            async for _ in watch:
                pass
        await again.send(LIST, b"")
        made.data["a"] = ""
        await masters.update(made)
        await alice.send(LIST, b"")


@pytest.fixture
async def api(tmp_path: Path) -> AsyncGenerator[Any, None]:
    """Provide an API over an empty store, whose cache runs."""
    store = await SqliteStore.open(tmp_path / "store.db")
    found = await bare_server.api_over(store)
    async with beside(found.cache.run()):
        yield found
    await store.close()


def _user(credential: str = "") -> User:
    return User(name="a", extra={CREDENTIAL: (credential,)} if credential else {})


async def test_the_list_is_that_of_the_store(api: Any, caplog: pytest.LogCaptureFixture) -> None:
    """Before it is read nothing with an id counts; lines that are no ids are told of."""
    kind = api.editions.current.kinds.for_message(KIND)
    revoked = Revocations(api.store, api.cache, kind)
    with pytest.raises(errors.Unavailable):
        revoked.has(_user("JTI=1"))
    assert not revoked.has(_user())
    told = asyncio.Event()
    revoked.changed = told.set
    async with beside(revoked.run()), asyncio.timeout(20):
        await revoked.loaded()
        assert not revoked.has(_user("JTI=1"))
        message = kind.resource.message_class()
        message.metadata.namespace, message.metadata.name = "kube-system", NAME
        message.data["x"] = f"JTI=1\nJTI=2 # why\n\nX509SHA256={'ab' * 32}\n"
        message.data["y"] = "wrong\n JTI=3 \n"
        key = kind.key("kube-system", NAME)
        record = await api.store.create(key, kind.encode(message))
        await told.wait()
        assert [n for n in "01234" if revoked.has(_user(f"JTI={n}"))] == ["1", "2", "3"]
        assert revoked.has(_user(f"X509SHA256={'ab' * 32}"))
        assert "line 1 of y is no id of a credential" in caplog.text
        record = await api.store.update(key, b"\xff", expected=record.mod_revision)
        await revoked.look(kind, "kube-system", NAME)
        assert revoked.has(_user("JTI=1")), "what was revoked stays so when it cannot be read"
        await api.store.delete(key, expected=record.mod_revision)
        await revoked.look(kind, "kube-system", "")
        assert not revoked.has(_user("JTI=1"))


def _listed(text: str) -> set[str]:
    message = config_map_pb2.ConfigMap(data={"list": text})
    return set(revocations.ids(message))


def test_a_fingerprint_counts_however_it_is_written(caplog: pytest.LogCaptureFixture) -> None:
    """Programs write it in capitals and with colons. One that is cut off is told of."""
    wanted = {f"X509SHA256={'0a' * 32}"}
    assert _listed(f"X509SHA256={':'.join(['0A'] * 32)}") == wanted
    assert _listed(f"X509SHA256={'0A' * 32}  # the laptop") == wanted
    assert not caplog.text
    assert _listed(f"X509SHA256={'0a' * 31}") == set()
    assert "line 1 of list is no id of a credential" in caplog.text


def test_an_id_of_a_token_may_have_the_sign_of_a_remark_in_it() -> None:
    """Issuers choose these. A remark stands behind a space, or alone."""
    assert _listed("JTI=a#1 # why\n#JTI=b\nJTI=c\t#d") == {"JTI=a#1", "JTI=c"}
