"""Reads data of a YAML text and collects what is wrong with it, with lines and paths."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import yaml

from protocube_server.kinds import violations

if TYPE_CHECKING:
    from collections.abc import Collection

    from protocube import errors

_MOST: Final = 20
"""Faults that are told at once."""

Step = str | int


class WrongError(Exception):
    """What is wrong, all together, without the file's name."""


@dataclass(slots=True)
class Reading:
    """One text, and the faults that were found in it."""

    text: str
    faults: list[tuple[tuple[Step, ...], errors.Violation]] = field(default_factory=list)

    def root(self, data: dict[str, Any], keys: Collection[str]) -> Node:
        """Return the whole of it, which has no other keys than ``keys``."""
        return Node(self, data, (), keys)

    def require_right(self) -> None:
        """Raise :class:`WrongError` when there are faults."""
        if not self.faults:
            return
        tree = yaml.compose(self.text, Loader=yaml.SafeLoader)
        told = [f"line {_line(tree, steps)}: {fault}" for steps, fault in self.faults[:_MOST]]
        if len(self.faults) > _MOST:
            told.append(f"and {len(self.faults) - _MOST} more")
        raise WrongError("; ".join(told))


class Node:
    """One object of the data. What it has not is empty; what is of another type is a fault."""

    def __init__(
        self,
        reading: Reading,
        data: dict[str, Any],
        steps: tuple[Step, ...],
        keys: Collection[str],
    ) -> None:
        self._reading = reading
        self._steps = steps
        self.data = data
        """All of it, as it was read."""
        for key in data:
            if key not in keys:
                self.fault(violations.forbidden(self.path(str(key)), "unknown field"), str(key))

    def path(self, *steps: Step) -> str:
        """Return the path of something in this object, as Kubernetes writes it."""
        told = ""
        for step in (*self._steps, *steps):
            told += f"[{step}]" if isinstance(step, int) else f".{step}"
        return told.removeprefix(".")

    def fault(self, found: errors.Violation, *steps: Step) -> None:
        """Note that something in this object is wrong."""
        noted = ((*self._steps, *steps), found)
        # What is read twice is wrong once.
        if noted not in self._reading.faults:
            self._reading.faults.append(noted)

    def text(self, key: str) -> str:
        """Return a text; empty without it."""
        return self.optional_text(key) or ""

    def optional_text(self, key: str) -> str | None:
        """Return a text; ``None`` without it."""
        found: str | None = self._typed(key, str, "must be a string")
        return found

    def switch(self, key: str) -> bool:
        """Return true or false; false without it."""
        return bool(self._typed(key, bool, "must be true or false"))

    def texts(self, key: str) -> list[str]:
        """Return a list of texts."""
        found = self._typed(key, list, "must be a list") or []
        for index, each in enumerate(found):
            if not isinstance(each, str):
                fault = violations.invalid(self.path(key, index), each, "must be a string")
                self.fault(fault, key, index)
        return [each for each in found if isinstance(each, str)]

    def node(self, key: str, keys: Collection[str]) -> Node | None:
        """Return an object with no other keys than ``keys``; ``None`` without it."""
        found = self._typed(key, dict, "must be an object")
        return None if found is None else Node(self._reading, found, (*self._steps, key), keys)

    def nodes(self, key: str, keys: Collection[str]) -> list[Node]:
        """Return a list of objects."""
        found = []
        for index, each in enumerate(self._typed(key, list, "must be a list") or []):
            if isinstance(each, dict):
                found.append(Node(self._reading, each, (*self._steps, key, index), keys))
            else:
                fault = violations.invalid(self.path(key, index), each, "must be an object")
                self.fault(fault, key, index)
        return found

    def _typed(self, key: str, kind: type, what: str) -> Any:
        found = self.data.get(key)
        if found is None or isinstance(found, kind):
            return found
        self.fault(violations.invalid(self.path(key), found, what), key)
        return None


def _line(tree: Any, steps: tuple[Step, ...]) -> int:
    """Return the line of what ``steps`` lead to, or of the last of them that is there."""
    mark = tree.start_mark
    for step in steps:
        if isinstance(tree, yaml.MappingNode):
            found = next((pair for pair in tree.value if pair[0].value == step), None)
            if found is None:
                break
            mark, tree = found[0].start_mark, found[1]
        elif isinstance(tree, yaml.SequenceNode) and isinstance(step, int):
            if step >= len(tree.value):
                break
            tree = tree.value[step]
            mark = tree.start_mark
    return int(mark.line) + 1
