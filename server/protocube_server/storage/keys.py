"""The keys of a store: the only place that builds or reads them.

- ``<prefix>/<plural>[.<group>]/<namespace>/<name>`` is an object, without the namespace
  for cluster-scoped kinds. Names are checked before they come here; this module still
  refuses what would reach another key (``/``, ``.``, ``..``), because a key is the last
  line between two tenants.
- ``<prefix>/~system/<area>/...`` is an entry that the server needs for itself. No plural
  begins with ``~``, so no list or watch of objects reaches it.

``prefix`` is the store's, without a slash at its end; the *root* is what all keys below it
begin with.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from protocube import errors

DEFAULT_PREFIX = "/registry"

_RESERVED = "~"
_SYSTEM = f"{_RESERVED}system"
_SYSTEM_BYTES = f"{_SYSTEM}/".encode()
_AREA_AT = len(_SYSTEM_BYTES)


class Area(enum.StrEnum):
    """What the server keeps entries for."""

    ALLOCATIONS = "allocations"
    """Which object holds an address or a port."""
    DEFINITIONS = "definitions"
    """Which kinds are defined, and which names they take."""
    FORMAT = "format"
    """The format of what is stored, and who may write it."""
    LEADERSHIP = "leadership"
    """Which server works for all of them."""
    MARKS = "marks"
    """Which revision was the newest when, for what expires."""
    REQUESTS = "requests"
    """Which object a request has made already."""
    RESERVATIONS = "reservations"
    """Names and numbers that must not be given again."""


_LEADERSHIP_BYTES = f"/{_SYSTEM}/{Area.LEADERSHIP}".encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectKey:
    """The parts of an object's key."""

    resource: str
    """The plural with its group."""
    namespace: str
    """Empty for cluster-scoped kinds."""
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemKey:
    """The parts of a system entry's key."""

    area: str
    """One of :class:`Area`, or one that a newer server knows."""
    segments: tuple[str, ...]
    """What follows the area."""


def root(prefix: str) -> bytes:
    """Return what all keys below ``prefix`` begin with."""
    return f"{prefix}/".encode()


def for_object(prefix: str, resource: str, namespace: str, name: str) -> bytes:
    """Return the key of one object. ``resource`` is the plural with its group.

    ``namespace`` is empty for cluster-scoped kinds. Raises ``errors.BadRequest``
    for a name or namespace that is not one path segment.
    """
    return in_collection(for_collection(prefix, resource), namespace, name)


def in_collection(collection: bytes, namespace: str, name: str) -> bytes:
    """Return the key of one object below what :func:`for_collection` gave for all of its kind.

    Raises as :func:`for_object`.
    """
    if not namespace:
        return collection + _segment("name", name)
    return b"%b%b/%b" % (collection, _segment("namespace", namespace), _segment("name", name))


def for_collection(prefix: str, resource: str, namespace: str = "") -> bytes:
    """Return the beginning of the keys of a kind's objects, or of those in one namespace.

    It ends in ``/``, so that ``pods/a`` never matches ``pods/ab``.
    """
    head = f"{prefix}/{resource}/".encode()
    return head + _segment("namespace", namespace) + b"/" if namespace else head


def with_segment(beginning: bytes, segment: str) -> bytes:
    """Return what keys begin with that have a segment behind a beginning of theirs.

    The segment is one that is searched for: it need not be one that keys can have.
    """
    return beginning + segment.encode()


def system(prefix: str, area: Area, *segments: str) -> bytes:
    """Return the key of a system entry. Raises ``errors.BadRequest`` as :func:`for_object`."""
    parts = (_segment("segment", text) for text in segments)
    return b"/".join((root(prefix) + f"{_SYSTEM}/{area}".encode(), *parts))


def all_system(prefix: str) -> bytes:
    """Return what the keys of all system entries begin with."""
    return root(prefix) + f"{_SYSTEM}/".encode()


def is_in_collection(collection: bytes, key: bytes, *, namespaced: bool) -> bool:
    """Tell whether a key could be an object's of the kind that ``collection`` is the beginning of.

    Whatever else has got below it is no object's: other depths, empty names, no UTF-8.
    """
    if not key.startswith(collection):
        return False
    names = key[len(collection) :]
    first = names.find(b"/")
    # Each value that is read comes by here: a list of the parts would cost more.
    if namespaced:
        is_shaped = 0 < first < len(names) - 1 and names.find(b"/", first + 1) < 0
    else:
        is_shaped = bool(names) and first < 0
    return is_shaped and (names.isascii() or _is_text(names))


def is_leadership(key: bytes) -> bool:
    """Tell whether a key is that of the leadership, below whichever prefix."""
    return key.endswith(_LEADERSHIP_BYTES)


def require_resource(resource: str) -> None:
    """Raise ``ValueError`` for a plural with its group that no key can be made of."""
    if not _is_segment(resource) or resource.startswith(_RESERVED):
        message = f"{errors.quote(resource)} cannot name a resource in a key"
        raise ValueError(message)


def is_system(root: bytes, key: bytes) -> bool:
    """Tell whether a key below ``root`` is a system entry's."""
    return key.startswith(root) and key.startswith(_SYSTEM_BYTES, len(root))


def is_in_area(root: bytes, area: Area, key: bytes) -> bool:
    """Tell whether a key below ``root`` is that of an entry of an area."""
    return is_system(root, key) and key.startswith(f"{area}/".encode(), _AREA_AT + len(root))


def collection_of(root: bytes, key: bytes) -> bytes | None:
    """Return the beginning of all keys of the kind that an object's key is of.

    ``None`` for a system entry, and for what is not below ``root`` or directly below it.
    """
    if not key.startswith(root) or is_system(root, key):
        return None
    end = key.find(b"/", len(root))
    return key[: end + 1] if end > 0 else None


def split(key: bytes) -> tuple[bytes, bytes]:
    """Return what a key has in common with those beside it, and its own name.

    The first is what :func:`for_collection` gives for the namespace of an object's key.
    """
    beginning, slash, name = key.rpartition(b"/")
    return beginning + slash, name


def parse(prefix: str, key: bytes) -> ObjectKey | SystemKey | None:
    """Return the parts of a key, ``None`` for one that this module does not build."""
    beginning = root(prefix)
    if not key.startswith(beginning):
        return None
    try:
        parts = key[len(beginning) :].decode().split("/")
    except UnicodeDecodeError:
        return None
    if not all(parts):
        return None
    match parts:
        case [word, area, *segments] if word == _SYSTEM:
            return SystemKey(area=area, segments=tuple(segments))
        case [resource, name]:
            return ObjectKey(resource=resource, namespace="", name=name)
        case [resource, namespace, name]:
            return ObjectKey(resource=resource, namespace=namespace, name=name)
    return None


def relative(prefix: str, key: bytes) -> str:
    """Return a key without the prefix and its slash, as people and exports see it."""
    return key.decode(errors="backslashreplace").removeprefix(f"{prefix}/")


def absolute(prefix: str, name: str) -> bytes:
    """Return the key that :func:`relative` gives as ``name``."""
    return f"{prefix}/{name}".encode()


def former_compaction(prefix: str) -> bytes:
    """Return the key by which servers of the first format agreed on who compacts."""
    return f"{prefix}/compaction".encode()


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _segment(what: str, text: str) -> bytes:
    if not _is_segment(text):
        message = f"invalid {what} {errors.quote(text)}: it must be one path segment"
        raise errors.BadRequest(message)
    return text.encode()


def _is_segment(text: str) -> bool:
    return bool(text) and text not in (".", "..") and "/" not in text and "\0" not in text
