"""All objects of a namespace in the model, with their past: one version a write."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

from tests.model.objects import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.model.objects import Kind, Thing

Place = tuple[str, str]
"""The kind's word, and the name."""
Things = dict[Place, "Thing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One write: what was there before it, and what is there after it."""

    version: int
    before: Thing | None
    after: Thing | None

    @property
    def kind(self) -> Kind:
        """The kind of the object."""
        thing = self.after or self.before
        assert thing is not None
        return thing.kind


class World:
    """The objects, now and at each version since the beginning."""

    def __init__(self, version: int) -> None:
        """``version`` is the store's while the namespace is empty."""
        self.version = version
        self.now = 0
        """In seconds; the clock goes on with each call."""
        self.first = version
        self.writes: list[Written] = []
        self._uids = 0
        self._states: dict[int, Things] = {version: {}}

    def copy(self) -> Self:
        """Return a world that is the same, and goes its own way."""
        found = copy.copy(self)
        found.writes, found._states = [*self.writes], {**self._states}
        return found

    @property
    def things(self) -> Mapping[Place, Thing]:
        """All that is there."""
        return self._states[self.version]

    def at(self, version: int) -> Mapping[Place, Thing]:
        """Return all that was there."""
        return self._states[version]

    def find(self, kind: Kind, name: str) -> Thing | None:
        """Return an object."""
        return self.things.get((kind.word, name))

    def require(self, kind: Kind, name: str) -> Thing:
        """Return an object. Raises ``Refused`` when there is none."""
        found = self.find(kind, name)
        if found is None:
            raise Refused("NotFound")
        return found

    def next_uid(self) -> int:
        """Return the uid of one more object."""
        self._uids += 1
        return self._uids

    def put(self, thing: Thing) -> Thing:
        """Write an object in place of what is there, and return it at its version."""
        before = self.find(thing.kind, thing.name)
        thing = replace(thing, version=self.version + 1)
        self._write(Written(version=thing.version, before=before, after=thing))
        return thing

    def remove(self, thing: Thing) -> int:
        """Take out an object, and return the version of that."""
        self._write(Written(version=self.version + 1, before=thing, after=None))
        return self.version

    def reorder(self, since: int, order: Sequence[tuple[int, str]]) -> None:
        """Give the writes after a version other versions: those that a store has chosen.

        ``order`` has the version and the name of each.
        """
        writes = {
            write.before.name: write
            for write in self.writes
            if write.version > since and write.before
        }
        self.writes = [write for write in self.writes if write.version <= since]
        self.version = since
        for version, name in order:
            write = writes.pop(name)
            after = write.after and replace(write.after, version=version)
            self._write(replace(write, version=version, after=after))
        assert not writes, writes

    def _write(self, write: Written) -> None:
        things = dict(self.things)
        if write.after is not None:
            things[write.kind.word, write.after.name] = write.after
        elif write.before is not None:
            del things[write.kind.word, write.before.name]
        self.version = write.version
        self.writes.append(write)
        self._states[write.version] = things
