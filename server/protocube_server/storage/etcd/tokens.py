"""The token that etcd gives to a user who has said the password.

It expires when it was not used for some minutes, and when the member that gave it
restarts; etcd then refuses calls, and a new one is asked for.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from protocube_server.storage.etcd.proto import rpc_pb2

if TYPE_CHECKING:
    from protocube_server.storage.etcd.endpoint import Endpoint
    from protocube_server.storage.etcd.security import Security

Metadata = tuple[tuple[str, str], ...]

_HAS_LEADER: Metadata = (("hasleader", "true"),)
"""Sent with each call: a member cut off from its cluster then refuses at once."""
_TOKEN = "token"  # noqa: S105  # the name of a header
_SECONDS = 5.0


class Tokens:
    """Makes the metadata of calls; one token serves all members of the cluster."""

    def __init__(self, security: Security) -> None:
        self._security = security
        self._token = ""
        self._renewing = asyncio.Lock()

    async def metadata(self, endpoint: Endpoint) -> Metadata:
        """Return the metadata of a call, with a token where there is a user.

        Raises ``AioRpcError`` when a token is needed and ``endpoint`` gives none.
        """
        if not self._security.user:
            return _HAS_LEADER
        async with self._renewing:
            if not self._token:
                answer = await endpoint.auth.Authenticate(
                    rpc_pb2.AuthenticateRequest(
                        name=self._security.user, password=self._security.password
                    ),
                    timeout=_SECONDS,
                )
                self._token = answer.token
        return (*_HAS_LEADER, (_TOKEN, self._token))

    def drop(self, metadata: Metadata) -> bool:
        """Forget the token in ``metadata``, which etcd has refused; say whether there was one.

        A token that another call has fetched meanwhile is kept.
        """
        refused = dict(metadata).get(_TOKEN)
        if refused is not None and refused == self._token:
            self._token = ""
        return refused is not None
