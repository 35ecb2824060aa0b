"""A server in this process that kinds are defined on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from protocube_server import app
from protocube_server.settings import Settings
from tests.definitions.defining import Definer

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Provide settings of a server on a free port and an empty store."""
    return Settings(listen="127.0.0.1:0", store=f"sqlite:{tmp_path}/store.db", grace=0.5)


@pytest.fixture
async def definer(settings: Settings) -> AsyncGenerator[Definer, None]:
    """Provide the caller of such a server."""
    async with app.running(settings) as running, Definer(running.address) as definer:
        yield definer
