"""Lets callers in and tells the audit log of those whom no stage of a call will see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from protocube import errors
from protocube_server.edge import callers

if TYPE_CHECKING:
    from collections.abc import Awaitable

    import grpc

    from protocube_server.audit.entering import Entering
    from protocube_server.calls.standing import Standing

    Context = grpc.aio.ServicerContext[Any, Any]

_TOLD: Final = (errors.Unauthenticated, errors.Forbidden, errors.BadRequest)
"""Refusals of a caller, and of what a caller asks to be."""


class Enter(Protocol):
    """Lets a caller in to one method."""

    def __call__(
        self, context: Context, standing: Standing | None = None
    ) -> Awaitable[None] | None:
        """Find out who calls, and let the stream that is answered rest on it.

        Returns what has to be awaited for that, mostly nothing. Raises ``errors.Unauthenticated``
        and ``errors.Forbidden``.
        """
        ...


def told(entering: Entering, method: str, enter: Enter, *, alone: bool) -> Enter:
    """Return what lets in as ``enter`` does and tells who is refused; ``alone`` also who is not."""

    def refused(context: Context, error: errors.ApiError) -> None:
        caller = callers.caller(context)
        if isinstance(error, errors.Unauthenticated):
            entering.unknown(method, caller, error)
        else:
            user, behind = callers.user(), callers.behind()
            entering.refused(method, user, caller, error, behind=behind)

    def entered(context: Context) -> None:
        if alone:
            user, caller, behind = callers.user(), callers.caller(context), callers.behind()
            entering.entered(method, user, caller, behind=behind)

    async def later(waiting: Awaitable[None], context: Context) -> None:
        try:
            await waiting
        except _TOLD as error:
            refused(context, error)
            raise
        entered(context)

    def tell(context: Context, standing: Standing | None = None) -> Awaitable[None] | None:
        try:
            waiting = enter(context, standing)
        except _TOLD as error:
            refused(context, error)
            raise
        if waiting is not None:
            return later(waiting, context)
        entered(context)
        return None

    return tell
