"""What the collector does, said as simply as possible: rules on objects, applied in any order."""

from __future__ import annotations

import copy
import random
from dataclasses import dataclass, field

HOLD, FOREGROUND, ORPHAN = "example.com/hold", "foregroundDeletion", "orphan"


@dataclass(slots=True, kw_only=True)
class Thing:
    """One object. Its owners are names, because no name is used twice."""

    owners: dict[str, bool] = field(default_factory=dict)
    """Whether it blocks each of them."""
    finalizers: set[str] = field(default_factory=set)
    is_going: bool = False

    def waits(self) -> bool:
        """Tell whether it is being deleted in foreground."""
        return self.is_going and FOREGROUND in self.finalizers


World = dict[str, Thing]
State = dict[str, tuple[tuple[str, ...], tuple[str, ...], bool]]
"""Owners, finalizers, and whether it is being deleted, of what is there."""


def delete(world: World, name: str, finalizer: str = "") -> None:
    """Delete an object with the policy that ``finalizer`` stands for, none for Background."""
    thing = world[name]
    thing.finalizers -= {FOREGROUND, ORPHAN}
    thing.finalizers |= {finalizer} - {""}
    thing.is_going = True
    _end(world, name)


def outcomes(world: World, tries: int, seed: int) -> list[State]:
    """Return the states in which the collector may come to rest, as far as that many tries find.

    There is mostly one: the order of what it does makes a difference in circles only.
    """
    found: list[State] = []
    for number in range(tries):
        copied = copy.deepcopy(world)
        _rest(copied, random.Random(seed * 1000 + number))
        state = state_of(copied)
        if state not in found:
            found.append(state)
    return found


def state_of(world: World) -> State:
    """Return what is there."""
    return {
        name: (tuple(sorted(thing.owners)), tuple(sorted(thing.finalizers)), thing.is_going)
        for name, thing in world.items()
    }


def _rest(world: World, order: random.Random) -> None:
    """Apply rules until none changes anything."""
    while True:
        names = sorted(world)
        order.shuffle(names)
        if not any(name in world and _step(world, name) for name in names):
            return


def _step(world: World, name: str) -> bool:
    """Do what there is to do about one object; tell whether anything was."""
    thing = world[name]
    if not thing.is_going:
        return _judge(world, name)
    if thing.waits():
        return _end_foreground(world, name)
    if ORPHAN in thing.finalizers:
        for dependent in _dependents(world, name):
            del world[dependent].owners[name]
        thing.finalizers.discard(ORPHAN)
        _end(world, name)
        return True
    return False


def _judge(world: World, name: str) -> bool:
    thing = world[name]
    waiting = {owner for owner in thing.owners if owner in world and world[owner].waits()}
    living = {owner for owner in thing.owners if owner in world} - waiting
    if not thing.owners or len(living) == len(thing.owners):
        return False
    if living:
        thing.owners = {owner: thing.owners[owner] for owner in thing.owners if owner in living}
        return True
    dependents = _dependents(world, name)
    if waiting and dependents:
        if any(world[dependent].waits() for dependent in dependents):
            thing.owners = dict.fromkeys(thing.owners, False)
        delete(world, name, FOREGROUND)
    else:
        delete(world, name)
    return True


def _end_foreground(world: World, name: str) -> bool:
    dependents = _dependents(world, name)
    if any(world[dependent].owners[name] for dependent in dependents if dependent != name):
        return False
    for dependent in dependents:
        if dependent in world and not world[dependent].is_going:
            _judge(world, dependent)
    world[name].finalizers.discard(FOREGROUND)
    _end(world, name)
    return True


def _end(world: World, name: str) -> None:
    if not world[name].finalizers:
        del world[name]


def _dependents(world: World, name: str) -> list[str]:
    return [other for other, thing in world.items() if name in thing.owners]
