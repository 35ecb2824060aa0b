"""Who calls a server that asks: over the wire, with what stock clients can send."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import grpc
import grpc.aio
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2

from protocube import errors
from protocube.catalog import Catalog
from protocube.meta.v1 import requests_pb2
from protocube.watch.v1 import watches_pb2
from protocube_server import app
from protocube_server.authentication.authenticator import Authenticator
from protocube_server.authentication.certificates import Certificates
from protocube_server.authentication.tokens import Tokens
from protocube_server.calls.user import User
from protocube_server.settings import Settings
from protocube_server.storage.sqlite import SqliteStore
from protocube_server.tasks import beside
from tests import bare_server
from tests.authentication.identified import Users, identifying
from tests.authentication.mutual import Mutual
from tests.server.caller import Caller, rebuilt

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from protocube_server.verbs.api import Api

ALICE = User(name="alice", uid="1", groups=("devs",))
MAPS = "/protocube.core.v1.ConfigMaps"
GET = requests_pb2.GetRequest(name="none").SerializeToString()
LIST = requests_pb2.ListRequest().SerializeToString()
REFLECTION = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"


def _bearer(token: str) -> tuple[tuple[str, str], ...]:
    return (("authorization", f"Bearer {token}"),)


@pytest.fixture
async def api(tmp_path: Path) -> AsyncGenerator[Api, None]:
    """Provide an API over a store of its own, whose cache runs."""
    store = await SqliteStore.open(tmp_path / "store.db")
    found = await bare_server.api_over(store)
    async with beside(found.cache.run()):
        yield found
    await store.close()


async def _stream(channel: Any, method: str, *requests: Any, metadata: Any = ()) -> Any:
    """Return the first response of a stream. Raises as ``Caller`` does."""
    call = channel.stream_stream(method)(iter(requests), metadata=metadata, timeout=10)
    try:
        return await call.read()
    except grpc.aio.AioRpcError as error:
        raise rebuilt(error) from None


async def test_a_token_says_who_calls(api: Api) -> None:
    """The scheme's case does not matter; each call is that of its own token."""
    users = Users()
    tokens = Tokens({"t": ALICE, "u": User(name="bob")})
    async with (
        identifying(api, Authenticator(tokens=tokens), users) as server,
        Caller(server.address, Catalog.shipped()) as caller,
    ):
        for value in ("Bearer t", "bearer t", "BEARER t"):
            await caller.send(f"{MAPS}/List", LIST, metadata=[("authorization", value)])
        names = ["t", "u"] * 50
        await asyncio.gather(
            *(caller.send(f"{MAPS}/List", LIST, metadata=_bearer(name)) for name in names)
        )
    assert users.seen[0] == User(
        name="alice", uid="1", groups=("devs", "system:authenticated"), extra={}
    )
    assert [user.name for user in users.seen[:3]] == ["alice"] * 3
    assert sorted(user.name for user in users.seen[3:]) == ["alice"] * 50 + ["bob"] * 50


@pytest.mark.parametrize("anonymous", [False, True])
async def test_who_is_not_known_is_told_nothing(api: Api, *, anonymous: bool) -> None:
    """Every method refuses a wrong token alike, whether or not callers without one come in."""
    asked = Authenticator(tokens=Tokens({"t": ALICE}), anonymous=anonymous)
    async with (
        identifying(api, asked) as server,
        Caller(server.address, Catalog.shipped()) as caller,
    ):
        wrong = _bearer("wrong")
        for method in (
            f"{MAPS}/Get",
            f"{MAPS}/Create",
            "/protocube.discovery.v1.Discovery/GetServerInfo",
        ):
            with pytest.raises(errors.Unauthenticated) as refused:
                await caller.send(method, b"", metadata=wrong)
            assert (refused.value.message, refused.value.resource) == ("Unauthorized", "")
        for method in (f"{MAPS}/Watch", "/protocube.watch.v1.Watches/Watch"):
            call = caller.channel.unary_stream(method)(b"", metadata=wrong, timeout=10)
            with pytest.raises(grpc.aio.AioRpcError) as ended:
                await call.read()
            assert isinstance(rebuilt(ended.value), errors.Unauthenticated)
        with pytest.raises(errors.Unauthenticated):
            # A request that meets the end of the call is an error of the client's own.
            await _stream(caller.channel, REFLECTION, metadata=wrong)


