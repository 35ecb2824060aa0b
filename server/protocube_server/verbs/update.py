"""Update and UpdateStatus: replace an object that has not changed since it was read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube import errors
from protocube_server.verbs import finalizers, namespaces, replacement, requests, system_fields

if TYPE_CHECKING:
    from protocube_server.calls.call import Call
    from protocube_server.verbs.api import Api


async def update(api: Api, call: Call) -> bytes:
    """Answer an UpdateXRequest; the status stays as it is where it has a method of its own."""
    kind = call.kind
    new = (await requests.check_object(call)).object
    current, old = await replacement.current(api, kind, new)
    system_fields.keep(old, new)
    if kind.has_status:
        system_fields.replace(new, old, "status")
    # What an earlier release stored has not all of today's defaults, and means them.
    before = kind.defaults.applied(old)
    added = [name for name in new.metadata.finalizers if name not in old.metadata.finalizers]
    if new.metadata.HasField("deletion_timestamp") and added:
        why = (
            "no new finalizers can be added if the object is being deleted, "
            f"found new finalizers {added}"
        )
        raise errors.forbidden(kind.resource.qualified, new.metadata.name, why)
    if api.admission is not None:
        await api.admission.mutate(call, before, new)
    if finalizers.are_all_that_goes(old, before, new):
        return await replacement.write(
            api, call, current, before, finalizers.without(old, new), is_checked=True
        )
    await kind.defaults.apply_in_turns(new)
    kind.update_defaults.apply(before, new)
    namespaces.keep_finalizer(kind, old, new)
    if kind.has_spec and new.spec != before.spec:
        new.metadata.generation = old.metadata.generation + 1
    return await replacement.write(api, call, current, before, new)


async def update_status(api: Api, call: Call) -> bytes:
    """Answer an UpdateXRequest by replacing the status and nothing else."""
    kind = call.kind
    new = (await requests.check_object(call)).object
    current, old = await replacement.current(api, kind, new)
    status = type(old)()
    system_fields.replace(status, new, "status")
    new.CopyFrom(old)
    system_fields.replace(new, status, "status")
    before = kind.defaults.applied(old)
    if api.admission is not None:
        await api.admission.mutate(call, before, new)
    await kind.defaults.apply_in_turns(new)
    namespaces.keep_finalizer(kind, old, new)
    return await replacement.write(api, call, current, before, new)
