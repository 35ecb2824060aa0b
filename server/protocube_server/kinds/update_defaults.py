"""What an update gets from the stored object, by the name that a field option gives it.

A manifest leaves out what was chosen for it when it was created, and keeps what the
object has no use for any more. Neither is meant as a change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube_server.kinds import violations
from protocube_server.kinds.contract import Contract
from protocube_server.kinds.marked import Marked
from protocube_server.kinds.named.functions import NONE, Functions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.protobuf.descriptor import Descriptor
    from google.protobuf.message import Message


class UpdateDefaults:
    """The defaults of updates of one kind."""

    def __init__(
        self,
        descriptor: Descriptor,
        functions: Functions = NONE,
        contract: Contract | None = None,
    ) -> None:
        """Raises ``ValueError`` when an option names a default that does not exist."""
        self._marked = Marked(
            descriptor, lambda option: bool(option.update_default), contract or Contract()
        )
        self._functions = {
            name: functions.update_default(name, descriptor)
            for name in self._marked.options("update_default")
        }

    def filling(self, old: Message, new: Message) -> Iterator[None]:
        """Fill in, and take out of ``new``, what follows from ``old``.

        Yields where others may have their turn.
        """
        for found in self._marked.walk(new):
            if found is None:
                yield None
                continue
            before = violations.at(old, found.path)
            self._functions[found.option.update_default](before, found.value)
