"""One request that costs much: others are answered meanwhile."""

from __future__ import annotations

from tests.faults import bystander, hostile

_LONGEST = 2.0
"""Seconds that another caller may wait on a machine that is busy with other tests; each of these
requests took more by itself, or stopped all others for two to seventeen seconds."""


async def test_another_caller_does_not_wait_for_it() -> None:
    """Whatever kind of field the request is full of, and no error of it is the server's."""
    async with bystander.served() as server:
        delays = [await bystander.delay(server, request, times=1) for request in hostile.requests()]
    assert [found.row() for found in delays if found.worst > _LONGEST] == []
    assert {found.outcome for found in delays} <= {"answered", "Invalid", "BadRequest", "TooLarge"}
