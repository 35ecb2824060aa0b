"""Credentials that count no more before their time: a list of their ids, on all servers of a store.

It is the ConfigMap ``revoked-credentials`` of ``kube-system``, as Kubernetes has a ConfigMap there
for what authenticates. Each line of each of its values is an id, as users have it in their
``extra``: ``JTI=...`` of a token, ``X509SHA256=...`` of a certificate.
"""

from __future__ import annotations

import contextlib
import logging
import re
from typing import TYPE_CHECKING, Any, Final

from protocube import errors
from protocube_server.authentication.identity import CREDENTIAL
from protocube_server.cache.store_follower import PATIENCE_SECONDS, StoreFollower

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from protocube_server.cache import Cache
    from protocube_server.calls.user import User
    from protocube_server.kinds.kind import Kind
    from protocube_server.storage.base import Record, Revision, Store

KIND: Final = "protocube.core.v1.ConfigMap"
NAMESPACE: Final = "kube-system"
NAME: Final = "revoked-credentials"

_TOKEN: Final = re.compile(r"JTI=\S+")
_CERTIFICATE: Final = re.compile(r"X509SHA256=((?:[0-9A-Fa-f]{2}:?){31}[0-9A-Fa-f]{2})")
"""As users have it, or as other programs write a fingerprint: in capitals, with colons."""
_REMARK: Final = re.compile(r"(?:^|\s)#")
"""The id of a token may have the character in it."""

_LOG = logging.getLogger(__name__)


class Revocations(StoreFollower):
    """Keeps the list as the store has it.

    While it cannot be followed, what was known holds: no credential comes back for that.
    """

    what = "the revoked credentials"

    def __init__(self, store: Store, cache: Cache, kind: Kind) -> None:
        """``kind`` is that of ConfigMaps."""
        super().__init__(store, cache, patience=PATIENCE_SECONDS)
        self._kind = kind
        self._key = kind.key(NAMESPACE, NAME)
        self._ids: frozenset[str] | None = None
        self._at = 0
        """The revision that the list is of."""
        self.changed: Callable[[], None] = _nothing
        """Called when credentials may have been revoked."""
        self.forget: Callable[[], None] = _nothing
        """Called before that, and before any write that revokes one is answered."""

    def has(self, user: User) -> bool:
        """Tell whether the credential that a user was known by is revoked.

        One without an id is not. Raises ``errors.Unavailable`` while the list is not known.
        """
        shown, ids = user.extra.get(CREDENTIAL), self._ids
        if not shown:
            return False
        if ids is None:
            raise errors.Unavailable(
                "the revoked credentials are not known; try again", retry_after=1
            )
        return not ids.isdisjoint(shown)

    def follows(self, kind: Kind) -> bool:
        """See ``in_force.Follower``."""
        return kind.resource.message == KIND

    async def look(self, kind: Kind, namespace: str, name: str) -> None:
        """See ``in_force.Follower``."""
        del kind
        if namespace in ("", NAMESPACE) and name in ("", NAME):
            # When it fails, the write has happened all the same: its change comes later.
            with contextlib.suppress(errors.ApiError):
                await self._read()

    def know(self, *, is_current: bool) -> None:
        """Do nothing: no credential comes back because the list cannot be followed."""

    async def load(self) -> int:
        """See :class:`StoreFollower`."""
        self._at = 0
        return await self._read()

    def take(self, revision: Revision) -> None:
        """See :class:`StoreFollower`."""
        for event in revision.events:
            if event.key == self._key:
                self._take(event.record, revision.number)

    async def _read(self) -> int:
        """Read the list; return a revision that it is not older than."""
        at = await self._store.revision()
        self._take(await self._store.get(self._key), at)
        return at

    def _take(self, record: Record | None, at: int) -> None:
        if at < self._at:
            return
        try:
            message = self._kind.read(record) if record is not None else None
        except errors.Damaged as error:
            # Nor does it become empty by that: what was revoked stays so.
            _LOG.warning("the list of revoked credentials cannot be read: %s", error)
            return
        self._at = at
        before, self._ids = self._ids, frozenset(ids(message))
        if before is not None and not self._ids <= before:
            _LOG.info("%d credentials are revoked", len(self._ids))
            self.forget()
            self.changed()


def ids(message: Any) -> Iterator[str]:
    """Yield the ids of a ConfigMap, and tell of lines that are none."""
    if message is None:
        return
    for key, text in sorted(message.data.items()):
        for number, line in enumerate(text.splitlines(), 1):
            found = _REMARK.split(line, maxsplit=1)[0].strip()
            if fingerprint := _CERTIFICATE.fullmatch(found):
                yield f"X509SHA256={fingerprint[1].replace(':', '').lower()}"
            elif _TOKEN.fullmatch(found):
                yield found
            elif found:
                _LOG.warning("%s: line %d of %s is no id of a credential", NAME, number, key)


def _nothing() -> None:
    return None
