"""Environments that programs of several kinds run in, because each takes half a megabyte.

An expression is compiled where its variables have types, in an environment that goes with that.
To run, it needs the messages and the functions alone.
"""

from __future__ import annotations

import threading
import weakref
from typing import TYPE_CHECKING, Final

from protocube import memo, pools
from protocube_server.cel.engine import Environment
from protocube_server.cel.shadows import Shadows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from google.protobuf.descriptor_pb2 import FileDescriptorProto

_MOST: Final = 64
"""Sets of files in a room: those that are gone stay with those that are not."""
_MOST_BYTES: Final = 512 * 1024
"""Of descriptors, after which none is put in it."""


class Room:
    """A descriptor pool for the shadows of several sets of files, and what runs programs.

    Nothing leaves it: it goes when nobody holds it any more.
    """

    def __init__(self) -> None:
        self._pool = pools.Shared()
        self._count = self._size = 0

    @memo.cached_property
    def environment(self) -> Environment:
        """Runs programs that were compiled for messages in the room. Raises ``NotInstalled``."""
        return Environment(self._pool.pool, {})

    def has_room(self, names: Iterable[str]) -> bool:
        """Tell whether files of such names can be put in."""
        return self._count < _MOST and self._size < _MOST_BYTES and not self._pool.has(names)

    def put(self, files: Iterable[FileDescriptorProto], field: Callable[[str], str]) -> Shadows:
        """Return the shadows of files, which are in the pool from then on.

        Raises ``TypeError`` when they do not fit in.
        """
        shadows = Shadows(files, field=field, into=self._pool)
        self._count += 1
        self._size += shadows.size
        return shadows


_ROOMS: Final[weakref.WeakSet[Room]] = weakref.WeakSet()
_LOCK: Final = threading.Lock()


def put(
    files: Iterable[FileDescriptorProto], own: Iterable[str], field: Callable[[str], str]
) -> tuple[Room, Shadows]:
    """Put files in a room. Any thread may call it.

    ``own`` are the names of those that no other set has. ``field`` is that of :class:`Shadows`.
    """
    with _LOCK:
        for room in _ROOMS:
            if room.has_room(own):
                try:
                    return room, room.put(files, field)
                except TypeError:
                    # Something that is gone has one of the names in it.
                    continue
        room = Room()
        _ROOMS.add(room)
        return room, room.put(files, field)
