"""Taints as arguments, ``dedicated=db:NoSchedule``, ``dedicated-``, and those of a node then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from protocube import selectors
from protocube_client.cli.failures import CommandError

if TYPE_CHECKING:
    from collections.abc import Sequence

_EFFECTS = frozenset({"NoExecute", "NoSchedule", "PreferNoSchedule"})


class TaintError(Exception):
    """An argument is no taint; ``str()`` is kubectl's sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taint:
    """A taint that an argument speaks of."""

    key: str
    value: str = ""
    effect: str = ""
    """Empty for all effects, where taints are taken away."""

    def data(self) -> dict[str, str]:
        """Return it as JSON data."""
        found = {"key": self.key, "value": self.value, "effect": self.effect}
        return {name: text for name, text in found.items() if text}

    def matches(self, taint: dict[str, Any]) -> bool:
        """Tell whether a taint of a node is meant."""
        return taint["key"] == self.key and self.effect in ("", taint.get("effect", ""))

    def __str__(self) -> str:
        """Return it as kubectl writes it."""
        return f"{self.key}:{self.effect}" if self.effect else self.key


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What is to be set and what is to be taken away."""

    added: tuple[Taint, ...]
    removed: tuple[Taint, ...]

    def contradictions(self) -> list[str]:
        """Return the taints that are to be set and taken away."""
        return [
            f"{gone.key}={gone.effect}"
            for new in self.added
            for gone in self.removed
            if gone.matches(new.data())
        ]

    def applied(self, node: str, old: Sequence[dict[str, Any]], *, overwrite: bool) -> Outcome:
        """Return what becomes of the taints of a node.

        Raises :class:`CommandError` when one is there already, or not there to be taken away.
        """
        there = [new.key for new in self.added for taint in old if new.matches(taint)]
        if there and not overwrite:
            raise CommandError(
                f"node {node} already has {','.join(there)} taint(s) with same effect(s) and "
                "--overwrite is false"
            )
        taints = [new.data() for new in self.added]
        taints += [taint for taint in old if not any(new.matches(taint) for new in self.added)]
        has_added = len(taints) != len(old)
        has_removed = False
        missing: list[str] = []
        for gone in self.removed:
            left = [taint for taint in taints if not gone.matches(taint)]
            has_removed = len(left) != len(taints)
            if not has_removed:
                missing.append(f'taint "{gone}" not found')
            taints = left
        if missing:
            raise CommandError(missing[0] if len(missing) == 1 else f"[{', '.join(missing)}]")
        done = "tainted" if has_added else "untainted"
        if (has_added and has_removed) or overwrite:
            done = "modified"
        return Outcome(taints=taints, done=done)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The taints that a node has then, and what was done to it."""

    taints: list[dict[str, Any]]
    done: str


def split(arguments: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the arguments that name nodes, and those that are taints.

    Raises :class:`CommandError` when a node is named behind a taint.
    """
    named: list[str] = []
    found: list[str] = []
    for argument in arguments:
        if "=" in argument or ":" in argument or argument.endswith("-"):
            found.append(argument)
        elif found:
            raise CommandError(f"all resources must be specified before taint changes: {argument}")
        else:
            named.append(argument)
    return tuple(named), tuple(found)


def read(arguments: Sequence[str]) -> Changes:
    """Return the changes that arguments speak of. Raises :class:`TaintError`."""
    added: list[Taint] = []
    removed: list[Taint] = []
    for argument in arguments:
        if argument.endswith("-"):
            gone = _taint(argument[:-1])
            removed.append(Taint(key=gone.key, effect=gone.effect))
            continue
        new = _taint(argument)
        if not new.effect:
            raise TaintError(f"invalid taint spec: {argument}")
        if any(new.matches(other.data()) for other in added):
            told = f"{{{new.key} {new.value} {new.effect} <nil>}}"
            raise TaintError(f"duplicated taints with the same key and effect: {told}")
        added.append(new)
    return Changes(added=tuple(added), removed=tuple(removed))


def _taint(text: str) -> Taint:
    """Read ``KEY``, ``KEY:EFFECT`` or ``KEY=VALUE:EFFECT``."""
    pair, colon, effect = text.partition(":")
    if ":" in effect:
        raise TaintError(f"invalid taint spec: {text}")
    key, value = pair, ""
    if colon:
        if effect not in _EFFECTS:
            raise TaintError(f"invalid taint effect: {effect}, unsupported taint effect")
        key, _, value = pair.partition("=")
        if "=" in value:
            raise TaintError(f"invalid taint spec: {text}")
        if faults := selectors.label_value_faults(value):
            raise TaintError(f"invalid taint spec: {text}, {'; '.join(faults)}")
    if faults := selectors.qualified_name_faults(key):
        raise TaintError(f"invalid taint spec: {text}, {'; '.join(faults)}")
    return Taint(key=key, value=value, effect=effect)
