"""The methods of the typed services: what each asks for, and the verb that does it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from protocube.meta.v1 import requests_pb2
from protocube_server.calls.call import Call
from protocube_server.calls.verb import FindTarget, Parse, RequestClass, Verb
from protocube_server.verbs import requests, subresources
from protocube_server.verbs.api import Api
from protocube_server.verbs.apply import apply
from protocube_server.verbs.bind import bind
from protocube_server.verbs.create import create
from protocube_server.verbs.create_token import create_token
from protocube_server.verbs.delete import delete
from protocube_server.verbs.delete_collection import delete_collection
from protocube_server.verbs.evict import evict
from protocube_server.verbs.get import get
from protocube_server.verbs.list import list_
from protocube_server.verbs.once import carried_out
from protocube_server.verbs.patch import patch
from protocube_server.verbs.review import review
from protocube_server.verbs.scale import apply_scale, get_scale, patch_scale, update_scale
from protocube_server.verbs.status_writes import UPDATE_STATUS
from protocube_server.verbs.update import finalize, update, update_status
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
_WRITE, _WRITE_MANY = RequestClass.WRITE, RequestClass.WRITE_MANY
_WATCH = RequestClass.WATCH


def _method(
    method: str,
    word: str,
    request_class: RequestClass,
    target: Callable[[Kind], FindTarget],
    run: Run,
    *,
    parser: Callable[[Kind], Parse] | None = None,
    subresource: str = "",
    part: Callable[[Any], str] | None = None,
) -> Method:
    """Return a method; each kind has a request of its name, unless ``parser`` is given."""
    verb = Verb(
        method=method,
        word=word,
        subresource=subresource,
        request_class=request_class,
        parser=parser or requests.of_kind(method),
        target=target,
        part=part,
    )
    return Method(verb=verb, run=run)


_update = requests.of_kind("Update")
_get = requests.shared(requests_pb2.GetRequest)
_list = requests.shared(requests_pb2.ListRequest)
_delete = requests.shared(requests_pb2.DeleteRequest, judged="propagation_policy")
_delete_all = requests.shared(requests_pb2.DeleteCollectionRequest, judged="propagation_policy")
_watch = requests.shared(requests_pb2.WatchRequest)

_ALL = (
    _method("Create", "create", _WRITE, requests.carried, carried_out(create)),
    _method("Get", "get", _READ, requests.one, get, parser=_get),
    _method("List", "list", _LIST, requests.many, list_, parser=_list),
    _method("Update", "update", _WRITE, requests.carried, carried_out(update)),
    Method(verb=UPDATE_STATUS, run=carried_out(update_status)),
    _method(
        "Finalize",
        "update",
        _WRITE,
        requests.carried,
        carried_out(finalize),
        parser=_update,
        subresource="finalize",
    ),
    _method("Patch", "patch", _WRITE, requests.one, carried_out(patch), part=subresources.word),
    _method("Apply", "patch", _WRITE, requests.applied, carried_out(apply), part=subresources.word),
    _method("GetScale", "get", _READ, requests.one, get_scale, parser=_get, subresource="scale"),
    _method("UpdateScale", "update", _WRITE, requests.carried, update_scale, subresource="scale"),
    _method("PatchScale", "patch", _WRITE, requests.one, patch_scale, subresource="scale"),
    _method("ApplyScale", "patch", _WRITE, requests.applied, apply_scale, subresource="scale"),
    _method(
        "Evict", "create", _WRITE, requests.carried, carried_out(evict), subresource="eviction"
    ),
    _method("Bind", "create", _WRITE, requests.carried, carried_out(bind), subresource="binding"),
    # A repeated one makes another token: no record of a call may hold one.
    _method(
        "CreateToken",
        "create",
        _WRITE,
        requests.carried,
        create_token,
        subresource="token",
    ),
    _method("Delete", "delete", _WRITE, requests.one, carried_out(delete), parser=_delete),
    _method(
        "DeleteCollection",
        "deletecollection",
        _WRITE_MANY,
        requests.many,
        delete_collection,
        parser=_delete_all,
    ),
    _method("Watch", "watch", _WATCH, requests.many, watch, parser=_watch),
)

METHODS: Mapping[str, Method] = {item.verb.method: item for item in _ALL}
"""All methods of kinds whose objects are stored, by name."""

_REVIEW = _method("Create", "create", _READ, requests.carried, review)
"""It changes nothing, whatever its name is."""


def of_kind(kind: Kind, name: str) -> Method | None:
    """Return the method of a kind by its name, ``None`` when its service has none of that name."""
    if name not in kind.resource.methods:
        return None
    if kind.review:
        return _REVIEW if name == _REVIEW.verb.method else None
    return METHODS.get(name)
