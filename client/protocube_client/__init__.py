"""The client of Protocube: a library for any kind, and the command line ``cubectl``."""

from __future__ import annotations

from typing import TYPE_CHECKING

__all__ = [
    "Client",
    "Connection",
    "EventType",
    "ExecPlugin",
    "Listing",
    "Page",
    "Plaintext",
    "Tls",
    "WatchEvent",
    "WatchRevision",
    "WatchedKind",
    "update_with_retry",
]

if TYPE_CHECKING:
    from protocube_client.client import Client
    from protocube_client.connection.connection import Connection
    from protocube_client.connection.exec_plugin import ExecPlugin
    from protocube_client.connection.transport import Plaintext, Tls
    from protocube_client.listing import Listing, Page
    from protocube_client.retry import update_with_retry
    from protocube_client.watching import EventType, WatchEvent
    from protocube_client.watching_all import WatchedKind, WatchRevision

_HOMES = {
    "Client": "client",
    "Connection": "connection.connection",
    "EventType": "watching",
    "ExecPlugin": "connection.exec_plugin",
    "Listing": "listing",
    "Page": "listing",
    "Plaintext": "connection.transport",
    "Tls": "connection.transport",
    "WatchEvent": "watching",
    "WatchRevision": "watching_all",
    "WatchedKind": "watching_all",
    "update_with_retry": "retry",
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first used: the command line starts without them."""
    import importlib

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
