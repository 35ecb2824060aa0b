"""The verb of each method, by the method's name."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping

from protocube_server.kinds.kind import Kind
from protocube_server.verbs.api import Api, Call
from protocube_server.verbs.create import create
from protocube_server.verbs.delete import delete
from protocube_server.verbs.delete_collection import delete_collection
from protocube_server.verbs.get import get
from protocube_server.verbs.list import list_
from protocube_server.verbs.update import update, update_status
from protocube_server.verbs.watch import watch

Unary = Callable[[Api, Kind, bytes, Call], Awaitable[bytes]]
Stream = Callable[[Api, Kind, bytes, Call], AsyncGenerator[bytes, None]]

UNARY: Mapping[str, Unary] = {
    "Create": create,
    "Get": get,
    "List": list_,
    "Update": update,
    "UpdateStatus": update_status,
    "Delete": delete,
    "DeleteCollection": delete_collection,
}
"""The unary methods by name."""

STREAMS: Mapping[str, Stream] = {"Watch": watch}
"""The server-streaming methods by name."""
