"""Rights are those of the store, or they are not known: never those of long ago."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors
from protocube.rbac.v1 import role_pb2
from protocube_server.authentication.identity import ANONYMOUS
from protocube_server.authorization import following
from protocube_server.authorization.attributes import Attributes
from protocube_server.authorization.authorizer import Authorizer
from protocube_server.authorization.following import Following
from protocube_server.authorization.rights import Rights
from protocube_server.authorization.roles import Binding, Key, Role
from protocube_server.authorization.rules import EVERYTHING
from protocube_server.authorization.subjects import Subject
from protocube_server.cache import Cache
from protocube_server.calls.user import ADMIN, User
from protocube_server.storage.sqlite import SqliteStore
from protocube_server.tasks import beside
from protocube_server.verbs import default_roles
from tests import bare_server
from tests.mute_store import MuteStore

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from protocube_server.storage.base import Revision
    from protocube_server.verbs.api import Api

KNOWN = User(name="alice", groups=("system:authenticated",))
ASKED = Attributes("create", "authentication.k8s.io", "selfsubjectreviews")


@pytest.fixture
async def api(tmp_path: Path) -> AsyncGenerator[Api, None]:
    """Provide an API over a store with the default roles."""
    store = await SqliteStore.open(tmp_path / "store.db")
    found = await bare_server.api_over(store)
    await default_roles.bootstrap(found)
    yield found
    await store.close()


class _Failing:
    """A cache that loses the store, and from then on gives nothing to its readers."""

    newest_change = 0

    def __init__(self) -> None:
        self.asked = asyncio.Event()

    async def lags(self, *, within: float) -> bool:
        """See ``Cache.lags``."""
        del within
        return False

    async def begin(self) -> None:
        """See ``Cache.begin``."""

    def keeps_from(self, position: int) -> bool:
        """See ``Cache.keeps_from``."""
        del position
        return True

    async def changes(self, *, after: int, incarnation: str) -> AsyncGenerator[Revision, None]:
        """See ``Cache.changes``."""
        del after, incarnation
        if self.asked.is_set():
            await asyncio.Event().wait()
        self.asked.set()
        raise errors.Unavailable("the store is gone")
        yield


async def test_nothing_is_known_before_it_was_read(api: Api) -> None:
    """Callers are told to try again, but for the masters."""
    authorizer = Authorizer(Rights())
    rights = Following(api.store, api.cache, api.editions.current.kinds, authorizer)
    assert isinstance(authorizer.fault(KNOWN, ASKED), errors.Unavailable)
    assert authorizer.fault(ADMIN, ASKED) is None
    async with beside(api.cache.run()), beside(rights.run()), asyncio.timeout(10):
        await rights.loaded()
        assert authorizer.fault(KNOWN, ASKED) is None


def test_a_stranger_learns_no_role() -> None:
    """Bindings of callers who showed nothing give rights; what is missing is not told them."""
    authorizer = Authorizer(Rights())
    authorizer.is_current = True
    rights = authorizer.rights
    subject = Subject("Group", "system:unauthenticated")
    for role in ("gone", "reader"):
        key, own = Key("", role), frozenset((subject,))
        rights.put_binding(Binding(key=key, role=key, subjects=own))
    refused = authorizer.fault(ANONYMOUS, ASKED)
    assert isinstance(refused, errors.Forbidden)
    assert refused.message.endswith("at the cluster scope")
    rights.put_role(Key("", "reader"), Role(rules=EVERYTHING))
    assert authorizer.fault(ANONYMOUS, ASKED) is None


async def test_rights_that_cannot_be_followed_are_not_known(api: Api) -> None:
    """They hold for a while; then callers are refused, and open streams looked at again."""
    authorizer = Authorizer(Rights())
    cache = _Failing()
    kinds = api.editions.current.kinds
    lost: Any = cache
    rights = Following(api.store, lost, kinds, authorizer, patience=0.0)
    told = asyncio.Event()
    async with beside(rights.run()), asyncio.timeout(10):
        await cache.asked.wait()
        assert authorizer.fault(KNOWN, ASKED) is None
        rights.changed = told.set
        await told.wait()
        assert isinstance(authorizer.fault(KNOWN, ASKED), errors.Unavailable)
        assert authorizer.fault(ADMIN, ASKED) is None


async def test_rights_are_not_those_of_before_a_watch_hung(api: Api) -> None:
    """What is written and does not arrive makes them unknown, until a new watch brings it."""
    mute: Any = MuteStore(api.store)
    authorizer = Authorizer(Rights())
    cache = Cache(mute, api.editions.current.kinds.root, api.editions)
    kinds = api.editions.current.kinds
    rights = Following(mute, cache, kinds, authorizer, patience=0.5)
    kind = kinds.for_message(following.CLUSTER_ROLE_BINDING)
    assert kind is not None
    async with beside(cache.run()), beside(rights.run()), asyncio.timeout(20):
        await rights.loaded()
        assert authorizer.fault(KNOWN, ASKED) is None
        mute.is_muted = True
        record = await api.store.get(kind.key("", "system:basic-user"))
        assert record is not None
        told = asyncio.Event()
        rights.changed = told.set
        await api.store.delete(record.key, expected=record.mod_revision)
        await told.wait()
        assert isinstance(authorizer.fault(KNOWN, ASKED), errors.Unavailable)
        assert authorizer.fault(ADMIN, ASKED) is None
        mute.is_muted = False
        while not isinstance(authorizer.fault(KNOWN, ASKED), errors.Forbidden):
            told.clear()
            await told.wait()


async def test_what_is_allowed_is_forgotten_when_rights_change(api: Api) -> None:
    """What was allowed once is asked again behind a change, of whichever kind."""
    authorizer = Authorizer(Rights())
    rights = Following(api.store, api.cache, api.editions.current.kinds, authorizer)
    kind = api.editions.current.kinds.for_message(following.CLUSTER_ROLE)
    assert kind is not None
    async with beside(api.cache.run()), beside(rights.run()), asyncio.timeout(10):
        await rights.loaded()
        for name in ("a", "b"):
            assert authorizer.fault(KNOWN, ASKED._replace(name=name)) is None
        record = await api.store.get(kind.key("", "system:basic-user"))
        assert record is not None
        await api.store.delete(record.key, expected=record.mod_revision)
        await rights.look(kind, "", "system:basic-user")
        refused = authorizer.fault(KNOWN, ASKED)
        assert isinstance(refused, errors.Forbidden)
        assert refused.message.endswith('"system:basic-user" not found')


async def test_a_look_at_a_namespace_reads_no_other(api: Api) -> None:
    """What a DeleteCollection has removed is known at once, and only its namespace is read."""
    kinds = api.editions.current.kinds
    kind = kinds.for_message(following.ROLE)
    assert kind is not None
    store = _Counting(api.store)
    watched: Any = store
    rights = Following(watched, api.cache, kinds, Authorizer(Rights()))
    for namespace in ("dev", "prod"):
        message = role_pb2.Role()
        message.metadata.namespace, message.metadata.name = namespace, "a"
        await api.store.create(kind.key(namespace, "a"), kind.encode(message))
    async with beside(api.cache.run()), asyncio.timeout(10):
        async with beside(rights.run()):
            await rights.loaded()
        # From here on nothing comes by the feed.
        for namespace in ("dev", "prod"):
            record = await api.store.get(kind.key(namespace, "a"))
            assert record is not None
            await api.store.delete(record.key, expected=record.mod_revision)
        store.listed.clear()
        await rights.look(kind, "dev", "")
    assert store.listed == [kind.prefix("dev")]
    assert rights.rights.rules_of_role(Key("dev", "a")) is None
    assert rights.rights.rules_of_role(Key("prod", "a")) is not None


class _Counting:
    """A store that remembers which prefixes were listed."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self.listed: list[bytes] = []

    async def list(self, prefix: bytes, **options: Any) -> Any:
        """See ``Store.list``."""
        self.listed.append(prefix)
        return await self._store.list(prefix, **options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)
