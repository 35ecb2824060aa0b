"""What is measured: rows of figures, each with samples for several subjects."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ETCD = "on etcd"
SQLITE = "on SQLite"
ECHO = "echo"
STORE = "etcd itself"
SERVED = (ETCD, SQLITE, ECHO, STORE)
"""The server on its stores, and the limits of what it is made of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """What a figure of the first subject of its row should be."""

    relation: Literal["<=", ">="]
    bound: float

    def text(self) -> str:
        """Return it as it is printed."""
        return f"{self.relation} {self.bound:,g}"

    def met(self, value: float) -> bool:
        """Tell whether a value is as it should be."""
        return value <= self.bound if self.relation == "<=" else value >= self.bound


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure of a row. ``digits`` are those behind the point that mean something."""

    key: str
    title: str
    digits: int = 0
    aim: Aim | None = None

    def text(self, value: float) -> str:
        """Return a value as it is printed."""
        return f"{value:,.{self.digits}f}"

    def verdict(self, spread: Spread | None) -> str:
        """Tell whether the aim is met; nothing without an aim or a sample."""
        if self.aim is None or spread is None:
            return ""
        return "met" if self.aim.met(spread.median) else "NOT met"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Figures that one measurement gives. ``subjects`` are its columns, the aims' one first."""

    key: str
    title: str
    figures: tuple[Figure, ...]
    subjects: tuple[str, ...] = SERVED


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """The samples of one figure, in short."""

    median: float
    least: float
    most: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """All samples of a run, by row, figure and subject."""

    samples: dict[str, dict[str, dict[str, list[float]]]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    """What was left out, and what went wrong."""

    def add(self, row: str, subject: str, values: Mapping[str, float]) -> None:
        """Note one measurement: a sample for each of its figures."""
        for figure, value in values.items():
            subjects = self.samples.setdefault(row, {}).setdefault(figure, {})
            subjects.setdefault(subject, []).append(value)

    def note(self, text: str) -> None:
        """Say once what a reader of the figures must know."""
        line = " ".join(text.split())
        if line not in self.notes:
            self.notes.append(line)

    def spread(self, row: str, figure: str, subject: str) -> Spread | None:
        """Return median and range of a figure, ``None`` when it was not measured."""
        values = self.samples.get(row, {}).get(figure, {}).get(subject)
        return _spread(values) if values else None


def _spread(values: Sequence[float]) -> Spread:
    return Spread(median=statistics.median(values), least=min(values), most=max(values))
