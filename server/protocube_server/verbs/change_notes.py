"""What a write has changed, for the audit record: versions and fields, never values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from google.protobuf.message import Message

from protocube import descriptor_options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube_server.calls.call import Call

OLD_VERSION: Final = "audit.protocube/old-version"
NEW_VERSION: Final = "audit.protocube/new-version"
CHANGED: Final = "audit.protocube/changed"
"""Annotations: the object's versions before and after, and the paths that differ."""
UNCHANGED: Final = "audit.protocube/unchanged"
"""Annotation of a write that changed nothing."""

_MOST: Final = 32
"""Paths that are told; more end in ``...``."""
_DEEPEST: Final = 8
"""A change further inside is told as one of what is there."""
_LONGEST: Final = 256
"""A list or map with more elements is told as one."""
_LONGEST_KEY: Final = 64
_OF_EVERY_WRITE: Final = ("metadata.resource_version", "metadata.managed_fields")
_WHOLE: Final = "google.protobuf."
"""Messages of the types below are values."""


def created(call: Call, revision: int) -> None:
    """Note the version of a new object."""
    call.annotate(NEW_VERSION, str(revision))


def deleted(call: Call, old: int, revision: int) -> None:
    """Note the version of an object that is gone, and that of its deletion."""
    if not call.verb.is_of_many:
        call.annotate(OLD_VERSION, str(old))
        call.annotate(NEW_VERSION, str(revision))


def unchanged(call: Call, revision: int) -> None:
    """Note that there was nothing to write."""
    if not call.verb.is_of_many:
        call.annotate(OLD_VERSION, str(revision))
        call.annotate(UNCHANGED, "true")


def replaced(call: Call, old: Any, new: Any, *, version: int, revision: int) -> None:
    """Note the versions of an object that was written anew, and where it differs."""
    if call.annotations is None or call.verb.is_of_many:
        return
    call.annotate(OLD_VERSION, str(version))
    call.annotate(NEW_VERSION, str(revision))
    call.annotate(CHANGED, ",".join(paths(old, new)))


def paths(old: Message, new: Message) -> list[str]:
    """Return where two messages of a type differ, by JSON names: ``spec.containers[0].image``."""
    found: list[str] = []
    for path in _message(old, new, "", 1):
        if len(found) == _MOST:
            return [*found, "..."]
        found.append(path)
    return found


def _message(old: Any, new: Any, path: str, depth: int) -> Iterator[str]:
    for field in old.DESCRIPTOR.fields:
        before, after = getattr(old, field.name), getattr(new, field.name)
        is_single = field.has_presence
        if is_single and old.HasField(field.name) != new.HasField(field.name):
            yield path + field.json_name
            continue
        if before == after or path + field.name in _OF_EVERY_WRITE:
            continue
        place = path + field.json_name
        inner = field.message_type
        if depth == _DEEPEST or (inner is not None and inner.full_name.startswith(_WHOLE)):
            yield place
        elif descriptor_options.is_map(field):
            yield from _map(before, after, place, depth)
        elif inner is None:
            yield place
        elif is_single:
            yield from _message(before, after, f"{place}.", depth + 1)
        else:
            yield from _list(before, after, place, depth)


def _list(old: Any, new: Any, path: str, depth: int) -> Iterator[str]:
    if len(old) != len(new) or len(old) > _LONGEST:
        yield path
        return
    for index, (before, after) in enumerate(zip(old, new, strict=True)):
        if before != after:
            yield from _message(before, after, f"{path}[{index}].", depth + 1)


def _map(old: Any, new: Any, path: str, depth: int) -> Iterator[str]:
    if max(len(old), len(new)) > _LONGEST:
        yield path
        return
    for key in sorted({*old, *new}):
        place = f"{path}[{str(key)[:_LONGEST_KEY]}]"
        if (key in old) != (key in new):
            yield place
        elif (before := old[key]) != (after := new[key]):
            if isinstance(before, Message):
                yield from _message(before, after, f"{place}.", depth + 1)
            else:
                yield place
