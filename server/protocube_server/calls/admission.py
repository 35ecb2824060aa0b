"""What may change or refuse an object between a request and the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from protocube_server.calls.call import Call


class Admission(Protocol):
    """Asked by every verb that writes, at two points, in Kubernetes' order.

    Both raise ``errors.ApiError`` to refuse. ``old`` is ``None`` for a create, ``new``
    for a delete.
    """

    async def mutate(self, call: Call, old: Any, new: Any) -> bool:
        """Change ``new`` in place, which has its defaults: before validation.

        Tell whether what was changed needs its defaults filled in once more.
        """
        ...

    async def validate(self, call: Call, old: Any, new: Any) -> None:
        """Look at ``new`` as it will be stored: after validation."""
        ...
