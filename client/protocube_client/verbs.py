"""The request of each verb on a kind, as it goes over the wire.

``Client`` and the command line's ``Helper`` build their requests here and nowhere else.
A create needs the envelopes alone; what the other verbs need is imported when they are
used, because the command line starts sooner without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

from protocube_client import envelopes
from protocube_client.request import Request

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from protocube.meta.v1 import requests_pb2
    from protocube_client.options import (
        DeletionOptions,
        FieldValidation,
        NamedDeletionOptions,
        PagedSelection,
        Propagation,
        Selection,
        WriteOptions,
    )
    from protocube_client.target import Target

# The numbers of protocube.meta.v1.FieldValidation.
_VALIDATION: dict[FieldValidation, int] = {"strict": 1, "warn": 2, "ignore": 3}


def create(target: Target[Any], item: Message, **options: Unpack[WriteOptions]) -> Request:
    """Return the request that creates ``item``.

    As all functions here it raises ``errors.MethodNotSupported`` when the kind has no such
    method.
    """
    return _write(target, "Create", item, options)


def update(target: Target[Any], item: Message, **options: Unpack[WriteOptions]) -> Request:
    """Return the request that replaces an object by ``item``."""
    return _write(target, "Update", item, options)


def update_status(target: Target[Any], item: Message, **options: Unpack[WriteOptions]) -> Request:
    """Return the request that replaces the status of an object by that of ``item``."""
    return _write(target, "UpdateStatus", item, options)


def get(target: Target[Any], name: str, *, namespace: str = "") -> Request:
    """Return the request that reads the object ``name``."""
    from protocube.meta.v1 import requests_pb2

    message = requests_pb2.GetRequest(name=name, namespace=namespace)
    return _request(target, "Get", message)


def list_page(
    target: Target[Any], *, continue_token: str = "", **selection: Unpack[PagedSelection]
) -> Request:
    """Return the request that lists one page: the first, or the one that a token continues."""
    from protocube.meta.v1 import requests_pb2

    message = requests_pb2.ListRequest(
        namespace=selection.get("namespace", ""),
        label_selector=selection.get("label_selector", ""),
        field_selector=selection.get("field_selector", ""),
        limit=selection.get("page_size", 0),
        continue_token=continue_token,
    )
    return _request(target, "List", message)


def delete(target: Target[Any], name: str, **options: Unpack[NamedDeletionOptions]) -> Request:
    """Return the request that deletes the object ``name``."""
    from protocube.meta.v1 import requests_pb2

    message = requests_pb2.DeleteRequest(
        name=name,
        namespace=options.get("namespace", ""),
        propagation_policy=_propagation(options.get("propagation")),
        grace_period_seconds=options.get("grace_period_seconds"),
        dry_run=options.get("dry_run", False),
        ignore_store_read_error=options.get("ignore_store_read_error", False),
        request_id=options.get("request_id", ""),
    )
    if options.get("uid") or options.get("resource_version"):
        message.preconditions.uid = options.get("uid", "")
        message.preconditions.resource_version = options.get("resource_version", "")
    return _request(target, "Delete", message)


def delete_collection(
    target: Target[Any], selection: Selection, **options: Unpack[DeletionOptions]
) -> Request:
    """Return the request that deletes all objects of ``selection``."""
    from protocube.meta.v1 import requests_pb2

    message = requests_pb2.DeleteCollectionRequest(
        propagation_policy=_propagation(options.get("propagation")),
        grace_period_seconds=options.get("grace_period_seconds"),
        dry_run=options.get("dry_run", False),
        request_id=options.get("request_id", ""),
        **selection,
    )
    return _request(target, "DeleteCollection", message)


def watch(target: Target[Any], *, resource_version: str, **selection: Unpack[Selection]) -> Request:
    """Return the request of the stream that follows ``selection`` after a version.

    The stream also says, without events, how far it has come.
    """
    from protocube.meta.v1 import requests_pb2

    message = requests_pb2.WatchRequest(
        resource_version=resource_version, send_progress=True, **selection
    )
    return _request(target, "Watch", message)


def _write(target: Target[Any], method: str, item: Message, options: WriteOptions) -> Request:
    message = envelopes.WriteRequest(
        object=item.SerializeToString(deterministic=True),
        dry_run=options.get("dry_run", False),
        field_manager=options.get("field_manager", ""),
        request_id=options.get("request_id", ""),
        field_validation=_VALIDATION[options.get("validation", "strict")],
    )
    return _request(target, method, message)


def _request(target: Target[Any], method: str, message: Message) -> Request:
    return Request(method=target.method(method), body=message.SerializeToString())


def _propagation(policy: Propagation | None) -> requests_pb2.PropagationPolicy.ValueType:
    from protocube.meta.v1 import requests_pb2

    name = (policy or "unspecified").upper()
    return requests_pb2.PropagationPolicy.Value(f"PROPAGATION_POLICY_{name}")
