"""A stored object as the answer to a call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube_server.verbs import owners

if TYPE_CHECKING:
    from protocube_server.calls.call import Call


async def answer(call: Call, value: bytes, revision: int = 0) -> bytes:
    """Return a stored value as the call's answer, at ``revision`` (0: at none).

    It tells who owns the object's fields if the call asks for that. Raises ``errors.Damaged``.
    """
    plain = call.kind.answer(value, revision)
    return await owners.shown(call, value, plain) if owners.are_asked_for(call) else plain
