"""The owners of the objects of one kind, as they are stored and as they are shown.

Ownership costs those who never apply next to nothing. An object that one manager wrote has a
note of its name; what it owns follows from the object when somebody asks. A second manager's
update records what it changes, and the first one has the rest. Whole sets are stored from the
first apply on. What is shown is the same as if whole sets had always been stored.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from protocube.manifests import encode
from protocube_server.kinds.ownership import (
    comparing,
    elements,
    entries,
    field_set,
    folding,
    managers,
    presence,
    rest,
    schemas,
    scopes,
    stored,
    trimming,
    zeroing,
)
from protocube_server.kinds.ownership.entries import Entry, Operation, Owner
from protocube_server.kinds.ownership.field_set import EMPTY
from protocube_server.kinds.ownership.noted import Noted
from protocube_server.kinds.ownership.stored import NONE, Held, Record

if TYPE_CHECKING:
    from protocube.steps import Steps
    from protocube_server.kinds.ownership.comparing import Comparison
    from protocube_server.kinds.ownership.field_set import FieldSet
    from protocube_server.kinds.ownership.managers import Write
    from protocube_server.kinds.ownership.schemas import Schema
    from protocube_server.kinds.ownership.scopes import Scope

_LOG = logging.getLogger("protocube.server")

STATUS: Final = "status"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What must be known of a kind to tell who owns the fields of its objects."""

    message_class: Any
    """Of the form that objects are stored in."""
    api_version: str
    """Of the same form."""
    has_status: bool

    @property
    def schema(self) -> Schema:
        """How managers share its fields."""
        return schemas.for_message(self.message_class)

    def scope(self, subresource: str) -> Scope:
        """Return what a write to the object or a part of it can own."""
        return scopes.of(subresource, has_status=self.has_status)


