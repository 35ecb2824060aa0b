"""What may change or refuse an object between a request and the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from protocube import errors
from protocube_server.storage.base import Done, Record

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from protocube_server.calls.call import Call
    from protocube_server.storage.base import Put

T = TypeVar("T", Record, Done)


class Failed(errors.Internal):
    """A program that admission asks has failed, not the server.

    The text has the program's words, which may be those of the object: it is for the caller alone,
    and who raises it logs what has failed.
    """


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

    async def check_quota(self, call: Call, old: Any, new: Any) -> None:
        """Refuse what quotas do not allow, where nothing is written: last of all."""
        ...

    async def charged(
        self, call: Call, old: Any, new: Any, write: Callable[[Sequence[Put]], Awaitable[T]]
    ) -> T:
        """Return what ``write`` does, which is given what is to be written in the same set.

        That charges quotas for ``new`` in place of ``old``. ``write`` may be called again; it
        raises ``ConditionFailed`` for keys that are not its own. Raises as :meth:`check_quota`.
        """
        ...

    def judges_by(self, call: Call) -> bool:
        """Tell whether later writes may be judged by the object of a call, whose target is known.

        Kinds of which that is always so say it themselves (``judges_others``).
        """
        ...


class AdmitsAll:
    """Changes and refuses nothing: see :class:`Admission`."""

    async def mutate(self, call: Call, old: Any, new: Any) -> bool:
        """Change nothing."""
        del call, old, new
        return False

    async def validate(self, call: Call, old: Any, new: Any) -> None:
        """Refuse nothing."""

    async def check_quota(self, call: Call, old: Any, new: Any) -> None:
        """Refuse nothing."""

    async def charged(
        self, call: Call, old: Any, new: Any, write: Callable[[Sequence[Put]], Awaitable[T]]
    ) -> T:
        """Return what ``write`` does alone."""
        del call, old, new
        return await write(())

    def judges_by(self, call: Call) -> bool:
        """Tell that nothing is judged."""
        del call
        return False
