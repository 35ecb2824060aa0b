"""Random tokens, certificates and metadata, to what finds out who calls.

Each input is made of a good one by changes, or out of nothing. Whatever it is, it is refused with
an error of ours, or it proves what the good one proves because it says the same.
``scripts/soak --credentials COUNT --seed SEED`` runs any number of them.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import copy
import json
import logging
import random
import tempfile
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube_server.authentication.authenticator import Authenticator
from protocube_server.authentication.certificates import Certificates
from protocube_server.authentication.openid import configuration as openid
from protocube_server.authentication.openid.provider import Provider
from protocube_server.authentication.proving import WebTokens
from protocube_server.authentication.service_accounts.issuing import Issuer
from protocube_server.authentication.service_accounts.key_files import KeyFiles
from protocube_server.authentication.service_accounts.live_objects import LiveObjects
from protocube_server.authentication.service_accounts.proving import ServiceAccounts
from protocube_server.authentication.tokens import Tokens
from protocube_server.calls.chain import Stages
from protocube_server.calls.user import User
from protocube_server.edge import impersonation
from protocube_server.storage.sqlite import SqliteStore
from protocube_server.verbs.entrance import Entrance
from tests import bare_server
from tests.authentication import signing
from tests.authentication.identified import proven
from tests.authentication.issuer import configuration
from tests.tls.authority import Authority

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Collection

    from protocube_server.authentication.identity import Identity
    from protocube_server.authentication.jose.tokens import WebToken

_OTHER = "https://issuer.example.com"
_ODD: list[Any] = [
    *(None, True, False, 0, -1, 1 << 70, 1e308, float("inf"), float("nan"), "", "\x00", "x" * 3000),
    *(
        [],
        {},
        [[[]]],
        {"a": {"b": []}},
        "system:masters",
        "alice",
        ["system:masters"],
        "ü",
        "\ud800",
    ),
]
"""Values that a claim should not have."""
_CLAIMS = [
    *("iss", "aud", "exp", "nbf", "iat", "jti", "sub", "kubernetes.io", "groups", "email"),
    *("namespace", "serviceaccount", "name", "uid", "pod", "secret", "node", "kid", "alg", "crit"),
]
_ALGORITHMS = ["none", "HS256", "RS256", "PS512", "ES256", "ES512", "EdDSA", "", None, 7, "es256"]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """An authenticator, and the good inputs that it knows."""

    authenticator: Authenticator
    token: str
    openid: str
    certificate: bytes


class _One:
    """A prover of the tokens of one issuer whose keys are at hand."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def takes(self, token: WebToken) -> bool:
        """See ``proving.Prover``."""
        return token.issuer == _OTHER

    async def prove(self, token: WebToken, audiences: Collection[str] = ()) -> Identity:
        """See ``proving.Prover``."""
        del audiences
        return await self._provider.prove(token)


@asynccontextmanager
async def asked(folder: Path) -> AsyncGenerator[Asked, None]:
    """Provide an authenticator of every kind of credential, over a store of its own."""
    store = await SqliteStore.open(folder / "store.db")
    api = await bare_server.api_over(store)
    entrance = Entrance(api, Stages())
    kind = api.editions.current.kinds.for_message("protocube.core.v1.ServiceAccount")
    assert kind is not None
    request: Any = kind.resource.create_request_class()
    request.object.metadata.name = "robot"
    raw = await entrance.answer(kind.resource.service, "Create", request.SerializeToString())
    account = kind.resource.message_class.FromString(raw)
    key = signing.native()
    issuer = Issuer(KeyFiles((signing.key_file(folder, key),)), (signing.ISSUER,))
    objects = LiveObjects(store, api.cache, api.editions)
    other = signing.native("rsa")
    provider = Provider(_entry(), _fetching(other))
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(1):
            await provider.run(_stop)
    authority = Authority(folder)
    shown = authority.issue("alice", groups=("devs",)).certificate.read_bytes()
    now = int(time.time())
    said = {"iss": _OTHER, "aud": "cube", "sub": "alice", "exp": now + 86_400, "iat": now}
    yield Asked(
        authenticator=Authenticator(
            tokens=Tokens({"known": User(name="bob")}),
            certificates=Certificates(),
            web_tokens=WebTokens([ServiceAccounts(issuer, objects), _One(provider)]),
        ),
        token=signing.signed(signing.claims(account, exp=now + 86_400), key),
        openid=signing.signed(said, other),
        certificate=shown,
    )
    await store.close()


def _stop() -> None:
    raise TimeoutError


def _entry() -> Any:
    mappings = {
        "username": {"claim": "sub", "prefix": "oidc:"},
        "groups": {"claim": "groups", "prefix": "oidc:"},
    }
    entry = {"issuer": {"url": _OTHER, "audiences": ["cube"]}, "claimMappings": mappings}
    return openid.parse(configuration(entry), file="F").authenticators[0]


def _fetching(key: signing.Native) -> Any:
    documents = {
        f"{_OTHER}/.well-known/openid-configuration": {"issuer": _OTHER, "jwks_uri": "keys"},
        "keys": {"keys": [signing.signing_key(key).public()]},
    }

    async def fetch(url: str) -> Any:
        return documents[url]

    return fetch


