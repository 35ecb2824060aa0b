"""What reads answer, in the model's words: objects, pages of them, and events in order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.model.objects import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.model.objects import Kind, Operation, Thing, View
    from tests.model.world import World

Requirement = tuple[str, str, tuple[str, ...]]
"""A label's key, an operator, and values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selector:
    """Which objects are meant, by labels and by name."""

    labels: tuple[Requirement, ...] = ()
    name: tuple[str, str] | None = None
    """``=`` or ``!=``, and a name."""

    @property
    def names_one(self) -> bool:
        """Whether there is one name that it means."""
        return self.name is not None and self.name[0] == "="

    def matches(self, thing: Thing | None) -> bool:
        """Tell whether it is there and meant."""
        if thing is None:
            return False
        if self.name is not None and (thing.name == self.name[1]) != (self.name[0] == "="):
            return False
        return all(_holds(requirement, thing.labels) for requirement in self.labels)


ALL = Selector()


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """Where a list goes on."""

    version: int
    after: str
    """The last object of the page before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A part of a list."""

    version: int
    items: tuple[Any, ...]
    rest: Token | None = None
    remaining: int | None = field(default=None)


def get(world: World, call: Operation) -> View:
    """Read one object; the version asked for must have been reached."""
    if call.get("version", 0) > world.version:
        raise Refused("Timeout")
    thing = world.require(call.kind, call.name)
    return thing.shown(thing.version, owners=call.kind.has_owners)


def list_(world: World, call: Operation) -> Page:
    """Read a page of what is there, or was at a version."""
    token: Token | None = call.get("token")
    asked, match, limit = call.get("version", 0), call.get("match", ""), call.get("limit", 0)
    if asked > world.version:
        raise Refused("Timeout")
    is_exact = match == "Exact" or (not match and limit)
    at = asked if asked and is_exact else world.version
    if token is not None:
        at = token.version
    found = chosen(world.at(at), call.kind, ALL)
    later = [thing for thing in found if token is None or thing.name > token.after]
    return _page(call, later, at)


def _page(call: Operation, found: list[Thing], at: int) -> Page:
    """Cut what was found where the limit is reached.

    Whether anything that is left is meant is looked at on the next page only; but a name is
    looked for no further once it was found.
    """
    selector, limit = call.get("selector", ALL), call.get("limit", 0)
    items: list[View] = []
    for index, thing in enumerate(found):
        if limit and len(items) == limit and not selector.names_one:
            rest = Token(version=at, after=items[-1]["name"])
            remaining = len(found) - index if selector == ALL else None
            return Page(version=at, items=tuple(items), rest=rest, remaining=remaining)
        if selector.matches(thing):
            items.append(thing.shown(thing.version))
    return Page(version=at, items=tuple(items))


def chosen(things: Mapping[Any, Thing], kind: Kind, selector: Selector) -> list[Thing]:
    """Return the objects that a selector means, by name."""
    found = (thing for thing in things.values() if thing.kind is kind and selector.matches(thing))
    return sorted(found, key=lambda thing: thing.name)


def events(world: World, kind: Kind, selector: Selector, after: int) -> Iterator[tuple[str, View]]:
    """Yield what a watch from a version on shows of what has happened since.

    What is not meant any more is shown as deleted, as it was when it still was.
    """
    for write in world.writes:
        if write.version <= after or write.kind is not kind:
            continue
        was, is_now = selector.matches(write.before), selector.matches(write.after)
        if is_now and write.after is not None:
            yield "MODIFIED" if was else "ADDED", write.after.shown(write.version)
        elif was and write.before is not None:
            yield "DELETED", write.before.shown(write.version)


def _holds(requirement: Requirement, labels: Mapping[str, str]) -> bool:
    key, operator, values = requirement
    is_in = labels.get(key) in values
    return {
        "in": is_in,
        "notin": not is_in,
        "exists": key in labels,
        "!": key not in labels,
    }[operator]
