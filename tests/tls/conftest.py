"""An authority, and servers in this process that show what it issued."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING

import pytest

from protocube_server import app
from protocube_server.edge.tls import TlsFiles
from protocube_server.settings import Settings
from tests.tls.authority import LOOPBACK, Authority, Issued

if TYPE_CHECKING:
    from pathlib import Path

Serve = Callable[..., AbstractAsyncContextManager[str]]


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """Provide the authority that everybody in a test trusts."""
    return Authority(tmp_path)


@pytest.fixture
def good(authority: Authority) -> Issued:
    """Provide what a server on loopback should show."""
    return authority.issue("server", *LOOPBACK)


@pytest.fixture
def serve(tmp_path: Path) -> Serve:
    """Start a server that shows a certificate, or speaks plaintext, and give its address."""

    @contextlib.asynccontextmanager
    async def start(
        shown: Issued | None = None, client_authority: Authority | None = None
    ) -> AsyncGenerator[str, None]:
        files = None
        if shown:
            files = TlsFiles(
                certificate=shown.certificate,
                key=shown.key,
                client_authority=client_authority.file if client_authority else None,
            )
        settings = Settings(
            listen="127.0.0.1:0",
            store=f"sqlite:{tmp_path}/store.db",
            tls=files,
            # These are tests of connections: what a caller may do is asked elsewhere.
            authorization="always-allow" if client_authority else "",
            grace=0.5,
        )
        async with app.running(settings) as running:
            yield running.address

    return start
