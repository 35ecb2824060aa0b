"""A step of a run: what measures one row on one subject."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.bench.figures import Results
    from tests.bench.load import Load
    from tests.bench.subjects import Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What all steps of a run share."""

    load: Load
    """Asked only by steps that say so."""
    results: Results
    objects: int
    """How many a list gives."""
    most: int
    """How many the largest store holds; 0 leaves it out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """``measure`` adds samples of the row ``row``; it raises ``CannotMeasureError``."""

    row: str
    subjects: tuple[str, ...]
    """Those that it can measure."""
    measure: Callable[[Setting, Subject], None]
    loads: bool = True
    """Whether it needs the load generator."""
    once: bool = False
    """Whether one turn of a run is enough, because it takes long."""
