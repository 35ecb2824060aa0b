"""Whether a changed definition can take the place of the one before, with the objects there are."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from protocube import errors
from protocube.checking import breaking, stub_changes
from protocube_server import turns
from protocube_server.kinds import kept, soundness
from protocube_server.storage import keys, paging

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from protocube.catalog import Resource
    from protocube_server.definitions.building import Part
    from protocube_server.kinds.kind import Kind
    from protocube_server.storage.base import Page, Store

ALLOWED: Final = "protocube.dev/allow-breaking"
"""An annotation whose value is the generation of the definition that may be broken with."""
_PAGE: Final = 200
_MOST: Final = 5000
"""Objects that are held against a new schema, but for a dry run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What a change would do."""

    breaks: tuple[str, ...] = ()
    """What stored objects do not survive."""
    notes: tuple[str, ...] = ()
    """What clients will notice."""


def compared(before: Part, after: Part) -> Comparison:
    """Hold the files of a definition against those that it has now."""
    breaks = [
        f"{fault.rule}: {fault.place}: {fault.symbol}: {fault.text}"
        for fault in breaking.faults(before.files, after.files)
    ]
    notes = [
        f"{fault.rule}: {fault.place}: {fault.symbol or fault.file}: {fault.text}; stubs change"
        for fault in stub_changes.faults(before.files, after.files)
    ]
    old = {resource.api_version: resource for resource in before.resources}
    new = {resource.api_version: resource for resource in after.resources}
    for version, resource in old.items():
        if version not in new:
            notes.append(f"{version} {resource.kind} is not served any more")
            continue
        breaks += _of_kinds(resource, new[version])
        gone = set(resource.methods) - set(new[version].methods)
        if gone:
            notes.append(f"{new[version].service} loses {', '.join(sorted(gone))}")
    was, now = _stored(before), _stored(after)
    if was is not None and now is not None and was.message != now.message:
        breaks += _of_storage(was, now, before)
    return Comparison(breaks=tuple(breaks), notes=tuple(notes))


async def count(store: Store, prefix: str, name: str) -> int:
    """Return how many objects of a definition there are."""
    page = await store.list(keys.for_collection(prefix, name), limit=1)
    return page.count


async def told(store: Store, kind: Kind, *, everything: bool) -> list[str]:
    """Return warnings of stored objects that the new schema of ``kind`` does not fit.

    Of many, only some are looked at unless ``everything`` is.
    """
    looked = lost = broken = total = 0
    example = ""
    pages = paging.pages(store, kind.prefix(), limit=_PAGE)
    async with aclosing(pages) as found:
        async for page in found:
            total = max(total, looked + page.count)
            for is_lost, fault in await turns.taken(_looks(kind, page)):
                lost += is_lost
                broken += bool(fault)
                example = example or fault
            looked += len(page.records)
            if looked >= _MOST and not everything:
                break
    beside = "" if looked >= total else f" (of the first {looked})"
    warnings = []
    if broken:
        warnings.append(
            f"{broken} of {total} stored objects{beside} break the new rules, such as {example}; "
            "they stay, and can be changed where they break nothing anew"
        )
    if lost:
        warnings.append(
            f"{lost} of {total} stored objects{beside} have data in fields that are gone: "
            "it is dropped when they are updated"
        )
    return warnings


def _looks(kind: Kind, page: Page) -> Iterator[tuple[bool, str] | None]:
    """Yield of each object whether it has more than the schema says, and a fault of it."""
    message_class = kind.resource.message_class
    for record in page.records:
        message: Any = soundness.decoded(message_class, kept.message(record.value))
        if message is None:
            yield False, "one that cannot be read"
            continue
        is_lost = any("unknown field" in fault for fault in soundness.faults(message))
        kind.defaults.apply(message)
        fault = ""
        try:
            kind.validation.check(message)
        except errors.Invalid as error:
            first = error.violations[0] if error.violations else error
            fault = f"{message.metadata.name}: {first}"
        yield is_lost, fault
        yield None


def refused(breaks: Sequence[str], stored: int) -> list[errors.Violation]:
    """Return why a definition cannot be changed so, as long as it has objects."""
    noun = "object is" if stored == 1 else "objects are"
    return [
        errors.Violation(
            field="spec.files",
            reason="FieldValueForbidden",
            message=f"Forbidden: {text}; {stored} {noun} stored",
        )
        for text in breaks
    ]


def _of_kinds(old: Resource, new: Resource) -> Iterator[str]:
    """Yield what is another kind, or is found elsewhere."""
    if old.namespaced != new.namespaced:
        yield f"SCOPE: {old.api_version} {old.kind} changes between namespaced and cluster-scoped"
    if old.kind != new.kind:
        yield f"KIND: {old.api_version} {old.kind} is called {new.kind}"
    if old.message != new.message:
        yield f"PACKAGE: the message of {old.api_version} was {old.message}, and is {new.message}"


def _stored(part: Part) -> Resource | None:
    found = (resource for resource in part.resources if not resource.options.stored_as)
    return next(found, None)


def _of_storage(was: Resource, now: Resource, before: Part) -> Iterator[str]:
    """Yield why objects cannot be read in another version than the one that they are stored in.

    Both have been served with the same numbers if one was stored as the other.
    """
    others = {resource.message for resource in before.resources}
    if now.message in others:
        return
    yield (
        f"STORAGE: objects are stored as {was.message}, and {now.message} is new: "
        "let it be served first, stored as the other one"
    )
