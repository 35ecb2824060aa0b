"""What is worked out once and kept: of an object, or of a message type as long as it is in use."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.protobuf.message import Message

T = TypeVar("T")

if TYPE_CHECKING or sys.version_info >= (3, 12):
    from functools import cached_property as cached_property  # noqa: PLC0414  # it is ours, too
else:

    class cached_property(Generic[T]):  # noqa: N801  # the library's name
        """As ``functools.cached_property`` of Python 3.12: without a lock.

        Before, one lock for all objects lets a thread that takes long hold up the first use of any
        other object. Two threads at once may both work it out; what the first one found is kept.
        """

        def __init__(self, function: Callable[[Any], T]) -> None:
            self._function = function
            self.__doc__ = function.__doc__

        def __set_name__(self, owner: type[Any], name: str) -> None:
            self._name = name

        def __get__(self, instance: Any, owner: type[Any] | None = None) -> Any:
            if instance is None:
                return self
            # It is asked only as long as the object has nothing of this name.
            return instance.__dict__.setdefault(self._name, self._function(instance))


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
