"""What a rule on a whole object is, which knows what the object was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube import errors


class ObjectRule(Protocol):
    """Holds whole objects to what no option of a field can say."""

    def __call__(self, new: Any, old: Any | None) -> Iterator[errors.Violation | None]:
        """Yield what is wrong with an object, which an update made of ``old``, or which is new.

        It yields ``None`` where others may have their turn. What it excuses, because an update
        leaves it as it was, is its own affair.
        """
        ...

    def compile(self) -> None:
        """Compile now what an object is held to."""
        ...

    def prepare(self) -> None:
        """Compile all now. Raises when it cannot be compiled, or may not be what it is."""
        ...
