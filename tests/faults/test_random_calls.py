"""Random bytes to all methods: nobody's call is a fault of the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults import random_calls

if TYPE_CHECKING:
    from pathlib import Path

_SEED, _SECONDS = 20261129, 30.0
_LEAST = 1000
"""Calls; a machine under load makes some thousand."""


@pytest.mark.timeout(300)
async def test_no_bytes_make_a_method_fail_for_a_fault_of_the_server(tmp_path: Path) -> None:
    """No answer is INTERNAL or UNKNOWN or cannot be read, and what was stored is readable by all.

    ``scripts/soak --random-calls`` does it for longer, with other seeds.
    """
    report = await random_calls.run_alone(tmp_path, seconds=_SECONDS, seed=_SEED)
    assert report.wrong == []
    assert sum(report.codes.values()) > _LEAST
    assert report.codes["OK"] > _LEAST // 20
    assert report.objects