class Records:
    """Reads and writes what is kept with the objects of one kind.

    All messages are of the form that is stored. What is kept and cannot be read counts as
    nothing: the object itself is whole.
    """

    def __init__(self, shape: Shape) -> None:
        self._shape = shape
        self._version = shape.api_version
        self._zeroing = zeroing.Zeroing(shape.message_class)
        self._likely = presence.Likely(shape.message_class)
        self._notes = stored.Notes(shape.api_version)
        self._noted = Noted()

    def created(self, message: Any, owner: Owner, now: int) -> bytes:
        """Return what to keep with an object that ``owner`` creates."""
        return self._notes.of(owner, now) if self._owns_any(message, owner) else b""

    def renewed(self, kept: bytes, old: Any, new: Any, owner: Owner, now: int) -> bytes | None:
        """Return what :meth:`updated` does, if that follows at once; else ``None``.

        It does when there are no owners, and when ``owner`` has the object whole.
        """
        if not kept:
            return kept
        if not self._notes.are_of(owner, kept) or self._zeroing.between(old, new):
            return None
        return self._notes.of(owner, now) if self._owns_any(new, owner) else b""

    def updated(self, kept: bytes, old: Any, new: Any, write: Write) -> Steps[bytes]:
        """Return what to keep with ``new``, which a manager makes of ``old`` by an update."""
        record = yield from self._record(kept)
        if not record.held:
            return b""
        owner, now = write.owner, write.now
        if not self._can_stay(record, owner) or self._zeroing.between(old, new):
            found = yield from self._shown(record, old)
            return (yield from self.encoded((yield from _updated(found, old, new, write))))
        own = next((held for held in record.held if held.owner == owner), None)
        if rest.is_whole(record) and own is not None:
            changed = [replace(held, time=now) if held is own else held for held in record.held]
            record = replace(record, held=tuple(changed))
        elif self._has_whole_status(record, old, owner):
            status = Held(owner=owner, time=now, fields=None)
            record = replace(record, held=(*record.held, status))
        else:
            change = yield from self._change(old, new, self._shape.scope(owner.subresource))
            record = yield from rest.updated(record, change, owner, now)
        return (yield from self._with_rest(record, new))

    def entries(self, kept: bytes, message: Any) -> Steps[tuple[Entry, ...]]:
        """Return who owns what of a stored object."""
        record = yield from self._record(kept)
        return (yield from self._shown(record, message))

    def encoded(self, found: tuple[Entry, ...]) -> Steps[bytes]:
        """Return what to keep for these owners."""
        held = tuple(Held(owner=each.owner, time=each.time, fields=each.fields) for each in found)
        return (yield from stored.encode(Record(held=held), self._version))

    def unowned(self, kept: bytes, old: Any, new: Any) -> Steps[bytes]:
        """Return what to keep with ``new``, which the server makes of ``old`` for nobody."""
        less, more = trimming.trimmed(old, new)
        difference = tuple(part.SerializeToString(deterministic=True) for part in (less, more))
        note = self._notes.parted(kept)
        known = self._noted.find(note[0], difference) if note is not None else None
        if note and known and self._owns_any(new, known.owner, beside=known.beside):
            return b"".join((known.before, note[1], known.behind))
        record = yield from self._record(kept)
        if not record.held:
            return b""
        change = yield from self._compared(less, more, scopes.whole)
        record = yield from rest.unowned(record, change)
        found = yield from self._with_rest(record, new)
        if note is not None and record.nobodys:
            owner, beside = record.held[0].owner, field_set.size(record.nobodys)
            if self._owns_any(new, owner, beside=beside):
                self._noted.add(note[0], difference, found, note[1], owner=owner, beside=beside)
        return found

    def _with_rest(self, record: Record, new: Any) -> Steps[bytes]:
        """Return what is kept for a record, without owners that have nothing in ``new``."""
        if any(held.fields for held in record.held):
            return (yield from stored.encode(record, self._version))
        if record.nobodys and not self._owns_any(
            new, record.held[0].owner, beside=field_set.size(record.nobodys)
        ):
            found = yield from self._shown(record, new)
            having = {entry.owner for entry in found}
        else:
            having = {h.owner for h in record.held if self._owns_any(new, h.owner)}
        left = tuple(held for held in record.held if held.owner in having)
        return (yield from stored.encode(replace(record, held=left), self._version))

    def _owns_any(self, message: Any, owner: Owner, *, beside: int = 0) -> bool:
        """Tell whether an owner of the rest surely has anything ``beside`` so many paths."""
        in_status = owner.subresource == STATUS
        if not beside and not in_status and self._likely.has(message):
            return True
        has_status = self._shape.has_status
        return presence.exceeds(message, beside, in_status=in_status, has_status=has_status)

    def _can_stay(self, record: Record, owner: Owner) -> bool:
        """Tell whether the owner of the rest can stay that after an update by ``owner``.

        Not beside owners by apply or in other versions, nor when owners are to be joined.
        """
        owners = [held.owner for held in record.held]
        everyone = {*owners, owner}
        return (
            any(held.fields is None for held in record.held)
            and all(each.operation is Operation.UPDATE for each in everyone)
            and all(each.api_version == self._version for each in everyone)
            and len(owners) == len(set(owners))
            and len(everyone) <= folding.MOST
        )

    def _has_whole_status(self, record: Record, old: Any, owner: Owner) -> bool:
        """Tell whether ``owner`` is the first that writes a status, and so has all of it."""
        return (
            owner.subresource == STATUS
            and self._shape.has_status
            and not old.status.ByteSize()
            and all(held.owner.subresource != STATUS for held in record.held)
        )

    def _change(self, old: Any, new: Any, scope: Scope) -> Steps[Comparison]:
        less, more = trimming.trimmed(old, new)
        return (yield from self._compared(less, more, scope))

    def _compared(self, less: Any, more: Any, scope: Scope) -> Steps[Comparison]:
        before = yield from encode.steps(less)
        after = yield from encode.steps(more)
        change = yield from comparing.compare(self._shape.schema, before, after)
        return change.narrowed(scope)

    def _record(self, kept: bytes) -> Steps[Record]:
        try:
            return (yield from stored.decode(kept, self._version))
        except elements.Unreadable as error:
            _LOG.warning("%s: %s", self._shape.message_class.DESCRIPTOR.full_name, error)
            return NONE

    def _shown(self, record: Record, message: Any) -> Steps[tuple[Entry, ...]]:
        """Return the owners with what each of them has of the object."""
        left = EMPTY
        if any(held.fields is None for held in record.held):
            left = yield from self._everything(message)
            for held in record.held:
                left = yield from field_set.difference(left, held.fields or EMPTY)
            left = yield from field_set.difference(left, record.nobodys)
        found = []
        for held in record.held:
            fields = held.fields
            if fields is None:
                fields = self._shape.scope(held.owner.subresource)(left)
            found.append(Entry(owner=held.owner, fields=fields, time=held.time))
        return entries.ordered(found)

    def _everything(self, message: Any) -> Steps[FieldSet]:
        """Return all that an object has beyond one without anything."""
        data = yield from encode.steps(message)
        found = yield from comparing.compare(self._shape.schema, {}, data)
        return (yield from scopes.recorded_of_rest((yield from found.taken())))


def _updated(
    found: tuple[Entry, ...], old: Any, new: Any, write: Write
) -> Steps[tuple[Entry, ...]]:
    """Do an update on whole sets."""
    version = write.versions[write.owner.api_version]
    before = version.from_stored((yield from encode.steps(old)))
    after = version.from_stored((yield from encode.steps(new)))
    return (yield from managers.update(found, before, after, write))
