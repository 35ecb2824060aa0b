"""Update, UpdateStatus and Finalize: replace an object that has not changed since it was read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube.manifests import encode
from protocube_server.verbs import get, owners, replacement, requests, subresources
from protocube_server.verbs.create import create_object

if TYPE_CHECKING:
    from protocube_server.calls.call import Call
    from protocube_server.storage.base import Record
    from protocube_server.verbs.api import Api
    from protocube_server.verbs.subresources import Part


async def update(api: Api, call: Call) -> bytes:
    """Answer an UpdateXRequest; the status stays as it is where it has a method of its own.

    Of some kinds an object that does not exist is created.
    """
    if call.kind.resource.options.create_on_update:
        return await _create_or_replace(api, call, await _object(call))
    return await _update(api, call, subresources.OBJECT)


async def update_status(api: Api, call: Call) -> bytes:
    """Answer an UpdateXRequest by replacing the status, and metadata with it."""
    return await _update(api, call, subresources.STATUS)


async def finalize(api: Api, call: Call) -> bytes:
    """Answer an UpdateXRequest by replacing what has to be done before the object goes away."""
    return await _update(api, call, subresources.FINALIZE)


async def _update(api: Api, call: Call, part: Part) -> bytes:
    new = await _object(call)
    return await _replace(api, call, await get.stored(api, call), new, part)


async def _create_or_replace(api: Api, call: Call, new: Any) -> bytes:
    """Write an object whether it is there or not.

    It may be made or deleted meanwhile: then it is done anew on what that has left, with what
    was asked for.
    """
    kind = call.kind
    asked = type(new)()
    asked.CopyFrom(new)
    told = len(call.warnings)
    while True:
        record = await api.store.get(kind.key(*call.target))
        try:
            if record is not None:
                return await _replace(api, call, record, new, subresources.OBJECT)
            replacement.require_uid(kind, new.metadata.name, new.metadata.uid, "")
            return await create_object(api, call)
        except errors.AlreadyExists:
            pass
        except errors.NotFound:
            if record is None:  # It is the namespace that is missing.
                raise
        del call.warnings[told:]
        new.CopyFrom(asked)


async def _object(call: Call) -> Any:
    new = await requests.check_object(call)
    get.require_name(new.metadata.name)
    return new


async def _replace(api: Api, call: Call, record: Record, new: Any, part: Part) -> bytes:
    """Hold the preconditions that ``new`` carries against ``record``, and write it.

    One that names no version replaces whatever is there: when another write is faster, it is
    done anew on what that has left. Raises ``errors.NotFound``, ``errors.Conflict``, and
    ``errors.Damaged`` when what is stored cannot be read.
    """
    if new.metadata.resource_version not in ("", "0"):
        return await _replace_once(api, call, record, new, part)
    told = len(call.warnings)
    while True:
        copy = type(new)()
        copy.CopyFrom(new)
        try:
            return await _replace_once(api, call, record, copy, part)
        except errors.Conflict:
            found = await api.store.get(record.key)
            if found == record:
                raise
        del call.warnings[told:]
        if found is None:
            raise errors.not_found(call.kind.resource.qualified, new.metadata.name)
        record = found


async def _replace_once(api: Api, call: Call, record: Record, new: Any, part: Part) -> bytes:
    kind, metadata = call.kind, new.metadata
    old = kind.read(record)
    replacement.require_uid(kind, metadata.name, metadata.uid, old.metadata.uid)
    replacement.require_version(kind, record, metadata.name, metadata.resource_version)
    written = encode.data(metadata).get("managedFields") if metadata.managed_fields else None
    find = owners.Update(api, call, written)
    return await replacement.replace(api, call, record, old, new, part, find.faults, owners=find)
