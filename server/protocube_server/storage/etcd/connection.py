"""The endpoints of one etcd cluster: a channel each, one of them in use."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from protocube_server.storage.etcd import endpoint as endpoints
from protocube_server.storage.etcd import renewal
from protocube_server.storage.etcd.security import PLAIN, Security
from protocube_server.storage.etcd.tokens import Tokens

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence

    import grpc

    from protocube_server.storage.etcd.endpoint import Endpoint

_RENEWAL_SECONDS = 5.0
_LONGEST_CALL_SECONDS = 60.0
"""Longer than a call that is under way when its connection is replaced."""

_log = logging.getLogger(__name__)


class Connection:
    """Holds the channels, and says which member to talk to now."""

    def __init__(
        self,
        addresses: Sequence[str],
        security: Security = PLAIN,
        *,
        renewal_interval: float = _RENEWAL_SECONDS,
    ) -> None:
        if not addresses:
            message = "an etcd store needs at least one endpoint"
            raise ValueError(message)
        stamp = renewal.look(security)
        credentials = security.credentials()
        self.endpoints = tuple(endpoints.connect(address, credentials) for address in addresses)
        self._retired: list[Endpoint] = []
        self._tasks: set[asyncio.Task[None]] = set()
        if security.files:
            following = renewal.follow(security, stamp, self._renew, every=renewal_interval)
            self.begin(following, "etcd-renewal")
        self.tokens = Tokens(security)
        self._current = 0
        self._closing: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def current(self) -> Endpoint:
        """The member that worked last."""
        return self.endpoints[self._current]

    @property
    def closing(self) -> asyncio.Future[None]:
        """Done when the connection is closed; to wait for, never to be cancelled."""
        return self._closing

    def leave(self, endpoint: Endpoint, *, is_silent: bool = False) -> None:
        """Go on with another member, unless another call has left ``endpoint`` already.

        It is the next one that is not known to be lost, or else just the next. When
        ``endpoint`` is silent, what waits for it without a deadline leaves it, too.
        """
        if endpoint is not self.current or len(self.endpoints) == 1:
            return
        count = len(self.endpoints)
        others = [(self._current + step) % count for step in range(1, count)]
        reachable = [index for index in others if not self.endpoints[index].seems_lost]
        self._current = (reachable or others)[0]
        self.current.abandoned.clear()
        reason = ": it does not answer" if is_silent else ""
        _log.info("leaving etcd at %s for %s%s", endpoint.address, self.current.address, reason)
        if is_silent:
            endpoint.abandoned.set()

    def prefer(self, endpoint: Endpoint) -> None:
        """Begin with ``endpoint``."""
        self._current = self.endpoints.index(endpoint)

    async def close(self) -> None:
        """End all calls. Closing twice is harmless."""
        if not self._closing.done():
            self._closing.set_result(None)
        for task in (tasks := tuple(self._tasks)):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for endpoint in (*self.endpoints, *self._retired):
            await endpoint.channel.close(None)

    def _renew(self, credentials: grpc.ChannelCredentials | None) -> None:
        """Connect anew to each member.

        Calls in flight end where they were begun; streams go on in a new connection.
        """
        old = self.endpoints
        self.endpoints = tuple(endpoints.connect(each.address, credentials) for each in old)
        self._retired += old
        for endpoint in old:
            endpoint.abandoned.set()
            self.begin(self._close_unused(endpoint), "etcd-retired")

    async def _close_unused(self, endpoint: Endpoint) -> None:
        await asyncio.sleep(_LONGEST_CALL_SECONDS)
        await endpoint.channel.close(None)
        self._retired.remove(endpoint)

    def begin(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """Run ``work`` until the connection is closed."""
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
