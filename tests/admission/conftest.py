"""What most tests of admission begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.admission import hooks
from tests.admission.admitted import admitting
from tests.tls.authority import Authority

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator
    from pathlib import Path

    from tests.admission.hooks import Hook
    from tests.server.caller import Caller


@pytest.fixture
async def caller(tmp_path: Path) -> AsyncGenerator[Caller, None]:
    """Provide a caller of a server with admission."""
    async with admitting(tmp_path) as found:
        yield found


@pytest.fixture
def hook(tmp_path: Path) -> Iterator[Hook]:
    """Provide a webhook that allows everything."""
    with hooks.hook(Authority(tmp_path)) as found:
        yield found
