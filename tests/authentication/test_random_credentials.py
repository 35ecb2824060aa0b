"""Random credentials are refused, and nothing of ours fails over them."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING

import pytest

from tests.authentication.random_credentials import Rolled, asked, run

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("seed", [1, 2])
async def test_random_credentials_are_refused(tmp_path: Path, seed: int) -> None:
    """Those few are let in that say what a good one says."""
    async with asked(tmp_path) as good:
        same = await run(good, seed, 2_000)
    assert same < 300


async def test_bad_tokens_take_no_memory(tmp_path: Path) -> None:
    """However many different ones come: what is kept is bounded."""
    async with asked(tmp_path) as good:
        await run(good, 3, 300)
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        await run(good, 4, 1_000)
        after = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
    assert after - before < 1_000_000


async def test_inputs_follow_from_their_seed(tmp_path: Path) -> None:
    """So a failure can be seen again."""
    async with asked(tmp_path) as good:
        one, other = Rolled(5, good), Rolled(5, good)
        assert [one.authorization() for _ in range(50)] == [
            other.authorization() for _ in range(50)
        ]
