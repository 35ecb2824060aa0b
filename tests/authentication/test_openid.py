"""Tokens of OpenID Connect, from an issuer over HTTPS to the user whom they prove."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors
from protocube.meta.v1 import requests_pb2
from protocube_server.authentication import bearer
from protocube_server.authentication.authenticator import Authenticator
from protocube_server.authentication.jose import tokens
from protocube_server.authentication.jose.tokens import Refused
from protocube_server.authentication.openid import configuration, fetching
from protocube_server.authentication.openid.provider import Provider
from protocube_server.authentication.openid.proving import OpenIdTokens
from protocube_server.authentication.proving import WebTokens
from protocube_server.tasks import beside
from tests.authentication import signing
from tests.authentication.identified import proven
from tests.authentication.issuer import Issuer, issuing
from tests.authentication.issuer import configuration as configured
from tests.authorization.ruled import bind, ruled
from tests.tls.authority import LOOPBACK, Authority

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator
    from pathlib import Path

    from protocube_server.authentication.identity import Identity
    from tests.server.caller import Caller

LIST = requests_pb2.ListRequest(namespace="default").SerializeToString()
MAPS = "/protocube.core.v1.ConfigMaps"


@pytest.fixture
def issuer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Issuer, None, None]:
    """Provide an issuer that runs; no proxy stands before it."""
    monkeypatch.setenv("no_proxy", "*")
    with issuing(tmp_path) as found:
        yield found


@asynccontextmanager
async def _provider(issuer: Issuer, again: float = 60, **more: Any) -> AsyncGenerator[Provider]:
    (authenticator,) = configuration.parse(
        configured(issuer.entry(**more)), file="F"
    ).authenticators
    fetch = fetching.by_https(authenticator.authority)
    ready = asyncio.Event()
    provider = Provider(authenticator, fetch, again=again)
    async with beside(provider.run(ready.set)), asyncio.timeout(20):
        await ready.wait()
        yield provider


async def _proven(provider: Provider, token: str) -> Identity:
    found = tokens.read(token)
    assert found is not None
    return await provider.prove(found)


async def _why(provider: Provider, token: str) -> str:
    with pytest.raises(Refused) as refused:
        await _proven(provider, token)
    return str(refused.value)


async def test_a_server_takes_the_tokens_of_an_issuer(tmp_path: Path, issuer: Issuer) -> None:
    """Its users have rights as any do; a changed file is in force within a second or two."""
    file = tmp_path / "authentication.yaml"
    groups = {"groups": {"claim": "groups", "prefix": "oidc:"}}
    file.write_text(configured(issuer.entry(mappings=groups)))
    async with ruled(tmp_path, authentication_config=file) as server:
        admin = await server.caller("admin")
        await bind(admin, "oidc:alice", "ClusterRole", "view")
        alice = await server.caller(issuer.token(groups=["a", "b"]))
        await _until(alice, is_known=True)
        with pytest.raises(errors.Forbidden, match='User "oidc:alice" cannot create'):
            await alice.create(alice.make("cm", "a"))
        file.write_text(configured())
        await _until(alice, is_known=False)


async def test_half_of_a_surrogate_pair_in_a_claim_is_replaced(
    tmp_path: Path, issuer: Issuer
) -> None:
    """JSON can write it, and no text that is sent can hold it."""
    file = tmp_path / "authentication.yaml"
    file.write_text(configured(issuer.entry()))
    async with ruled(tmp_path, authentication_config=file) as server:
        await bind(await server.caller("admin"), "oidc:a\ufffdb", "ClusterRole", "view")
        caller = await server.caller(issuer.token(sub="a\ud800b"))
        await _until(caller, is_known=True)
        found: Any = await caller.create(caller.make("selfsubjectreview"))
        assert found.status.user_info.username == "oidc:a\ufffdb"


async def test_a_server_starts_without_its_issuer(tmp_path: Path) -> None:
    """Others can call; tokens of that issuer are refused."""
    file = tmp_path / "authentication.yaml"
    entry = {
        "issuer": {"url": "https://127.0.0.1:1", "audiences": ["cube"]},
        "claimMappings": {"username": {"claim": "sub", "prefix": ""}},
    }
    file.write_text(configured(entry))
    async with ruled(tmp_path, authentication_config=file) as server:
        await (await server.caller("admin")).send(f"{MAPS}/List", LIST)
        said = {"iss": "https://127.0.0.1:1", "aud": "cube", "sub": "a", "exp": time.time() + 60}
        caller = await server.caller(signing.signed(said, signing.native()))
        with pytest.raises(errors.Unauthenticated):
            await caller.send(f"{MAPS}/List", LIST)


async def _until(caller: Caller, *, is_known: bool) -> None:
    """Call until the server knows who that is, or does not any more."""
    async with asyncio.timeout(20):
        while True:
            try:
                await caller.send(f"{MAPS}/List", LIST)
            except errors.Unauthenticated:
                if not is_known:
                    return
            else:
                if is_known:
                    return


async def test_claims_become_a_user(issuer: Issuer) -> None:
    """Claims with prefixes give the name and the groups; a group can be one text."""
    mappings = {"groups": {"claim": "roles", "prefix": "g:"}, "uid": {"claim": "uid"}}
    async with _provider(issuer, mappings=mappings) as provider:
        user = (await _proven(provider, issuer.token(roles=["a", "b"], uid="7"))).user
        assert (user.name, user.groups, user.uid) == (
            "oidc:alice",
            ("g:a", "g:b", "system:authenticated"),
            "7",
        )
        assert dict(user.extra) == {"authentication.kubernetes.io/credential-id": ("JTI=1",)}
        one = (await _proven(provider, issuer.token(roles="a", uid="7"))).user
        assert one.groups == ("g:a", "system:authenticated")
        assert (
            await _why(provider, issuer.token()) == 'oidc: parse uid claim "uid": claim not present'
        )


async def test_expressions_map_and_judge_claims(issuer: Issuer) -> None:
    """They are Kubernetes': over the claims, and over the user that they give."""
    mappings = {
        "username": {"expression": "claims.sub + '@' + claims.org"},
        "groups": {"expression": "claims.roles.split(',')"},
        "uid": {"expression": "string(claims.number)"},
        "extra": [{"key": "example.com/tier", "valueExpression": "claims.?tier.orValue('')"}],
    }
    rules = [{"expression": "claims.exp - claims.iat <= 900", "message": "too long"}]
    users = [{"expression": "!user.username.startsWith('system:')", "message": "reserved"}]
    more: dict[str, Any] = {"claimValidationRules": rules, "userValidationRules": users}
    async with _provider(issuer, mappings=mappings, **more) as provider:
        said = {"org": "x", "roles": "a,b", "number": 7, "tier": "gold"}
        user = (await _proven(provider, issuer.token(**said))).user
        assert (user.name, user.groups[:2], user.uid) == ("alice@x", ("a", "b"), "7")
        assert user.extra["example.com/tier"] == ("gold",)
        late = {**said, "exp": int(time.time()) + 5000}
        assert (await _why(provider, issuer.token(**late))).endswith(
            "validation expression 'claims.exp - claims.iat <= 900' failed: too long"
        )
        system = {**said, "sub": "system:masters"}
        assert (await _why(provider, issuer.token(**system))).endswith("failed: reserved")
        assert "no such key: org" in await _why(provider, issuer.token(roles="a", number=1))


