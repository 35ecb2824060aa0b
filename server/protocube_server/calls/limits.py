"""Bounds on the sizes of requests, objects and answers."""

from __future__ import annotations

from dataclasses import dataclass

from protocube_server.storage import limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds on sizes, in bytes. Each refusal names the one it met."""

    request: int = 3 * 1024 * 1024
    """A whole request, as in Kubernetes."""
    value: int = limits.MAX_BYTES - 1024
    """A stored object; the rest is for its key."""
    response: int = 4 * 1024 * 1024
    """A message to a client: what stock stubs accept."""
