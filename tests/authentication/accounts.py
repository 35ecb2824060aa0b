"""Servers that make tokens of service accounts."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube.meta.v1 import requests_pb2
from tests.authentication import signing
from tests.authorization.ruled import Ruled, bind, ruled

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

KEY = signing.native()
"""What all of them sign with."""
LIST = requests_pb2.ListRequest(namespace="default").SerializeToString()
MAPS = "/protocube.core.v1.ConfigMaps"


@asynccontextmanager
async def with_robot(folder: Path, **chosen: Any) -> AsyncGenerator[Ruled, None]:
    """Start a server with the account ``robot``, which may view everything."""
    file = signing.key_file(folder, KEY)
    async with ruled(folder, service_account_keys=(file,), **chosen) as found:
        admin = await found.caller("admin")
        await admin.create(admin.make("sa", "robot"))
        await bind(admin, "system:serviceaccount:default:robot", "ClusterRole", "view")
        yield found


async def works(server: Ruled, token: str) -> bool:
    """Tell whether a server knows who shows a token."""
    caller = await server.caller(token)
    try:
        await caller.send(f"{MAPS}/List", LIST)
    except errors.Unauthenticated as error:
        # What callers are told, always.
        return error.message != "Unauthorized"
    return True
