"""The two lists of cases that do not agree.

``nothing_here.toml`` is written by hand and reviewed: cases, or steps of them, that cannot mean
something here, and cases that wait for a part that is not built, each with its reason.
``not_yet.txt`` is generated (``scripts/replay-cases --write-not-yet``) and may only shrink.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

NOTHING_HERE: Final = Path(__file__).with_name("nothing_here.toml")
NOT_YET: Final = Path(__file__).with_name("not_yet.txt")
_HEADER = "# Cases that do not agree yet. Generated: scripts/replay-cases --write-not-yet\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemption:
    """A case that need not agree, or of which some steps need not."""

    why: str
    steps: frozenset[int]
    """Empty: the whole case."""
    waits: bool
    """It waits for something; else it can mean nothing here."""


def exemptions() -> dict[str, Exemption]:
    """Return the reviewed list, by the paths of the cases."""
    tables = tomllib.loads(NOTHING_HERE.read_text())
    assert tables.keys() <= {"nothing_here", "waiting"}, tables.keys()
    return {
        path: Exemption(
            why=entry["why"],
            steps=frozenset(entry.get("steps", ())),
            waits=table == "waiting",
        )
        for table, entries in tables.items()
        for path, entry in entries.items()
    }


def not_yet() -> frozenset[str]:
    """Return the paths of the cases that do not agree yet."""
    lines = NOT_YET.read_text().splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def write_not_yet(paths: Iterable[str]) -> None:
    """Write the generated list."""
    NOT_YET.write_text(_HEADER + "".join(f"{path}\n" for path in sorted(set(paths))))
