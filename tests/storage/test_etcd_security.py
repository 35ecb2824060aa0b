"""The etcd store towards an etcd that asks who is there."""

from __future__ import annotations

import contextlib
import dataclasses
from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors
from protocube_server.storage.base import Unreachable
from protocube_server.storage.etcd import EtcdStore, Security
from tests import etcd_process
from tests.server_process import started
from tests.storage import certificates, etcd_tool

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from tests.etcd_process import Etcd

pytestmark = pytest.mark.etcd

HOME = b"/registry/"
CUBE = Security(user="cube", password="secret")


@contextlib.asynccontextmanager
async def _opened(etcd: Etcd, security: Security, **options: Any) -> AsyncIterator[EtcdStore]:
    store = await EtcdStore.open([etcd.endpoint], security=security, home=HOME, **options)
    try:
        yield store
    finally:
        await store.close()


@pytest.fixture(params=["usual", "newer"])
def program(request: pytest.FixtureRequest) -> str:
    """Provide the etcd to run: versions differ in what they say to strangers."""
    return etcd_process.newer() if request.param == "newer" else etcd_process.binary()


@pytest.fixture
def guarded(tmp_path: Path, program: str) -> Iterator[Etcd]:
    """Provide an etcd where only the user ``cube`` may write, and only below ``/registry/``."""
    # A token lives for a second, so that it expires within a test.
    flags = ("--auth-token-ttl", "1")
    with etcd_process.running(tmp_path / "etcd", program=program, flags=flags) as etcd:
        etcd_tool.confine(etcd, user="cube", password="secret", prefix="/registry/")
        yield etcd


async def test_a_user_with_a_password(guarded: Etcd) -> None:
    """With the right password all calls work, a watch among them."""
    async with _opened(guarded, CUBE) as store:
        created = await store.create(b"/registry/a", b"one")
        assert await store.get(b"/registry/a") == created
        async with contextlib.aclosing(store.watch(b"/registry/", after=1)) as watch:
            assert (await anext(watch)).events[0].record == created


async def test_a_token_that_is_not_taken_any_more(guarded: Etcd) -> None:
    """After a restart of etcd, which forgets its tokens, calls and watches fetch another one."""
    async with _opened(guarded, CUBE) as store:
        first = await store.create(b"/registry/a", b"one")
        async with contextlib.aclosing(store.watch(b"/registry/", after=1)) as watch:
            assert (await anext(watch)).events[0].record == first
            for round_ in range(2):
                guarded.kill()
                guarded.start()
                with contextlib.suppress(errors.OutcomeUnknown):
                    await store.create(f"/registry/lost-{round_}".encode(), b"one")
                second = await store.create(f"/registry/b-{round_}".encode(), b"two")
                async for revision in watch:
                    if revision.events[0].record == second:
                        break


async def test_a_permission_that_is_missing(guarded: Etcd) -> None:
    """What the user may not do is refused by name, for calls and for watches."""
    async with _opened(guarded, CUBE) as store:
        assert (await store.create(b"/registry/a", b"one")).mod_revision == await store.revision()
        for call in (store.get(b"/other/a"), store.list(b"/other/")):
            with pytest.raises(errors.Unavailable, match="permission denied"):
                await call
        with pytest.raises(errors.Unavailable, match="permission denied"):
            await anext(store.watch(b"/other/", after=1))


@pytest.mark.parametrize(
    ("security", "said"),
    [
        (Security(), "user name is empty"),
        (dataclasses.replace(CUBE, password="wrong"), "authentication failed"),
        (Security(user="nobody", password="secret"), "authentication failed"),
    ],
)
async def test_a_stranger(guarded: Etcd, security: Security, said: str) -> None:
    """Without a user, or with a wrong password, the store does not open, and says why."""
    with pytest.raises(errors.Unavailable, match=said) as caught:
        async with _opened(guarded, security):
            pytest.fail("it must not open")
    assert not isinstance(caught.value, Unreachable)
    assert "secret" not in str(caught.value)
    assert "secret" not in repr(security)


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> certificates.Papers:
    """Provide an authority and what it has signed."""
    return certificates.make(tmp_path_factory.mktemp("papers"))


@pytest.fixture
def encrypted(tmp_path: Path, papers: certificates.Papers) -> Iterator[Etcd]:
    """Provide an etcd that speaks TLS and asks clients for a certificate."""
    ours = ("--cert-file", papers.cert, "--key-file", papers.key)
    flags = (*ours, "--client-cert-auth", "--trusted-ca-file", papers.authority)
    with etcd_process.running(tmp_path / "etcd", flags=flags, scheme="https") as etcd:
        yield etcd


async def test_certificates_on_both_sides(encrypted: Etcd, papers: certificates.Papers) -> None:
    """With the authority's certificate and one of our own the store works."""
    security = Security(cacert=papers.authority, cert=papers.cert, key=papers.key)
    async with _opened(encrypted, security) as store:
        created = await store.create(b"/a", b"one")
        async with contextlib.aclosing(store.watch(b"/", after=1)) as watch:
            assert (await anext(watch)).events[0].record == created


async def test_a_client_without_a_certificate(encrypted: Etcd, papers: certificates.Papers) -> None:
    """Without our certificate, or in plain text, the store does not open."""
    for security in (Security(cacert=papers.authority), Security()):
        with pytest.raises(errors.Unavailable):
            async with _opened(encrypted, security):
                pytest.fail("it must not open")


@pytest.mark.parametrize(
    ("security", "said"),
    [
        (Security(cert="a.pem"), "needs its key"),
        (Security(key="a.pem"), "needs its key"),
        (Security(cacert="no-such.pem"), r"cannot read no-such\.pem: No such file"),
        (Security(cacert=__file__), "holds no certificates in PEM form"),
    ],
)
async def test_wrong_files(security: Security, said: str) -> None:
    """A file that is missing or wrong is named before anything is sent."""
    with pytest.raises(errors.BadRequest, match=said):
        await EtcdStore.open(["127.0.0.1:1"], security=security)


async def test_a_server_takes_it_all_from_flags(
    encrypted: Etcd, papers: certificates.Papers
) -> None:
    """Files by flags or by the environment: the server is ready on an etcd that speaks TLS."""
    store = ("--listen", "127.0.0.1:0", "--store", f"etcd://{encrypted.endpoint}")
    flags = ("--etcd-cacert", papers.authority, "--etcd-cert", papers.cert)
    environment = {"PROTOCUBE_ETCD_KEY": papers.key}
    async with started(*store, *flags, environment=environment) as process:
        assert await process.ready()


async def test_a_password_comes_from_the_environment(guarded: Etcd) -> None:
    """The user is a flag, the password never is; without it the server does not start."""
    store = ("--listen", "127.0.0.1:0", "--store", f"etcd://{guarded.endpoint}")
    flags = (*store, "--etcd-user", "cube")
    environment = {"PROTOCUBE_ETCD_PASSWORD": "secret"}
    async with started(*flags, environment=environment) as process:
        assert await process.ready()
    async with started(*flags) as process:
        assert await process.ended() == 1
    assert "authentication failed" in process.lines[-1]
