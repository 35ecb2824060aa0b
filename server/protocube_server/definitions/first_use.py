"""Definitions that nobody has asked for yet: what is kept of them, and what becomes of that."""

from __future__ import annotations

import dataclasses
import functools
import logging
import threading
import zlib
from typing import TYPE_CHECKING, Any, Final

from protocube import __version__, errors
from protocube_server.definitions.door import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from protocube_server.definitions.door import Compiled, Door
    from protocube_server.kinds.defined import Defined
    from protocube_server.kinds.kind import Kind
    from protocube_server.storage.base import Record

_LOG = logging.getLogger("protocube.server")
_FAST: Final = 1
"""How hard it is tried to pack a definition: a megabyte takes ten milliseconds."""


class Late:
    """A definition that is compiled when it is called for the first time.

    What it is compiled from is let go then.
    """

    def __init__(
        self, door: Door, read: Callable[[], Any], numbers: bytes, defined: Defined
    ) -> None:
        self._compile: Callable[[], Compiled] | None
        self._compile = functools.partial(compiled, door, read, numbers, defined)
        self._made: Compiled | None = None
        self._lock = threading.Lock()

    def __call__(self) -> Compiled:
        """Return the files. Raises as :func:`compiled`, each time anew."""
        with self._lock:
            if self._made is None and self._compile is not None:
                self._made = self._compile()
                self._compile = None
            assert self._made is not None  # noqa: S101  # made once, and kept
            return self._made


def compiled(door: Door, read: Callable[[], Any], numbers: bytes, defined: Defined) -> Compiled:
    """Return the files of a definition that some server has accepted.

    Where this one does not, objects are read alone. Raises ``errors.SchemaTooNew`` when not even
    that can be done.
    """
    definition = read()
    try:
        return door.compile(definition, numbers)
    except Refused as refused:
        _LOG.warning("the definition %s cannot be compiled: %s", defined.name, refused)
    text = (
        f"this server ({__version__}) cannot compile the {defined.noun} {defined.name}, which "
        "another one has accepted: it reads objects and writes none"
    )
    defined.too_new = errors.SchemaTooNew(text, resource=defined.name)
    try:
        compiled = door.read(definition, numbers)
    except Exception as error:
        _LOG.exception("the definition %s is not served", defined.name)
        raise defined.too_new from error
    if compiled is None:
        raise defined.too_new
    return compiled


def packed(kind: Kind, stored: Record) -> Callable[[], Any]:
    """Return what reads a stored definition, which may not be asked for long, and can be large."""
    value = zlib.compress(stored.value, _FAST)
    bare = dataclasses.replace(stored, value=b"")

    def read() -> Any:
        return kind.read(dataclasses.replace(bare, value=zlib.decompress(value)))

    return read
