"""What each way to define kinds has to offer: a definition goes in, descriptors come out.

There are two: ``Definition`` of ``definitions.protocube.dev/v1``
(:mod:`protocube_server.definitions.proto`), which holds descriptors, and
``CustomResourceDefinition``, which holds schemas. Behind the door both are the same: files with
the options of ``protocube.api.v1``, in a descriptor pool of their own.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from protocube_server.kinds.named.functions import NONE, Functions

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from google.protobuf.descriptor_pb2 import FileDescriptorProto

    from protocube import errors


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """What a definition says, in the form that every kind has."""

    files: Sequence[FileDescriptorProto]
    """In dependency order. They import each other and shipped files, and declare no services."""
    lean: Sequence[FileDescriptorProto] | None = None
    """What the server works with in their place, where it can do with fewer types."""
    functions: Functions = NONE
    """What the options in the files name; rules of metadata are there without that."""
    numbers: bytes = b""
    """What is kept in front of the stored definition, and handed in again with it."""
    list_kinds: tuple[str, ...] = ()
    """Names of lists that are reserved beside ``<kind>List``."""
    packages: tuple[str, ...] = ()
    """Packages that no other definition may declare anything in."""
    warnings: tuple[str, ...] = ()
    """For the caller who writes the definition."""


class Refused(Exception):
    """A definition cannot be served; ``violations`` say why, with paths within it."""

    def __init__(self, violations: Sequence[errors.Violation]) -> None:
        super().__init__("; ".join(f"{item.field}: {item.message}" for item in violations))
        self.violations = tuple(violations)


class State(enum.Enum):
    """What becomes of a definition."""

    SERVED = "served"
    """Its kinds are served from this write on."""
    REFUSED = "refused"
    """It lies in the store and cannot be served."""
    TERMINATING = "terminating"
    """It is being deleted, after its objects."""


class Door(Protocol):
    """One kind whose objects are definitions. All methods are pure: any thread may call them."""

    message: str
    """The full name of the kind's message."""
    noun: str
    """What people call such a definition: ``custom resource definition``."""
    finalizer: str
    """Keeps a definition until its objects are gone."""

    def name(self, definition: Any) -> str:
        """Return ``plural.group`` of the kinds that a definition is for."""
        ...

    def compile(self, definition: Any, numbers: bytes) -> Compiled:
        """Return what a valid definition says; the same each time, on every server.

        ``numbers`` are those that are kept with it, or with the one that it replaces. Raises
        :class:`Refused`.
        """
        ...

    def read(self, definition: Any, numbers: bytes) -> Compiled | None:
        """Return the files of a definition that a newer server accepted and this one does not.

        Its objects are read by them and not written. ``None`` when that cannot be done. May
        raise anything.
        """
        ...

    def tell(self, definition: Any, state: State, now: datetime, *, why: str = "") -> None:
        """Let the status of a definition say what becomes of it. ``why`` is a sentence."""
        ...
