"""What answers the objects of a kind that are questions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from protocube_server.calls.call import Call

Review = Callable[["Call", Any], Awaitable[None]]
"""Fills in the status of an object, which is valid. Raises ``errors.ApiError``.

The call's user is who asks; whether it may ask has been decided.
"""