async def test_what_does_not_fit_is_refused(issuer: Issuer) -> None:
    """The reasons are for the log, and are Kubernetes'."""
    rules = [{"claim": "hd", "requiredValue": "x"}]
    other = signing.native()
    async with _provider(issuer, claimValidationRules=rules) as provider:
        assert (await _proven(provider, issuer.token(hd="x"))).user.name == "oidc:alice"
        token = issuer.token
        for made, reason in (
            (token(), "oidc: required claim hd not present in ID token"),
            (
                token(hd="y"),
                "oidc: required claim hd value does not match. Got = y, want = x",
            ),
            (
                token(aud="z"),
                'oidc: verify token: oidc: expected audience "cube" got ["z"]',
            ),
            (token(exp=1), "oidc: verify token: oidc: token is expired"),
            (token(exp=None), "oidc: verify token: oidc: token is expired"),
            (token(nbf=9e9), "oidc: verify token: oidc: token is not valid yet"),
            (token(sub=None), 'oidc: parse username claims "sub": claim not present'),
            (token(sub=7), 'oidc: parse username claims "sub": it is no string'),
            (token(other), "oidc: verify token: invalid signature, no keys found"),
        ):
            assert await _why(provider, made) == reason


async def test_an_address_has_to_be_verified(issuer: Issuer) -> None:
    """By the claim beside it."""
    mappings = {"username": {"claim": "email", "prefix": ""}}
    async with _provider(issuer, mappings=mappings) as provider:
        said = {"email": "a@b.c"}
        user = (await _proven(provider, issuer.token(email_verified=True, **said))).user
        assert user.name == "a@b.c"
        for verified in (None, False, "true"):
            reason = await _why(provider, issuer.token(email_verified=verified, **said))
            assert reason == "oidc: email not verified"


