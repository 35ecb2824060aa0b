"""The methods of the typed services: what each asks for, and the verb that does it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from protocube.meta.v1 import requests_pb2
from protocube_server.calls.call import Call
from protocube_server.calls.verb import FindTarget, Parse, RequestClass, Verb
from protocube_server.verbs import requests
from protocube_server.verbs.api import Api
from protocube_server.verbs.create import create
from protocube_server.verbs.delete import delete
from protocube_server.verbs.delete_collection import delete_collection
from protocube_server.verbs.get import get
from protocube_server.verbs.list import list_
from protocube_server.verbs.once import carried_out
from protocube_server.verbs.update import update, update_status
from protocube_server.verbs.watch import watch

if TYPE_CHECKING:
    from protocube_server.kinds.kind import Kind

Run = Callable[[Api, Call], Awaitable[bytes] | AsyncGenerator[bytes, None]]
"""Does what a verb says. One that streams returns a generator of responses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """A verb, and the function that does it."""

    verb: Verb
    run: Run


_READ, _LIST = RequestClass.READ, RequestClass.LIST
_WRITE, _WATCH = RequestClass.WRITE, RequestClass.WATCH


def _method(
    method: str,
    word: str,
    request_class: RequestClass,
    parser: Callable[[Kind], Parse],
    target: Callable[[Kind], FindTarget],
    run: Run,
    *,
    subresource: str = "",
) -> Method:
    verb = Verb(
        method=method,
        word=word,
        subresource=subresource,
        request_class=request_class,
        parser=parser,
        target=target,
    )
    return Method(verb=verb, run=run)


_get = requests.shared(requests_pb2.GetRequest)
_list = requests.shared(requests_pb2.ListRequest)
_delete = requests.shared(requests_pb2.DeleteRequest)
_delete_all = requests.shared(requests_pb2.DeleteCollectionRequest)
_watch = requests.shared(requests_pb2.WatchRequest)

_ALL = (
    _method("Create", "create", _WRITE, requests.creating, requests.carried, carried_out(create)),
    _method("Get", "get", _READ, _get, requests.one, get),
    _method("List", "list", _LIST, _list, requests.many, list_),
    _method("Update", "update", _WRITE, requests.updating, requests.carried, carried_out(update)),
    _method(
        "UpdateStatus",
        "update",
        _WRITE,
        requests.updating,
        requests.carried,
        carried_out(update_status),
        subresource="status",
    ),
    _method("Delete", "delete", _WRITE, _delete, requests.one, carried_out(delete)),
    _method(
        "DeleteCollection",
        "deletecollection",
        _WRITE,
        _delete_all,
        requests.many,
        delete_collection,
    ),
    _method("Watch", "watch", _WATCH, _watch, requests.many, watch),
)

METHODS: Mapping[str, Method] = {item.verb.method: item for item in _ALL}
"""All methods by name."""