@pytest.mark.parametrize("shown", [(), [("authorization", "Basic dDp1")], _bearer("")])
async def test_no_credential_is_refused_unless_anybody_may_call(api: Api, shown: Any) -> None:
    """Another scheme, and a scheme alone, are none."""
    users = Users()
    for anonymous in (False, True):
        asked = Authenticator(tokens=Tokens({"t": ALICE}), anonymous=anonymous)
        async with (
            identifying(api, asked, users) as server,
            Caller(server.address, Catalog.shipped()) as caller,
        ):
            if anonymous:
                await caller.send(f"{MAPS}/List", LIST, metadata=shown)
            else:
                with pytest.raises(errors.Unauthenticated):
                    await caller.send(f"{MAPS}/List", LIST, metadata=shown)
    assert [user.name for user in users.seen] == ["system:anonymous"]


async def test_probes_need_no_credential_and_reflection_does(api: Api) -> None:
    """Health is the one service that anybody may call."""
    async with (
        identifying(api, Authenticator(tokens=Tokens({"t": ALICE}))) as server,
        Caller(server.address, Catalog.shipped()) as caller,
    ):
        await server.announce(ready=True)
        reply = await caller.send("/grpc.health.v1.Health/Check", b"")
        check = health_pb2.HealthCheckResponse.FromString(reply.body)
        assert check.status == health_pb2.HealthCheckResponse.SERVING
        watch = caller.channel.unary_stream("/grpc.health.v1.Health/Watch")(b"", timeout=10)
        assert health_pb2.HealthCheckResponse.FromString(await watch.read()) == check
        watch.cancel()
        request = reflection_pb2.ServerReflectionRequest(list_services="*").SerializeToString()
        with pytest.raises(errors.Unauthenticated):
            await _stream(caller.channel, REFLECTION, request)
        found = await _stream(caller.channel, REFLECTION, request, metadata=_bearer("t"))
        services = reflection_pb2.ServerReflectionResponse.FromString(found)
        assert len(services.list_services_response.service) > 50


async def test_streams_of_a_removed_token_end(api: Api) -> None:
    """Others go on; who comes with the token later is refused, too."""
    tokens = Tokens({"t": ALICE, "u": User(name="bob")})
    named = watches_pb2.WatchedKind(message="protocube.core.v1.ConfigMap")
    many = watches_pb2.WatchManyRequest(kinds=[named])
    paths = {
        f"{MAPS}/Watch": requests_pb2.WatchRequest().SerializeToString(),
        "/protocube.watch.v1.Watches/Watch": many.SerializeToString(),
    }
    async with (
        identifying(api, Authenticator(tokens=tokens)) as server,
        Caller(server.address, Catalog.shipped()) as caller,
    ):
        open_ = caller.channel.unary_stream
        watches = [
            open_(method)(raw, metadata=_bearer(token), timeout=20)
            for method, raw in paths.items()
            for token in "tu"
        ]
        for watch in watches:
            await watch.read()
        tokens.replace({"u": User(name="bob")})
        server.recheck()
        for watch in watches[::2]:
            with pytest.raises(grpc.aio.AioRpcError) as ended:
                await watch.read()
            assert isinstance(rebuilt(ended.value), errors.Unauthenticated)
        await caller.send(f"{MAPS}/Create", _create("a", caller), metadata=_bearer("u"))
        for watch in watches[1::2]:
            assert await watch.read()
            watch.cancel()
        with pytest.raises(errors.Unauthenticated):
            await caller.send(f"{MAPS}/List", LIST, metadata=_bearer("t"))


def _create(name: str, caller: Caller) -> bytes:
    request: Any = caller.resource("cm").create_request_class()
    request.object.metadata.name = name
    raw: bytes = request.SerializeToString()
    return raw


async def test_writes_with_an_id_are_those_of_a_user(api: Api) -> None:
    """The same id of another user is another request."""
    tokens = Tokens({"t": ALICE, "u": User(name="bob")})
    async with (
        identifying(api, Authenticator(tokens=tokens)) as server,
        Caller(server.address, Catalog.shipped()) as caller,
    ):
        request: Any = caller.resource("cm").create_request_class(request_id="once")
        request.object.metadata.name = "a"
        raw = request.SerializeToString()
        first = await caller.send(f"{MAPS}/Create", raw, metadata=_bearer("t"))
        again = await caller.send(f"{MAPS}/Create", raw, metadata=_bearer("t"))
        assert again.body == first.body
        with pytest.raises(errors.AlreadyExists):
            await caller.send(f"{MAPS}/Create", raw, metadata=_bearer("u"))


