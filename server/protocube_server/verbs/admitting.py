"""Lets admission change an object, and remembers what its writer wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube_server import turns

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from protocube_server.calls.admission import T
    from protocube_server.calls.call import Call
    from protocube_server.storage.base import Put
    from protocube_server.verbs.api import Api


async def mutate(api: Api, call: Call, old: Any, new: Any) -> Any | None:
    """Let admission change ``new``, which has its defaults, in place.

    Return ``new`` as it was before, ``None`` without admission: what the server fills in is
    nobody's. Raises what refuses it, and ``errors.BadRequest`` when it would be another object.
    ``call.is_reshaped`` then tells that the rest of what only the server writes is to be restored.
    """
    if api.admission is None:
        return None
    asked = type(new)()
    asked.CopyFrom(new)
    call.is_reshaped = False
    if await api.admission.mutate(call, old, new):
        await turns.taken(call.kind.defaults.filling(new))
    if call.is_reshaped:
        _require_same(asked.metadata, new.metadata)
    return asked


def _require_same(asked: Any, changed: Any) -> None:
    """Refuse another name or namespace: rights were asked for, and a place found, for those."""
    if changed.name != asked.name:
        raise errors.BadRequest(
            f"the name of the object ({changed.name}) does not match the name on the URL "
            f"({asked.name})"
        )
    changed.namespace = changed.namespace or asked.namespace
    if changed.namespace != asked.namespace:
        raise errors.BadRequest(
            "the namespace of the provided object does not match the namespace sent on the request"
        )


async def check_quota(api: Api, call: Call, old: Any, new: Any) -> None:
    """Refuse what quotas do not allow, where nothing is written."""
    if api.admission is not None:
        await api.admission.check_quota(call, old, new)


async def charged(
    api: Api, call: Call, old: Any, new: Any, write: Callable[[Sequence[Put]], Awaitable[T]]
) -> T:
    """Return what ``write`` does; see ``Admission.charged``."""
    if api.admission is None:
        return await write(())
    return await api.admission.charged(call, old, new, write)
