"""The request of each verb on a kind, as it goes over the wire.

``Client`` and the command line's ``Helper`` build their requests here and nowhere else.
A create needs the envelopes alone; what the other verbs need is imported when they are
used, because the command line starts sooner without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

from protocube import errors
from protocube_client import envelopes
from protocube_client.request import Request

if TYPE_CHECKING:
    from collections.abc import Iterable

    from google.protobuf.message import Message

    from protocube.meta.v1 import requests_pb2
    from protocube.watch.v1 import watches_pb2
    from protocube_client.options import (
        ApplyOptions,
        DeletionOptions,
        EvictionOptions,
        FieldValidation,
        NamedDeletionOptions,
        PagedSelection,
        PatchData,
        PatchOptions,
        Propagation,
        ReadOptions,
        ScaleApplyOptions,
        Selection,
        Subresource,
        TokenOptions,
        WatchAllOptions,
        WriteOptions,
    )
    from protocube_client.target import Target

_WATCH_ALL = "/protocube.watch.v1.Watches/Watch"
_REPEATABLE = frozenset({"Get", "GetScale", "List", "CreateToken", "Apply", "ApplyScale"})
"""Methods that do no harm, or the same again, when they are carried out twice."""
# The numbers of protocube.meta.v1.FieldValidation.
_VALIDATION: dict[FieldValidation, int] = {"strict": 1, "warn": 2, "ignore": 3}
# Those of protocube.api.v1.Subresource; a Scale has methods of its own.
_SUBRESOURCES: dict[Subresource, int] = {"": 0, "status": 1, "scale": 0}


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


def update_scale(target: Target[Any], scale: Message, **options: Unpack[WriteOptions]) -> Request:
    """Return the request that gives the object that ``scale`` names its number of replicas."""
    return _write(target, "UpdateScale", scale, options)


def patch(
    target: Target[Any],
    name: str,
    change: PatchData | Message,
    *,
    subresource: Subresource = "",
    **options: Unpack[PatchOptions],
) -> Request:
    """Return the request that changes parts of the object ``name``, or of its subresource.

    ``change`` is a patch, or a message of which the fields that the options name are
    taken. Raises ``TypeError`` for data that has no JSON form.
    """
    from protocube_client import patches

    content = patches.content(
        change, form=options.get("type", "strategic"), fields=options.get("fields", ())
    )
    message = envelopes.PatchRequest(
        name=name,
        namespace=options.get("namespace", ""),
        subresource=_SUBRESOURCES[subresource],
        **content,
        **_writing(options),
    )
    return _request(target, "PatchScale" if subresource == "scale" else "Patch", message)


def apply(target: Target[Any], item: Message, **options: Unpack[ApplyOptions]) -> Request:
    """Return the request that gives an object what ``item`` has, and its manager wants."""
    message = envelopes.ApplyRequest(
        object=item.SerializeToString(deterministic=True), **_applying(options)
    )
    metadata = getattr(item, "metadata", None)
    conditional = bool(getattr(metadata, "resource_version", ""))
    return _request(target, "Apply", message, is_conditional=conditional)


def apply_manifest(
    target: Target[Any],
    name: str,
    manifest: str,
    *,
    namespace: str = "",
    **options: Unpack[ApplyOptions],
) -> Request:
    """Return the request that applies a document of YAML or JSON to the object ``name``."""
    message = envelopes.ApplyRequest(
        name=name, namespace=namespace, manifest=manifest, **_applying(options)
    )
    return _request(target, "Apply", message, is_conditional="resourceVersion" in manifest)


def apply_scale(
    target: Target[Any],
    name: str,
    replicas: int | None,
    **options: Unpack[ScaleApplyOptions],
) -> Request:
    """Return the request that applies a number of replicas to the object ``name``, or none."""
    import json

    # As text, which can say zero.
    scale = {
        "apiVersion": "autoscaling/v1",
        "kind": "Scale",
        "metadata": {"name": name},
        "spec": {} if replicas is None else {"replicas": replicas},
    }
    message = envelopes.ApplyRequest(
        name=name,
        namespace=options.get("namespace", ""),
        manifest=json.dumps(scale),
        force=options.get("force", False),
        **_writing(options),
    )
    return _request(target, "ApplyScale", message)


def get(target: Target[Any], name: str, **options: Unpack[ReadOptions]) -> Request:
    """Return the request that reads the object ``name``."""
    return _read(target, "Get", name, options)


def get_scale(target: Target[Any], name: str, *, namespace: str = "") -> Request:
    """Return the request that reads the Scale of the object ``name``."""
    return _read(target, "GetScale", name, {"namespace": namespace})


def list_page(target: Target[Any], **selection: Unpack[PagedSelection]) -> Request:
    """Return the request that lists one page: the first, or the one that a token continues.

    Raises ``errors.BadRequest`` for two versions that exclude each other.
    """
    from protocube.meta.v1 import requests_pb2

    continue_token = selection.get("continue_token", "")
    message = requests_pb2.ListRequest(
        namespace=selection.get("namespace", ""),
        label_selector=selection.get("label_selector", ""),
        field_selector=selection.get("field_selector", ""),
        limit=selection.get("page_size", 0),
        continue_token=continue_token,
        include_managed_fields=selection.get("include_managed_fields", False),
    )
    at, least = selection.get("at_revision", ""), selection.get("resource_version", "")
    if at and least:
        raise errors.BadRequest("resource_version and at_revision cannot both be given")
    # The token of a page says of which version it is.
    if not continue_token and (at or least):
        message.resource_version = at or least
        message.resource_version_match = (
            requests_pb2.RESOURCE_VERSION_MATCH_EXACT
            if at
            else requests_pb2.RESOURCE_VERSION_MATCH_NOT_OLDER_THAN
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


def evict(target: Target[Any], name: str, **options: Unpack[EvictionOptions]) -> Request:
    """Return the request that deletes the object ``name`` if its budget allows it."""
    from protocube.policy.v1 import eviction_requests_pb2

    message = eviction_requests_pb2.EvictRequest(
        dry_run=options.get("dry_run", False), request_id=options.get("request_id", "")
    )
    eviction = message.object
    eviction.metadata.name = name
    eviction.metadata.namespace = options.get("namespace", "")
    seconds = options.get("grace_period_seconds")
    if seconds is not None:
        eviction.delete_options.grace_period_seconds = seconds
    return _request(target, "Evict", message)


def create_token(target: Target[Any], name: str, **options: Unpack[TokenOptions]) -> Request:
    """Return the request for a token of the service account ``name``."""
    from protocube.authentication.v1 import token_request_requests_pb2

    message = token_request_requests_pb2.CreateTokenRequest()
    wanted = message.object
    wanted.metadata.name = name
    wanted.metadata.namespace = options.get("namespace", "")
    wanted.spec.audiences.extend(options.get("audiences", ()))
    seconds = options.get("expiration_seconds")
    if seconds is not None:
        wanted.spec.expiration_seconds = seconds
    if options.get("bound_kind"):
        bound = wanted.spec.bound_object_ref
        bound.api_version, bound.kind = "v1", options.get("bound_kind", "")
        bound.name, bound.uid = options.get("bound_name", ""), options.get("bound_uid", "")
    return _request(target, "CreateToken", message)


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


def watch_all(
    kinds: Iterable[watches_pb2.WatchedKind],
    options: WatchAllOptions,
    *,
    resource_version: str,
    send_initial_events: bool,
) -> Request:
    """Return the request of the stream that follows ``kinds``, or all, after a version.

    The version, and whether the present objects come first, are not those of ``options``.
    The stream also says, without events, how far it has come.
    """
    from protocube.meta.v1 import requests_pb2
    from protocube.watch.v1 import watches_pb2

    message = watches_pb2.WatchManyRequest(
        kinds=kinds,
        namespace=options.get("namespace", ""),
        label_selector=options.get("label_selector", ""),
        resource_version=resource_version,
        resource_version_match=requests_pb2.RESOURCE_VERSION_MATCH_NOT_OLDER_THAN,
        send_initial_events=send_initial_events,
        send_progress=True,
        metadata_only=options.get("metadata_only", False),
        include_managed_fields=options.get("include_managed_fields", False),
    )
    return Request(method=_WATCH_ALL, body=message.SerializeToString(), is_repeatable=True)


def _write(target: Target[Any], method: str, item: Message, options: WriteOptions) -> Request:
    message = envelopes.WriteRequest(
        object=item.SerializeToString(deterministic=True), **_writing(options)
    )
    return _request(target, method, message)


def validation(name: FieldValidation) -> Any:
    """Return the number that says what to do with unknown fields."""
    return _VALIDATION[name]


def _writing(options: WriteOptions) -> dict[str, Any]:
    """Return the fields that the requests of all writes have."""
    return {
        "dry_run": options.get("dry_run", False),
        "field_manager": options.get("field_manager", ""),
        "request_id": options.get("request_id", ""),
        "field_validation": validation(options.get("validation", "strict")),
        "include_managed_fields": options.get("include_managed_fields", False),
    }


def _applying(options: ApplyOptions) -> dict[str, Any]:
    return {
        "force": options.get("force", False),
        "subresource": _SUBRESOURCES[options.get("subresource", "")],
        **_writing(options),
    }


def _read(target: Target[Any], method: str, name: str, options: ReadOptions) -> Request:
    from protocube.meta.v1 import requests_pb2

    return _request(target, method, requests_pb2.GetRequest(name=name, **options))


def _request(
    target: Target[Any], method: str, message: Message, *, is_conditional: bool = False
) -> Request:
    """Return a request. One ``is_conditional`` that is repeated would find its own write."""
    fields: Any = message
    return Request(
        method=target.method(method),
        body=message.SerializeToString(),
        is_repeatable=(method in _REPEATABLE and not is_conditional)
        or bool(getattr(fields, "request_id", "") or getattr(fields, "dry_run", False)),
    )


def _propagation(policy: Propagation | None) -> requests_pb2.PropagationPolicy.ValueType:
    from protocube.meta.v1 import requests_pb2

    name = (policy or "unspecified").upper()
    return requests_pb2.PropagationPolicy.Value(f"PROPAGATION_POLICY_{name}")
