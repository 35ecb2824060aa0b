"""Patch: change parts of an object, whatever else it is by now."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from protocube import errors
from protocube_server.verbs import get, owners, patches, replacement, requests, subresources

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from protocube_server.calls.call import Call
    from protocube_server.kinds.kind import Kind
    from protocube_server.verbs.api import Api
    from protocube_server.verbs.patches import Patched
    from protocube_server.verbs.subresources import Part

TRIES: Final = 5
"""So often a patch is carried out anew on what another write has left meanwhile."""

Change = Callable[[Any], "Awaitable[Patched]"]
"""Makes the object to write of the one that is stored, which it is given as it is answered."""


async def patch(api: Api, call: Call) -> bytes:
    """Answer a PatchXRequest with the object as it is then."""
    part = subresources.named(call)
    await requests.check_unknown(call)
    change = patches.read(call.request, lambda version: _version(call, version))

    async def changed(message: Any) -> Patched:
        found = await change.of(message)
        patches.tell_unknown(call, found)
        requests.require_target(call, found.message.metadata)
        await requests.require_expressible(call, found.message)
        return found

    return await carry_out(api, call, changed, part, shows_owners=change.speaks_of_owners)


def _version(call: Call, api_version: str) -> Kind | None:
    versions = call.edition.kinds.versions_of(call.kind)
    return next((kind for kind in versions if kind.resource.api_version == api_version), None)


async def carry_out(
    api: Api, call: Call, change: Change, part: Part, *, shows_owners: bool = False
) -> bytes:
    """Change the stored object and return the answer.

    It is done anew when another write was faster, as long as the change fits what that has
    left: a resource version in it does not. The object is given to ``change`` with its owners if
    it ``shows_owners``. Raises ``errors.NotFound``, what ``change`` raises,
    and as :func:`replacement.write`.
    """
    kind, name = call.kind, call.target.name
    get.require_name(name)
    told = len(call.warnings)
    for left in reversed(range(TRIES)):
        del call.warnings[told:]
        record = await get.stored(api, call)
        old = kind.read(record)
        shown = type(old)()
        shown.CopyFrom(old)
        shown.metadata.resource_version = str(record.mod_revision)
        if shows_owners:
            await owners.show(kind, record.value, shown)
        patched = await change(shown)
        new = patched.message
        find = owners.Update(api, call, patched.managed_fields)
        replacement.require_version(kind, record, name, new.metadata.resource_version)
        try:
            return await replacement.replace(
                api, call, record, old, new, part, [*patched.faults, *find.faults], owners=find
            )
        except errors.Conflict:
            if not left:
                raise
    raise AssertionError("unreachable: the last try returns or raises")
