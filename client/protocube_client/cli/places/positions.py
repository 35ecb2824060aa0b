"""Where something stands in a YAML or JSON text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

Step = str | int
"""A key of an object, or a position in a list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A place in a text, counted from 1."""

    line: int
    column: int = 0
    """0 when only the line is known."""


def of(text: str, steps: Sequence[Step]) -> Position | None:
    """Return the place of the value that ``steps`` lead to, or of the last one that is there.

    A value in an object is where its key is. ``None`` when ``text`` cannot be read.
    """
    import yaml

    try:
        node: Any = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError:
        return None
    if node is None:
        return None
    mark = node.start_mark
    for step in steps:
        found = _below(node, step)
        if found is None:
            break
        mark, node = found
    return Position(line=mark.line + 1, column=mark.column + 1)


def _below(node: Any, step: Step) -> tuple[Any, Any] | None:
    """Return where the value at ``step`` begins, and the value."""
    import yaml

    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == step:
                return key.start_mark, value
    elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        value = node.value[step]
        return value.start_mark, value
    return None
