"""Bind: assign an object to another one, once.

What that changes is a named function (the option ``binding`` of a resource).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube_server.verbs import get, owners, replacement, requests
from protocube_server.verbs.patch import TRIES

if TYPE_CHECKING:
    from protocube_server.calls.call import Call
    from protocube_server.kinds.kind import Kind
    from protocube_server.verbs.api import Api


async def bind(api: Api, call: Call) -> bytes:
    """Answer a BindRequest with the object as it is then.

    The uid and the resource version of the Binding are conditions on the object. As in
    Kubernetes nobody owns what it changes, and the rules of updates do not hold for it. Raises
    ``errors.Conflict`` for an object that is assigned already, or cannot be.
    """
    binding = await requests.check_claims(call, "v1", "Binding")
    kind, name = call.kind, call.target.name
    get.require_name(name)
    assign = kind.binding
    if assign is None:
        raise errors.NotFound("the server could not find the requested resource")
    asked = binding.metadata
    for left in reversed(range(TRIES)):
        record = await get.stored(api, call)
        old = kind.read(record)
        replacement.require_uid(kind, name, asked.uid, old.metadata.uid)
        if asked.resource_version:
            replacement.require_version(kind, record, name, asked.resource_version)
        new = type(old)()
        new.CopyFrom(old)
        assign(new, binding, api.now())
        try:
            return await replacement.write(
                api, call, record, old, new, owners=_Unowned(kind), is_valid=True
            )
        except errors.Conflict:
            if asked.resource_version or not left:
                raise
    raise AssertionError("unreachable: the last try returns or raises")


class _Unowned:
    """Finds the owners after a write of the server's own."""

    def __init__(self, kind: Kind) -> None:
        self._kind = kind

    async def __call__(self, value: bytes, old: Any, new: Any, *, is_same: bool) -> bytes:
        """See :class:`~protocube_server.verbs.replacement.FindOwners`."""
        del old, is_same
        return await owners.unowned(self._kind, value, new)
