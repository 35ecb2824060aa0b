"""Web tokens that prove nothing, and the keys that tokens are verified by."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import logging
import time
from typing import TYPE_CHECKING, Any

import grpc
import grpc.aio
import pytest
from grpc_reflection.v1alpha import reflection_pb2

from protocube import errors
from protocube.catalog import Catalog
from protocube.meta.v1 import requests_pb2
from protocube_server.authentication.service_accounts.key_files import KeyFiles
from protocube_server.config_files import UnusableFile
from protocube_server.tasks import beside
from tests.authentication import signing
from tests.authentication.accounts import KEY, with_robot, works
from tests.authentication.test_unread import CREATE, UNKNOWN, WATCH, answered
from tests.server.caller import Caller

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator
    from pathlib import Path

    from tests.authorization.ruled import Ruled

OTHER = signing.native("rsa")
BULK = "/protocube.bulk.v1.Bulk/Write"
FORMS = {
    "Get": (
        "/protocube.core.v1.ConfigMaps/Get",
        requests_pb2.GetRequest(namespace="default", name="none").SerializeToString(),
    ),
    "Watch": (WATCH, requests_pb2.WatchRequest(label_selector="?").SerializeToString()),
    "Write": (BULK, b"\xff"),
    "ServerReflectionInfo": (
        "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
        reflection_pb2.ServerReflectionRequest(list_services="").SerializeToString(),
    ),
}
"""Calls of each form, which are answered with one thing."""


@pytest.fixture
async def server(tmp_path: Path) -> AsyncGenerator[Ruled, None]:
    """Provide a server that makes tokens, with an account that may read everything."""
    async with with_robot(tmp_path) as found:
        yield found


def _hostile(account: Any) -> dict[str, str]:
    """Return tokens that must not be accepted, by what is wrong with them."""
    good = signing.claims(account)
    token = signing.signed(good, KEY)
    head, body, signature = token.split(".")
    other_head, _, other_signature = signing.signed({**good, "exp": 1}, KEY).split(".")
    public = signing.public_pem(KEY).encode()
    forged = signing.unsigned({"alg": "HS256"}, good).rpartition(".")[0]
    mac = hmac.digest(public, forged.encode(), hashlib.sha256)
    confused = f"{forged}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
    robot = good["kubernetes.io"]["serviceaccount"]
    private = {"namespace": "default", "serviceaccount": {**robot, "uid": "another"}}
    admin = {"namespace": "kube-system", "serviceaccount": robot}
    return {
        "no algorithm": signing.unsigned({"alg": "none"}, good),
        "an empty signature": f"{head}.{body}.",
        "the public key as a secret": confused,
        "two parts": f"{head}.{body}",
        "no dots": head,
        "another signature": f"{head}.{body}.{other_signature}",
        "changed claims": f"{other_head}.{signing.unsigned({}, {**good, 'exp': 9e9}).split('.')[1]}"
        f".{signature}",
        "another key": signing.signed(good, signing.native()),
        "another kind of key": signing.signed(good, OTHER),
        "an unknown key": signing.unsigned({"alg": "ES256", "kid": "x"}, good, b"s" * 64),
        "a key in the header": signing.unsigned(
            {"alg": "ES256", "jwk": signing.signing_key(KEY).public()}, good, b"s" * 64
        ),
        "an extension": signing.unsigned({"alg": "ES256", "crit": ["b64"], "b64": False}, good),
        "another issuer": signing.signed(signing.claims(account, iss="https://other"), KEY),
        "another audience": signing.signed(signing.claims(account, aud=["x"]), KEY),
        "no audience": signing.signed(signing.claims(account, aud=None), KEY),
        "expired": signing.signed(signing.claims(account, exp=time.time() - 1), KEY),
        "without an end": signing.signed(signing.claims(account, exp=None), KEY),
        "an end that is no time": signing.signed(signing.claims(account, exp="never"), KEY),
        "an end beyond all": signing.signed(signing.claims(account, exp=float("inf")), KEY),
        "an end beyond all floats": signing.signed(signing.claims(account, exp=10**400), KEY),
        "not begun": signing.signed(signing.claims(account, nbf=time.time() + 600), KEY),
        "another uid": signing.signed(signing.claims(account, **{"kubernetes.io": private}), KEY),
        "another subject": signing.signed(
            signing.claims(account, sub="system:serviceaccount:default:admin"), KEY
        ),
        "another namespace": signing.signed(
            signing.claims(account, **{"kubernetes.io": admin}), KEY
        ),
        "a name that is a path": signing.signed(
            signing.claims(
                account,
                sub="system:serviceaccount:default:../robot",
                **{"kubernetes.io": {**private, "serviceaccount": {**robot, "name": "../robot"}}},
            ),
            KEY,
        ),
        "no object": signing.signed(signing.claims(account, **{"kubernetes.io": "robot"}), KEY),
        "nothing": signing.signed(signing.claims(account, **{"kubernetes.io": None}), KEY),
    }


async def test_tokens_that_prove_nothing_are_refused(
    server: Ruled, caplog: pytest.LogCaptureFixture
) -> None:
    """Each with the same word; the log has no traceback of them."""
    admin = await server.caller("admin")
    account = await admin.get("sa", "robot")
    assert await works(server, signing.signed(signing.claims(account), KEY))
    for wrong, token in _hostile(account).items():
        assert not await works(server, token), wrong
    assert not [record for record in caplog.records if record.exc_info]


async def test_nothing_is_read_before_a_token_is_proven(server: Ruled) -> None:
    """Anybody can claim an issuer. A forged token is refused at once, also by an unknown method."""
    admin = await server.caller("admin")
    account = await admin.get("sa", "robot")
    good, forged = (signing.signed(signing.claims(account), key) for key in (KEY, OTHER))
    async with Caller(server.address, Catalog.shipped()) as caller:
        for method in (CREATE, WATCH, BULK, UNKNOWN):
            refused = await answered(caller, method, ("authorization", f"Bearer {forged}"))
            assert isinstance(refused, errors.Unauthenticated), method
        shown = ("authorization", f"Bearer {good}")
        assert isinstance(await answered(caller, CREATE, shown, seconds=0.5), errors.Timeout)
        assert isinstance(await answered(caller, UNKNOWN, shown), errors.MethodNotSupported)


@pytest.mark.parametrize("method", ["Get", "Watch", "Write", "ServerReflectionInfo"])
async def test_a_token_is_proven_before_calls_of_all_forms(server: Ruled, method: str) -> None:
    """The first call that shows a token is answered as all that come after it."""
    admin = await server.caller("admin")
    account = await admin.get("sa", "robot")
    path, request = FORMS[method]
    async with Caller(server.address, Catalog.shipped()) as caller:
        told = []
        token = signing.signed(signing.claims(account, jti=method), KEY)
        for _ in range(2):
            entries = [("authorization", f"Bearer {token}")]
            call = caller.channel.stream_stream(path)(_one(request), metadata=entries, timeout=10)
            try:
                told.append(await call.read())
            except grpc.aio.AioRpcError as error:
                told.append((error.code(), error.details()))
            finally:
                call.cancel()
        assert told[0] == told[1]


async def _one(request: bytes) -> AsyncIterator[bytes]:
    yield request


async def test_the_log_says_why_a_token_was_refused(
    server: Ruled, caplog: pytest.LogCaptureFixture
) -> None:
    """The words are Kubernetes'; of many refusals some are logged, and none of the tokens."""
    caplog.set_level(logging.WARNING, "protocube_server.authentication.proving")
    admin = await server.caller("admin")
    account = await admin.get("sa", "robot")
    token = signing.signed(signing.claims(account, aud=["x"]), KEY)
    for _ in range(50):
        assert not await works(server, token)
    reasons = [line for line in caplog.messages if line.startswith("a token was refused")]
    assert reasons[0] == (
        'a token was refused: token audiences ["x"] is invalid for the target audiences '
        f'["{signing.ISSUER}"]'
    )
    assert len(reasons) == 10
    assert not [line for line in caplog.messages if token.rpartition(".")[2] in line]