class Rolled:
    """Inputs that follow from a seed."""

    def __init__(self, seed: int, good: Asked) -> None:
        self._roll = random.Random(seed)
        self._good = good

    def authorization(self) -> str:
        """Return the value of an entry ``authorization``."""
        roll = self._roll
        scheme = roll.choice(
            ["Bearer", "bearer", "BEARER", "Basic", "", "Bearer Bearer", "Bearer\t"]
        )
        space = roll.choice([" ", " ", " ", " ", "", "  ", "\t"])
        return f"{scheme}{space}{self.token()}"

    def token(self) -> str:
        """Return a token."""
        roll, good = self._roll, self._good
        base = roll.choice([good.token, good.openid])
        form = roll.randrange(8)
        if form == 0:
            return self._text(roll.randrange(60))
        if form == 1:
            return self._changed(base)
        if form == 2:
            return base[: roll.randrange(len(base))]
        if form == 3:
            return ".".join(roll.sample([*base.split("."), *good.openid.split(".")], 3))
        head, body, signature = base.split(".")
        header, claims = (json.loads(_decoded(part)) for part in (head, body))
        for _ in range(roll.randrange(1, 4)):
            self._spoil(roll.choice([header, claims]))
        if form == 4:
            header["alg"] = roll.choice(_ALGORITHMS)
        if form == 5:
            signature = _encoded(roll.randbytes(roll.choice([0, 1, 64, 256, 2000])))
        parts = [_encoded(_json(part)) for part in (header, claims)]
        if form == 6:
            deep = b"[" * roll.randrange(3000)
            parts[roll.randrange(2)] = _encoded(deep)
        return ".".join([*parts, signature])

    def certificate(self) -> bytes:
        """Return what stands where a certificate should."""
        roll = self._roll
        lines = self._good.certificate.splitlines()
        binary = bytearray(base64.b64decode(b"".join(lines[1:-1])))
        for _ in range(roll.randrange(1, 6)):
            if roll.randrange(8) == 0:
                del binary[roll.randrange(len(binary)) :]
            elif binary:
                binary[roll.randrange(len(binary))] = roll.randrange(256)
            if not binary:
                break
        text = base64.b64encode(bytes(binary))
        if roll.randrange(20) == 0:
            text = roll.randbytes(roll.randrange(200))
        return b"\n".join([lines[0], text, lines[-1]])

    def acting_as(self) -> list[tuple[str, str | bytes]]:
        """Return the entries of another user's metadata."""
        roll = self._roll
        keys = ["user", "group", "uid", "extra-a", "extra-%zz%", "other", "", "extra-"]
        values: list[str | bytes] = [self._text(8), b"\xff", ""]
        return [
            (f"impersonate-{roll.choice(keys)}", roll.choice(values))
            for _ in range(roll.randrange(1, 5))
        ]

    def _spoil(self, said: dict[str, Any]) -> None:
        roll = self._roll
        within = said
        while roll.randrange(2):
            deeper = [value for value in within.values() if isinstance(value, dict)]
            if not deeper:
                break
            within = roll.choice(deeper)
        name = roll.choice([*within, *_CLAIMS]) if roll.randrange(4) else roll.choice(_CLAIMS)
        if roll.randrange(4) == 0:
            within.pop(name, None)
        else:
            within[name] = copy.deepcopy(roll.choice(_ODD))

    def _changed(self, text: str) -> str:
        at = self._roll.randrange(len(text))
        return text[:at] + chr(self._roll.randrange(0x20, 0x7F)) + text[at + 1 :]

    def _text(self, length: int) -> str:
        return "".join(chr(self._roll.randrange(1, 0x250)) for _ in range(length))


def _json(said: Any) -> bytes:
    return json.dumps(said).encode("utf-8", "surrogatepass")


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _says(token: str) -> list[Any]:
    """Return what a token says and how it is signed, however that is written."""
    return [json.loads(_decoded(part)) for part in token.split(".")[:2]] + [
        _decoded(token.split(".")[2])
    ]


async def run(good: Asked, seed: int, count: int) -> int:
    """Try so many inputs; return how many of them said the same as a good one.

    Raises whatever is no refusal of ours, and ``AssertionError`` for one who must not be let in.
    """
    rolled, same = Rolled(seed, good), 0
    for _ in range(count):
        authorization, certificate = rolled.authorization(), None
        if rolled._roll.randrange(4) == 0:
            certificate = rolled.certificate()
        try:
            identity = await proven(good.authenticator.identity(authorization, certificate))
        except errors.Unauthenticated:
            pass
        else:
            same += 1
            _require_same(good, identity, authorization, certificate)
        with contextlib.suppress(errors.BadRequest):
            list(impersonation.read(rolled.acting_as()).rights())
    return same


def _require_same(
    good: Asked, identity: Identity, authorization: str, certificate: bytes | None
) -> None:
    """Raise ``AssertionError`` for an identity that nothing has proven."""
    assert "system:masters" not in identity.user.groups, (authorization, certificate)
    name = identity.user.name
    of_token = name in ("oidc:alice", "bob") or name.startswith("system:serviceaccount:")
    if certificate is not None and not of_token:
        return  # TLS has verified what a certificate says; here it may say anything.
    token = authorization.split(" ")[1]
    assert _says(token) in (_says(good.token), _says(good.openid)), authorization


def main() -> None:
    """Run as ``scripts/soak --credentials`` says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("count", type=int, nargs="?", default=1_000_000)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    logging.getLogger("protocube_server").setLevel(logging.CRITICAL)

    async def work() -> int:
        with tempfile.TemporaryDirectory() as folder:
            async with asked(Path(folder)) as good:
                return await run(good, chosen.seed, chosen.count)

    began = time.monotonic()
    same = asyncio.run(work())
    print(  # noqa: T201  # what the command is for
        f"{chosen.count} inputs of the seed {chosen.seed} in {time.monotonic() - began:.0f} s: "
        f"{same} said the same as a good one, the others were refused"
    )


if __name__ == "__main__":
    main()
