"""How far aliases may blow up a YAML document: go-yaml's own bounds.

A document of a few hundred bytes can stand for billions of nodes. Nodes are counted
as if every alias were written out, without writing anything out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

# goyaml.v2/decode.go, allowedAliasRatio: 99 % of a small document may come from
# aliases, 10 % of a large one.
_SMALL, _LARGE = 400_000, 4_000_000
_SMALL_RATIO, _LARGE_RATIO = 0.99, 0.10
_FREE_ALIASES, _FREE_NODES = 100, 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchored:
    """A complete value with a name, and what it counts for when an alias repeats it."""

    value: Any
    nodes: int
    depth: int


class Budget:
    """The nodes of one document, written and repeated."""

    def __init__(self) -> None:
        # The document itself is a node.
        self._nodes = 1
        self._repeated = 0

    def spend(self, nodes: int) -> None:
        """Count nodes that are written in the document."""
        self._nodes += nodes

    def expand(self, nodes: int) -> bool:
        """Count an alias to ``nodes`` nodes; ``False`` when that is too much."""
        self._nodes += nodes + 1
        self._repeated += nodes
        if self._repeated <= _FREE_ALIASES or self._nodes <= _FREE_NODES:
            return True
        return self._repeated <= self._nodes * self._allowed()

    def _allowed(self) -> float:
        if self._nodes <= _SMALL:
            return _SMALL_RATIO
        if self._nodes >= _LARGE:
            return _LARGE_RATIO
        share = (self._nodes - _SMALL) / (_LARGE - _SMALL)
        return _SMALL_RATIO - (_SMALL_RATIO - _LARGE_RATIO) * share
