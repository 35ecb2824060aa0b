"""The methods of the typed services: what each asks for, and the verb that does it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass

from protocube.meta.v1 import requests_pb2
from protocube_server.calls.call import Call
from protocube_server.calls.verb import RequestClass, Verb
from protocube_server.verbs import requests
from protocube_server.verbs.api import Api
from protocube_server.verbs.create import create
from protocube_server.verbs.delete import delete
from protocube_server.verbs.delete_collection import delete_collection
from protocube_server.verbs.get import get
from protocube_server.verbs.list import list_
from protocube_server.verbs.update import update, update_status
from protocube_server.verbs.watch import watch

Run = Callable[[Api, Call], Awaitable[bytes] | AsyncGenerator[bytes, None]]
"""Does what a verb says. One that streams returns a generator of responses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """A verb, and the function that does it."""

    verb: Verb
    run: Run


_ALL = (
    Method(
        verb=Verb(
            method="Create",
            word="create",
            request_class=RequestClass.WRITE,
            parser=requests.creating,
            target=requests.carried,
        ),
        run=create,
    ),
    Method(
        verb=Verb(
            method="Get",
            word="get",
            request_class=RequestClass.READ,
            parser=requests.shared(requests_pb2.GetRequest),
            target=requests.one,
        ),
        run=get,
    ),
    Method(
        verb=Verb(
            method="List",
            word="list",
            request_class=RequestClass.LIST,
            parser=requests.shared(requests_pb2.ListRequest),
            target=requests.many,
        ),
        run=list_,
    ),
    Method(
        verb=Verb(
            method="Update",
            word="update",
            request_class=RequestClass.WRITE,
            parser=requests.updating,
            target=requests.carried,
        ),
        run=update,
    ),
    Method(
        verb=Verb(
            method="UpdateStatus",
            word="update",
            subresource="status",
            request_class=RequestClass.WRITE,
            parser=requests.updating,
            target=requests.carried,
        ),
        run=update_status,
    ),
    Method(
        verb=Verb(
            method="Delete",
            word="delete",
            request_class=RequestClass.WRITE,
            parser=requests.shared(requests_pb2.DeleteRequest),
            target=requests.one,
        ),
        run=delete,
    ),
    Method(
        verb=Verb(
            method="DeleteCollection",
            word="deletecollection",
            request_class=RequestClass.WRITE,
            parser=requests.shared(requests_pb2.DeleteCollectionRequest),
            target=requests.many,
        ),
        run=delete_collection,
    ),
    Method(
        verb=Verb(
            method="Watch",
            word="watch",
            request_class=RequestClass.WATCH,
            parser=requests.shared(requests_pb2.WatchRequest),
            target=requests.many,
        ),
        run=watch,
    ),
)

METHODS: Mapping[str, Method] = {item.verb.method: item for item in _ALL}
"""All methods by name."""