async def test_an_issuer_may_come_later(issuer: Issuer) -> None:
    """Until it answers its tokens are refused; then they are taken."""
    issuer.is_up = False
    async with _provider(issuer, again=0.05) as provider:
        reason = await _why(provider, issuer.token())
        assert reason == f'oidc: authenticator for issuer "{issuer.url}" is not initialized'
        issuer.is_up = True
        while not issuer.fetches:
            await asyncio.to_thread(lambda: None)
        while not provider._is_initialized:
            await asyncio.to_thread(lambda: None)
        assert (await _proven(provider, issuer.token())).user.name == "oidc:alice"


async def test_another_key_is_fetched_once(issuer: Issuer) -> None:
    """However many tokens name keys that nobody has; what is taken away proves nothing more."""
    async with _provider(issuer, again=0.2) as provider:
        before = await _proven(provider, issuer.token())
        assert issuer.fetches == 1
        issuer.keys = [signing.native()]
        while issuer.fetches == 1:
            try:
                found = await _proven(provider, issuer.token())
            except Refused:
                # It was fetched less than the time ago that must be between.
                await asyncio.to_thread(lambda: None)
        assert found.is_valid()
        assert not before.is_valid()
    async with _provider(issuer) as provider:
        fetches = issuer.fetches
        other = signing.native()
        found_ = signing.signing_key(other)
        assert found_.kid
        many = [
            signing.unsigned({"alg": "ES256", "kid": str(number)}, {"iss": issuer.url})
            for number in range(1000)
        ]
        reasons = await asyncio.gather(*(_why(provider, token) for token in many))
        assert set(reasons) == {"oidc: verify token: invalid signature, no keys found"}
        assert issuer.fetches == fetches


async def test_a_file_that_changes_keeps_what_it_keeps(tmp_path: Path, issuer: Issuer) -> None:
    """An issuer that stays keeps its keys, and what they have proven; others prove no more."""
    file = tmp_path / "authentication.yaml"
    entry = issuer.entry()
    file.write_text(configured(entry))
    found = OpenIdTokens(file)
    ready, changed = asyncio.Event(), asyncio.Event()
    callers = Authenticator(web_tokens=WebTokens([found]))
    follow = found.follow(changed.set, every=0.01)
    async with beside(found.run(ready.set)), beside(follow), asyncio.timeout(20):
        await ready.wait()
        shown = bearer.entry(issuer.token())
        identity = await proven(callers.identity(shown))
        other = {**issuer.entry(), "issuer": {**entry["issuer"], "url": "https://127.0.0.1:1"}}
        file.write_text(configured(entry, other))
        await changed.wait()
        assert identity.is_valid()
        assert callers.at_once(shown) is identity
        changed.clear()
        file.write_text(configured(issuer.entry(issuer={"audiences": ["other"]})))
        await changed.wait()
        assert not identity.is_valid()
        assert callers.at_once(shown) is None


async def test_bad_tokens_are_not_kept(caplog: pytest.LogCaptureFixture) -> None:
    """Neither they nor anything of them, however many there are; and few lines tell of them."""
    caplog.set_level(logging.WARNING)
    callers = Authenticator(web_tokens=WebTokens([]))
    for number in range(2000):
        shown = signing.unsigned({"alg": "none", "n": number}, {"iss": "x"})
        with pytest.raises(errors.Unauthenticated):
            await proven(callers.identity(bearer.entry(shown)))
    assert not len(callers._proven)
    assert len(caplog.messages) <= 10


async def test_an_answer_that_never_ends_is_given_up(tmp_path: Path) -> None:
    """Each byte of it comes in time, and all of them never do."""
    authority = Authority(tmp_path, "issuers")
    shown = authority.issue("issuer", *LOOPBACK)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(shown.certificate, shown.key)

    ended = asyncio.Event()
    handlers: set[asyncio.Task[Any]] = set()

    async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        handler = asyncio.current_task()
        assert handler is not None
        handlers.add(handler)
        with contextlib.suppress(OSError):
            while not ended.is_set():
                writer.write(b"H")
                await writer.drain()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(0.05):
                        await ended.wait()
        writer.transport.abort()

    server = await asyncio.start_server(drip, "127.0.0.1", 0, ssl=context)
    async with server:
        port = server.sockets[0].getsockname()[1]
        fetch = fetching.by_https(authority.file.read_text(), seconds=0.3)
        try:
            async with asyncio.timeout(60):
                for said in (*["it takes too long"] * 4, "those before have not ended"):
                    with pytest.raises(fetching.CannotFetchError, match=said):
                        await fetch(f"https://127.0.0.1:{port}/keys")
        finally:
            ended.set()
            await asyncio.gather(*handlers)
