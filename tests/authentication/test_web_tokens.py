"""Web tokens that prove nothing, and the keys that tokens are verified by."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import logging
import time
from typing import TYPE_CHECKING, Any

import pytest

from protocube_server.authentication.service_accounts.key_files import KeyFiles
from protocube_server.config_files import UnusableFile
from protocube_server.tasks import beside
from tests.authentication import signing
from tests.authentication.accounts import KEY, with_robot, works

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from tests.authorization.ruled import Ruled

OTHER = signing.native("rsa")


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
