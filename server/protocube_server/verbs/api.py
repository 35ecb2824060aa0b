"""What every verb works on, and what it knows of the call."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from protocube_server.storage import limits
from protocube_server.verbs.namespaces import Active

if TYPE_CHECKING:
    from collections.abc import Callable

    from protocube_server.cache import Cache
    from protocube_server.kinds.registry import Registry
    from protocube_server.storage.base import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds on sizes, in bytes. Each refusal names the one it met."""

    request: int = 3 * 1024 * 1024
    """A whole request, as in Kubernetes."""
    value: int = limits.MAX_BYTES - 1024
    """A stored object; the rest is for its key."""
    response: int = 4 * 1024 * 1024
    """A message to a client: what stock stubs accept."""


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """The store, the kinds and the bounds that all verbs share."""

    store: Store
    cache: Cache
    """Over the same store, whose keys it was given the prefix of."""
    kinds: Registry
    limits: Limits = field(default_factory=Limits)
    now: Callable[[], datetime] = _now
    active_namespaces: Active = field(default_factory=Active)
    beginnings: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held for a page of what a watch begins with, until the next turn of the event loop.

    A hundred watches that begin at once would else take one turn as long as all of them
    together, and every other call would wait for it.
    """


@dataclass(slots=True, kw_only=True)
class Call:
    """One call as the verbs see it: what they tell the caller beside the answer."""

    warnings: list[str] = field(default_factory=list)
