"""Which nodes of a graph of message types lead to something to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

N = TypeVar("N")


def reaching(
    nodes: Collection[N], *, works: Callable[[N], bool], below: Callable[[N], Iterable[N]]
) -> set[int]:
    """Return the ``id`` of each node that works itself or leads to one that does.

    Types can be recursive, so this goes on until nothing is added.
    """
    busy = {id(node) for node in nodes if works(node)}
    grown = True
    while grown:
        grown = False
        for node in nodes:
            if id(node) not in busy and any(id(child) in busy for child in below(node)):
                busy.add(id(node))
                grown = True
    return busy
