"""What happened in a run: every call with its time and outcome, every event that was seen."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field


class Verb(enum.Enum):
    """What was asked for."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    GET = "get"


class Fate(enum.Enum):
    """What the caller was told."""

    DONE = "done"
    REFUSED = "refused"
    """Its condition did not hold: it has certainly not happened."""
    FAILED = "failed"
    """It has certainly not happened, for another reason."""
    UNKNOWN = "unknown"
    """It may have happened, once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call. ``token`` is the value written, which no other call writes.

    ``revision`` is what a write that is done made; for a GET it is the revision of the
    state that was read, 0 when there was none. ``expected`` is the condition.
    """

    verb: Verb
    key: str
    begun: float
    ended: float
    fate: Fate
    token: str = ""
    expected: int = 0
    revision: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One event: the key's new token, ``None`` for a deletion, at a revision."""

    revision: int
    key: str
    token: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One event as the store's own history tells it, with what it says came before."""

    seen: Seen
    version: int
    """1 after a creation, 0 after a deletion."""
    previous: int
    """The revision of the state that it replaced; 0 for none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What one list gave: each key with its token and revision, at ``revision``."""

    begun: float
    ended: float
    revision: int
    items: dict[str, tuple[str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Harm that was done, and from when to when; times are on the clock of the calls."""

    name: str
    begun: float
    ended: float


@dataclass(slots=True, kw_only=True)
class Stretch:
    """What one watcher saw without a gap: all behind ``after``, up to ``through``."""

    watcher: str
    after: int
    through: int = 0
    """Nothing up to here is missing; at the end of a run, the last revision of it."""
    events: list[Seen] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class History:
    """A whole run."""

    calls: list[Call] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    """All events, as one watch from the beginning to the end gave them."""
    stretches: list[Stretch] = field(default_factory=list)
    lists: list[Listing] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    final: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Each key that is there at the end, with its token and revision."""

    def last(self) -> dict[str, Stretch]:
        """Return the last stretch of each watcher, by its name."""
        return {stretch.watcher: stretch for stretch in self.stretches}
