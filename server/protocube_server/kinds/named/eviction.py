"""What an eviction asks of a kind whose objects are guarded by budgets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    from protocube import errors


class Eviction(Protocol):
    """Budgets are objects of another kind, in the namespace of those that they guard."""

    @property
    def budgets(self) -> str:
        """The full name of the message of the budgets."""
        ...

    def is_free(self, message: Any) -> bool:
        """Tell whether an object can be evicted whatever the budgets say."""
        ...

    def has_ended(self, message: Any) -> bool:
        """Tell whether an object that is free stays so."""
        ...

    def is_guarded(self, message: Any, budget: Any) -> bool:
        """Tell whether a budget is of an object."""
        ...

    def is_counted(self, message: Any, budget: Any) -> bool:
        """Tell whether the eviction of an object is taken from its budget."""
        ...

    def take(self, message: Any, budget: Any, now: datetime) -> None:
        """Take the eviction of an object from its budget, in place.

        Raises ``errors.TooManyRequests`` and ``errors.Forbidden`` when it does not allow it.
        """
        ...

    def unsettled(self, budget: Any) -> errors.TooManyRequests:
        """Return the refusal for a budget that is not known to allow the eviction."""
        ...

    def mark(self, message: Any, now: datetime) -> None:
        """Let the status of an object say that it is evicted."""
        ...