async def test_a_certificate_says_who_calls(api: Api, tmp_path: Path) -> None:
    """The name and the groups are its subject's; a token beside it is not looked at."""
    mutual, users = Mutual(tmp_path), Users()
    asked = Authenticator(tokens=Tokens({"t": ALICE}), certificates=Certificates())
    files = mutual.issue("carol", "a", "b")
    shown = x509.load_pem_x509_certificate(files.certificate.read_bytes())
    async with (
        identifying(api, asked, users, mutual.credentials) as server,
        mutual.channel(server.address, files) as channel,
    ):
        await channel.unary_unary(f"{MAPS}/List")(LIST, timeout=10)
        await channel.unary_unary(f"{MAPS}/List")(LIST, metadata=_bearer("t"), timeout=10)
    user = users.seen[0]
    assert users.seen == [user, user]
    assert (user.name, user.groups) == ("carol", ("a", "b", "system:authenticated"))
    assert dict(user.extra) == {
        "authentication.kubernetes.io/credential-id": (
            f"X509SHA256={shown.fingerprint(hashes.SHA256()).hex()}",
        )
    }


async def test_a_certificate_without_a_name_is_no_credential(api: Api, tmp_path: Path) -> None:
    """Its bearer is refused, unless a token says who it is."""
    mutual, users = Mutual(tmp_path), Users()
    asked = Authenticator(tokens=Tokens({"t": ALICE}), certificates=Certificates())
    async with (
        identifying(api, asked, users, mutual.credentials) as server,
        mutual.channel(server.address, mutual.issue("", "system:masters")) as channel,
    ):
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await channel.unary_unary(f"{MAPS}/List")(LIST, timeout=10)
        assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED
        await channel.unary_unary(f"{MAPS}/List")(LIST, metadata=_bearer("t"), timeout=10)
    assert [user.name for user in users.seen] == ["alice"]


async def test_a_certificate_that_expires_ends_the_calls_of_its_connection(
    api: Api, tmp_path: Path
) -> None:
    """TLS does not look at the time again: calls do, and so do open streams."""
    mutual, late = Mutual(tmp_path), [0.0]
    certificates = Certificates(clock=lambda: time.time() + late[0])
    async with (
        identifying(
            api, Authenticator(certificates=certificates), None, mutual.credentials
        ) as server,
        mutual.channel(server.address, mutual.issue("carol")) as channel,
    ):
        watch = channel.unary_stream(f"{MAPS}/Watch")(b"", timeout=20)
        await watch.read()
        late[0] = 2 * 86400
        server.recheck()
        with pytest.raises(grpc.aio.AioRpcError) as ended:
            await watch.read()
        assert ended.value.code() is grpc.StatusCode.UNAUTHENTICATED
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await channel.unary_unary(f"{MAPS}/List")(LIST, timeout=10)
        assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED


async def test_tokens_and_certificates_have_listeners_of_their_own(tmp_path: Path) -> None:
    """One takes tokens in TLS, the other one asks for certificates; both are one server."""
    mutual = Mutual(tmp_path)
    file = tmp_path / "tokens.csv"
    file.write_text('t,alice,1,"system:masters"\n')
    settings = Settings(
        listen="127.0.0.1:0",
        listen_mtls="127.0.0.1:0",
        store=f"sqlite:{tmp_path}/store.db",
        tls=mutual.files,
        token_file=file,
        grace=0.1,
    )
    masters = mutual.issue("carol", "system:masters")
    async with (
        app.running(settings) as running,
        mutual.channel(running.address) as bare,
        mutual.channel(running.address, masters) as shown,
        mutual.channel(running.mtls_address, masters) as asked,
        mutual.channel(running.mtls_address) as nothing,
    ):
        assert running.address != running.mtls_address
        await bare.unary_unary(f"{MAPS}/List")(LIST, metadata=_bearer("t"), timeout=10)
        await asked.unary_unary(f"{MAPS}/List")(LIST, timeout=10)
        for channel, code in (
            (bare, grpc.StatusCode.UNAUTHENTICATED),
            # Where none is asked for, gRPC does not tell of a certificate that is offered.
            (shown, grpc.StatusCode.UNAUTHENTICATED),
            (nothing, grpc.StatusCode.UNAVAILABLE),
        ):
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await channel.unary_unary(f"{MAPS}/List")(LIST, timeout=10)
            assert refused.value.code() is code
