"""What follows from a message type, worked out once and kept for as long as the type is in use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.protobuf.message import Message

T = TypeVar("T")


def by_message_type(compute: Callable[[Any], T]) -> Callable[[type[Message]], T]:
    """Remember what ``compute`` returns for the descriptor of each message class.

    The class is held weakly, so that a kind that was replaced takes its pool along. For that,
    the result must hold no descriptor of a message: one keeps its class alive. Descriptors of
    fields do not.
    """
    known: WeakKeyDictionary[type[Message], Any] = WeakKeyDictionary()

    def find(message_class: type[Message]) -> T:
        found = known.get(message_class)
        if found is None:
            found = known[message_class] = compute(message_class.DESCRIPTOR)
        result: T = found
        return result

    return find