async def test_a_rotated_key_verifies_as_long_as_it_is_there(tmp_path: Path) -> None:
    """The first file signs, all verify; a file that changes is read again, and tokens end."""
    old, new = signing.native("rsa"), signing.native()
    file, before = signing.key_file(tmp_path, new), tmp_path / "old.pub"
    before.write_text(signing.public_pem(old))
    found = KeyFiles((file, before))
    assert [key.kid for key in found.all] == [
        signing.signing_key(new).kid,
        signing.signing_key(old).kid,
    ]
    assert found.signing.kid == signing.signing_key(new).kid
    changed = asyncio.Event()
    async with beside(found.follow(changed.set)), asyncio.timeout(10):
        before.write_text("-----BEGIN NOTHING-----\n")
        before.write_text(signing.public_pem(signing.native("rsa")))
        await changed.wait()
    assert signing.signing_key(old).kid not in [key.kid for key in found.all]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "there is no key in PEM form"),
        ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "cannot be read"),
        (signing.public_pem(KEY), "has no private key: the first file has the one that signs"),
    ],
)
def test_a_key_file_that_cannot_be_used_is_refused(tmp_path: Path, text: str, fault: str) -> None:
    """The text names the file, and has nothing of what is in it."""
    file = tmp_path / "sa.key"
    file.write_text(text)
    with pytest.raises(UnusableFile, match=fault) as refused:
        KeyFiles((file,))
    assert str(refused.value).startswith(f"service account key file '{file}'")
    assert "AAAA" not in str(refused.value)
