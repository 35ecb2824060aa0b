"""The queue of attempts."""

from __future__ import annotations

import asyncio

from protocube_server.upkeep.collector.attempts import Attempts
from protocube_server.upkeep.collector.graph import Node


async def test_a_node_is_there_once() -> None:
    """However often it is added before its attempt."""
    attempts = Attempts()
    node, other = Node(uid="a"), Node(uid="b")
    for each in (node, node, other, node):
        attempts.add(each)
    assert await attempts.take() is node
    assert await attempts.take() is other
    attempts.add(Node(uid="c"))
    assert (await attempts.take()).uid == "c"


async def test_what_changes_during_an_attempt_leads_to_another_one() -> None:
    """And there are never two attempts of a node at the same time."""
    attempts = Attempts()
    node = Node(uid="a")
    attempts.add(node)
    await attempts.take()
    attempts.add(node)
    waiting = asyncio.ensure_future(attempts.take())
    await asyncio.sleep(0)
    assert not waiting.done()
    attempts.done(node)
    assert await waiting is node


async def test_what_failed_comes_again_later_and_later() -> None:
    """Up to a minute; a success begins anew."""
    attempts = Attempts()
    node = Node(uid="a")
    pauses = []
    for _ in range(20):
        attempts.add(node)
        await attempts.take()
        pauses.append(attempts.failed(node))
    assert pauses[:3] == [0.05, 0.1, 0.2]
    assert pauses == sorted(pauses)
    assert pauses[-1] == 60.0
    attempts.add(node)
    await attempts.take()
    attempts.done(node)
    attempts.add(node)
    await attempts.take()
    assert attempts.failed(node) == 0.05
    async with asyncio.timeout(10):
        assert await attempts.take() is node
    attempts.close()
