"""GetScale and the methods that write it: the number of replicas of an object of any kind."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube_server import turns
from protocube_server.kinds.ownership import scaling
from protocube_server.kinds.ownership.entries import Operation
from protocube_server.verbs import get, owners, patches, replacement, requests, subresources
from protocube_server.verbs.apply import claimed, configuration, require_version
from protocube_server.verbs.configurations import Form
from protocube_server.verbs.once import carried_out
from protocube_server.verbs.patch import TRIES, carry_out
from protocube_server.verbs.patches import Patched

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from protocube_server.calls.call import Call
    from protocube_server.storage.base import Record
    from protocube_server.verbs.api import Api
    from protocube_server.verbs.configurations import Configuration
    from protocube_server.verbs.patch import Change

    Run = Callable[[Api, Call], Awaitable[bytes]]

_KIND = "Scale.autoscaling"


def _answered_as_scale(run: Run) -> Run:
    """Return a verb that answers with the Scale of the object that ``run`` answers with."""

    @functools.wraps(run)
    async def handle(api: Api, call: Call) -> bytes:
        answer = await run(api, call)
        scale = call.kind.scales.of(call.kind.resource.message_class.FromString(answer))
        body: bytes = scale.SerializeToString(deterministic=True)
        return body

    return handle


@_answered_as_scale
async def get_scale(api: Api, call: Call) -> bytes:
    """Answer a GetRequest with the Scale of the object."""
    return await get.get(api, call)


@_answered_as_scale
@carried_out
async def update_scale(api: Api, call: Call) -> bytes:
    """Answer an UpdateScaleRequest with the Scale as it is then."""
    scale = await requests.check_claims(call, "autoscaling/v1", "Scale")

    async def change(_: Any) -> Patched:
        return Patched(message=scale)

    return await _carry_out(api, call, change)


@_answered_as_scale
@carried_out
async def patch_scale(api: Api, call: Call) -> bytes:
    """Answer a PatchScaleRequest with the Scale as it is then."""
    await requests.check_unknown(call)
    change = patches.read(call.request)
    return await _carry_out(api, call, change.of)


@_answered_as_scale
@carried_out
async def apply_scale(api: Api, call: Call) -> bytes:
    """Answer an ApplyScaleRequest with the Scale as it is then.

    Raises ``errors.NotFound`` for an object that is missing, and otherwise as ``apply`` does.
    """
    scales = call.kind.scales
    form = Form(
        api_version=scaling.API_VERSION,
        kind="Scale",
        message_class=scales.message_class,
        expressible=scales.expressible,
    )
    wanted = await configuration(call, form)
    for left in reversed(range(TRIES)):
        record = await get.stored(api, call)
        try:
            return await _apply(api, call, record, wanted)
        except errors.Conflict as error:
            if not left or error.violations or wanted.resource_version:
                raise
    raise AssertionError("unreachable: the last try returns or raises")


async def _apply(api: Api, call: Call, record: Record, wanted: Configuration) -> bytes:
    kind = call.kind
    old = kind.read(record)
    require_version(call, record, wanted)
    scale = kind.scales.of(old)
    spec = wanted.data.get("spec") or {}
    steps = scaling.apply(
        await turns.returned(kind.owners.entries(record.value)),
        scaling.path(kind.scales.replicas),
        owners.writer(call, Operation.APPLY),
        had=scale.spec.replicas,
        wanted=spec.get("replicas"),
        force=call.request.force,
    )
    applied = await claimed(call, steps)
    scale.spec.replicas = applied.replicas
    new = _scaled(call, old, scale)
    new.metadata.uid = wanted.uid or old.metadata.uid
    claims = owners.Claims(call, applied.entries)
    return await replacement.replace(
        api, call, record, old, new, subresources.OBJECT, owners=claims
    )


def _scaled(call: Call, message: Any, scale: Any, faults: Iterable[errors.Violation] = ()) -> Any:
    """Return an object with the number of its Scale. Raises ``errors.Invalid`` for none."""
    found = [*faults, *turns.at_once(call.kind.contract.faults(scale))]
    if found:
        raise errors.invalid(_KIND, scale.metadata.name, found)
    return call.kind.scales.with_replicas(message, scale.spec.replicas)


async def _carry_out(api: Api, call: Call, change: Change) -> bytes:
    kind = call.kind

    async def changed(message: Any) -> Patched:
        patched = await change(kind.scales.of(message))
        patches.tell_unknown(call, patched)
        scale = patched.message
        requests.require_target(call, scale.metadata)
        new = _scaled(call, message, scale, patched.faults)
        # The conditions of the Scale are its object's.
        new.metadata.resource_version = scale.metadata.resource_version
        new.metadata.uid = scale.metadata.uid or new.metadata.uid
        return Patched(message=new)

    return await carry_out(api, call, changed, subresources.OBJECT)
