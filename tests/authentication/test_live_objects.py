"""What tokens name, as the store has it: known while it is followed, and looked up otherwise."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors
from protocube_server.authentication import bearer
from protocube_server.authentication.authenticator import Authenticator
from protocube_server.authentication.proving import WebTokens
from protocube_server.authentication.service_accounts.issuing import Issuer
from protocube_server.authentication.service_accounts.key_files import KeyFiles
from protocube_server.authentication.service_accounts.live_objects import ACCOUNT, LiveObjects
from protocube_server.authentication.service_accounts.proving import ServiceAccounts
from protocube_server.cache import Cache
from protocube_server.calls.chain import Stages
from protocube_server.storage.sqlite import SqliteStore
from protocube_server.tasks import beside
from protocube_server.verbs.entrance import Entrance
from tests import bare_server
from tests.authentication import signing
from tests.authentication.identified import proven
from tests.mute_store import MuteStore

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from protocube_server.verbs.api import Api

SERVICE = "protocube.core.v1.ServiceAccounts"


@pytest.fixture
async def api(tmp_path: Path) -> AsyncGenerator[Api, None]:
    """Provide an API over a store of its own, whose cache runs."""
    store = await SqliteStore.open(tmp_path / "store.db")
    found = await bare_server.api_over(store)
    async with beside(found.cache.run()):
        yield found
    await store.close()


async def _create(api: Api, name: str) -> str:
    """Create an account and return its uid."""
    kind = api.editions.current.kinds.for_message(ACCOUNT)
    assert kind is not None
    request: Any = kind.resource.create_request_class()
    request.object.metadata.name = name
    entrance = Entrance(api, Stages())
    raw = await entrance.answer(SERVICE, "Create", request.SerializeToString())
    made: Any = kind.resource.message_class.FromString(raw)
    uid: str = made.metadata.uid
    return uid


async def test_an_object_is_known_while_it_is_followed(api: Api) -> None:
    """Without that it proves nothing, though it is there; nor when the store is lost."""
    uid = await _create(api, "robot")
    objects = LiveObjects(api.store, api.cache, api.editions, patience=0.2)
    found = await objects.find(ACCOUNT, "default", "robot")
    assert found is not None
    assert found.uid == uid
    assert not found.proves(uid, 0)
    changed = asyncio.Event()
    objects.changed = changed.set
    async with beside(objects.run()), asyncio.timeout(10):
        await changed.wait()
        assert found.proves(uid, 0)
        assert not found.proves("another", 0)
        again = await objects.find(ACCOUNT, "default", "robot")
        assert again is found
        changed.clear()
        await api.store.close()
        await changed.wait()
        assert not found.proves(uid, 0)


async def test_a_token_does_not_outlive_its_account_by_a_watch_that_hangs(api: Api) -> None:
    """What is written and does not arrive makes objects unknown, until they are read again."""
    uid = await _create(api, "robot")
    mute: Any = MuteStore(api.store)
    cache = Cache(mute, api.editions.current.kinds.root, api.editions)
    objects = LiveObjects(mute, cache, api.editions, patience=0.5)
    found = await objects.find(ACCOUNT, "default", "robot")
    assert found is not None
    async with beside(cache.run()), beside(objects.run()), asyncio.timeout(20):
        await objects.loaded()
        assert found.proves(uid, 0)
        mute.is_muted = True
        changed = asyncio.Event()
        objects.changed = changed.set
        record = await api.store.get(found.kind.key("default", "robot"))
        assert record is not None
        await api.store.delete(record.key, expected=record.mod_revision)
        await changed.wait()
        assert not found.proves(uid, 0)


async def test_what_cannot_be_told_of_a_token_is_no_refusal_of_it(api: Api, tmp_path: Path) -> None:
    """Its streams end as those of whose rights are not known: another try may be let in."""
    uid = await _create(api, "robot")
    key = signing.native()
    account = api.editions.current.kinds.for_message(ACCOUNT)
    assert account is not None
    named: Any = account.resource.message_class()
    named.metadata.namespace, named.metadata.name, named.metadata.uid = "default", "robot", uid
    objects = LiveObjects(api.store, api.cache, api.editions, patience=5)
    issuer = Issuer(KeyFiles((signing.key_file(tmp_path, key),)), (signing.ISSUER,))
    callers = Authenticator(web_tokens=WebTokens([ServiceAccounts(issuer, objects)]))
    shown = bearer.entry(signing.signed(signing.claims(named), key))
    async with beside(objects.run()), asyncio.timeout(20):
        await objects.loaded()
        identity = await proven(callers.identity(shown))
        assert callers.holds(identity)
        objects.know(is_current=False)
        with pytest.raises(errors.Unavailable, match="whether the token still holds"):
            callers.holds(identity)
        # It may be looked up all the same.
        assert (await proven(callers.identity(shown))).user == identity.user
        await objects.load()
        assert callers.holds(identity)
        record = await api.store.get(account.key("default", "robot"))
        assert record is not None
        await api.store.delete(record.key, expected=record.mod_revision)
        await objects.look(account, "default", "robot")
        assert not callers.holds(identity)


async def test_what_nothing_rests_on_is_not_kept(api: Api) -> None:
    """However many names are asked for: hostile tokens can name anything."""
    objects = LiveObjects(api.store, api.cache, api.editions)
    for number in range(100):
        found = await objects.find(ACCOUNT, "default", f"none-{number}")
        assert found is not None
        assert not found.uid
    del found
    assert not objects._objects
    for name in ("../a", "", "a/b", "."):
        await objects.find(ACCOUNT, "default", name)
    assert not objects._objects
