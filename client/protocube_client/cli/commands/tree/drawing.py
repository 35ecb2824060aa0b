"""The tree of an object as a table: names with branches, and the state of each object."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from protocube.tables import ages, columns
from protocube_client.printers import cells
from protocube_client.printers.grid import Grid
from protocube_client.printers.printable import kind_and_group

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube_client.cli.commands.tree.family import Family, Owner
    from protocube_client.printers.printable import Printable

_HEADINGS = ["NAME", "READY", "STATUS", "AGE"]
_STATES = ("READY", "STATUS")
"""Columns of a kind's own table that are shown here, too."""


async def lines(item: Printable, family: Family, *, headers: bool) -> Iterator[str]:
    """Return the lines of an object's tree: its owners above it, its dependents below.

    The way up is that of the owner that controls it, or of the first; other owners are
    named beside the object.
    """
    drawing = _Drawing(family, with_namespaces=not item.resource.namespaced)
    chain, seen = [item], {item.metadata.uid}
    beside: dict[str, list[Owner]] = {}
    while True:
        owners = await family.owners(chain[-1])
        beside[chain[-1].metadata.uid] = owners
        up = owners[0].found if owners else None
        if up is None or up.metadata.uid in seen:
            break
        beside[chain[-1].metadata.uid] = owners[1:]
        seen.add(up.metadata.uid)
        chain.append(up)
    for level, owner in enumerate(reversed(chain[1:])):
        drawing.add(owner, _branch(level), beside[owner.metadata.uid])
    drawing.below(item, len(chain) - 1, beside, seen)
    return drawing.lines(headers=headers)


class _Drawing:
    def __init__(self, family: Family, *, with_namespaces: bool) -> None:
        self._family = family
        self._with_namespaces = with_namespaces
        self._rows: list[list[str]] = []
        self._now = time.time()

    def add(self, item: Printable, branch: str, beside: list[Owner]) -> None:
        """Add the row of an object, with the owners that are not above it."""
        metadata = item.metadata
        name = f"{branch}{kind_and_group(item.resource)}/{item.name}"
        if self._with_namespaces and metadata.namespace:
            name += f" ({metadata.namespace})"
        if beside:
            name += f" <- {', '.join(map(_named, beside))}"
        states = {
            column.name: column.cell(item.message, self._now)
            for column in columns.of(item.resource, wide=False)
            if column.name in _STATES
        }
        if metadata.HasField("deletion_timestamp"):
            states["STATUS"] = "Terminating"
        shown = [cells.one_line(states.get(name, "")) for name in _STATES]
        age = ages.since(metadata.creation_timestamp, self._now)
        self._rows.append([cells.one_line(name), *shown, age])

    def below(
        self, item: Printable, level: int, beside: dict[str, list[Owner]], drawn: set[str]
    ) -> None:
        """Add the row of an object and those of what it owns, each with what it owns once.

        What is in ``drawn`` is above it, and has no row below.
        """
        above = frozenset(drawn)
        left = [(item, _branch(level), "   " * level)]
        while left:
            each, branch, margin = left.pop()
            uid = each.metadata.uid
            self.add(each, branch, beside.get(uid, []))
            if uid in drawn and each is not item:
                # What it owns stands where it was drawn first.
                continue
            drawn.add(uid)
            found = self._family.dependents(each)
            below = [one for one in found if one.metadata.uid not in above]
            forks = [("├─ ", "│  ")] * (len(below) - 1) + [("└─ ", "   ")]
            left += reversed(
                [
                    (one, f"{margin}{fork}", f"{margin}{line}")
                    for one, (fork, line) in zip(below, forks, strict=False)
                ]
            )

    def lines(self, *, headers: bool) -> Iterator[str]:
        """Return the rows as lines."""
        return Grid().lines([*([_HEADINGS] if headers else []), *self._rows])


def _branch(level: int) -> str:
    return f"{'   ' * (level - 1)}└─ " if level else ""


def _named(owner: Owner) -> str:
    return f"{owner.kind}/{owner.name}{'' if owner.found is not None else ' (not found)'}"
