"""Servers with roles in force, and callers of them by their names."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from protocube.catalog import Catalog
from protocube_server import app
from protocube_server.settings import Settings
from tests.server.caller import OWN, Caller

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from protocube_server.verbs.api import Api

USERS = {
    "admin": "system:masters",
    "alice": "devs",
    "bob": "",
    "nobody": "",
    "system:serviceaccount:dev:robot": "",
}
"""All whom the servers know, with their groups. Their tokens are their names."""


class _Signed:
    """A channel whose calls carry a token."""

    def __init__(self, channel: Any, token: str) -> None:
        self._channel = channel
        self._entry = ("authorization", f"Bearer {token}")

    def __getattr__(self, name: str) -> Any:
        made = getattr(self._channel, name)
        if name not in {"unary_unary", "unary_stream", "stream_stream"}:
            return made

        def method(*words: Any) -> Any:
            def call(request: Any, *, metadata: Any = (), **options: Any) -> Any:
                return made(*words)(request, metadata=[*metadata, self._entry], **options)

            return call

        return method


@dataclass(frozen=True, kw_only=True)
class Ruled:
    """A server, and its callers by their names."""

    api: Api
    address: str
    _stack: AsyncExitStack
    _callers: dict[str, Caller] = field(default_factory=dict)

    async def caller(self, name: str) -> Caller:
        """Return the caller of a name; each has a connection of its own."""
        found = self._callers.get(name)
        if found is None:
            found = Caller(self.address, Catalog.shipped(), OWN)
            await self._stack.enter_async_context(found)
            found.channel = _Signed(found.channel, name)
            self._callers[name] = found
        return found


@asynccontextmanager
async def ruled(folder: Path, store: str = "", **chosen: Any) -> AsyncGenerator[Ruled, None]:
    """Start a server that knows :data:`USERS`, over a store of its own unless one is named."""
    file = folder / "tokens.csv"
    lines = (f'{name},{name},{name},"{groups}"\n' for name, groups in USERS.items())
    file.write_text("".join(lines))
    settings = Settings(
        **{
            "listen": "127.0.0.1:0",
            "store": store or f"sqlite:{folder}/store.db",
            "token_file": file,
            "grace": 0.1,
            **chosen,
        }
    )
    async with app.running(settings) as running, AsyncExitStack() as stack:
        yield Ruled(api=running.api, address=running.address, _stack=stack)


async def role(admin: Caller, name: str, *rules: dict[str, Any], namespace: str = "") -> Any:
    """Make a role of a namespace, or a cluster role. Rules have JSON names."""
    word = "role" if namespace else "clusterrole"
    metadata = {"namespace": namespace} if namespace else {}
    return await admin.create(admin.make(word, name, metadata=metadata, rules=list(rules)))


async def bind(
    admin: Caller, user: str, kind: str, name: str, *, namespace: str = "", binding: str = ""
) -> Any:
    """Give a role to a user, in a namespace or everywhere."""
    word = "rolebinding" if namespace else "clusterrolebinding"
    message = admin.make(
        word,
        binding or f"{user}-{name}".replace(":", "-"),
        metadata={"namespace": namespace} if namespace else {},
        roleRef={"kind": kind, "name": name},
        subjects=[{"kind": "User", "name": user}],
    )
    return await admin.create(message)


def rule(verbs: str, resources: str, *names: str, group: str = "") -> dict[str, Any]:
    """Return a rule for resources of a group."""
    return {
        "verbs": verbs.split(","),
        "resources": resources.split(","),
        "apiGroups": [group],
        "resourceNames": list(names),
    }
