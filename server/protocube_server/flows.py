"""Whose work the present task does: what is shared fairly is shared between flows.

The word is that of Kubernetes' API priority and fairness. A flow is a user, or where nobody is
asked who they are a connection; work that no caller asked for is a flow of its own.
"""

from __future__ import annotations

from collections.abc import Hashable
from contextvars import ContextVar

Flow = Hashable
"""Equal for all work that shares with each other."""

_flow: ContextVar[Flow] = ContextVar("flow", default=None)


def of_user(name: str) -> Flow:
    """Return what all work of a user shares by."""
    return "user", name


def enter(flow: Flow) -> None:
    """Say whose work the present task does from now on, and each task that it starts."""
    _flow.set(flow)


def current() -> Flow:
    """Return whose work the present task does; ``None`` for the server's own."""
    return _flow.get()
