"""The flags of ``scripts/bench``."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.bench.figures import ECHO, ETCD, SQLITE, STORE
from tests.bench.load import ROOT
from tests.bench.rows import ROWS

if TYPE_CHECKING:
    from collections.abc import Sequence

_SUBJECTS = {"etcd": ETCD, "store": STORE, "sqlite": SQLITE, "echo": ECHO}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What to measure and how long, and where the outcome goes."""

    repeat: int
    seconds: float
    objects: int
    most: int
    documents: int
    limit: float
    only: Sequence[str]
    on: Sequence[str]
    json: Path
    report: Path | None
    write_docs: bool

    def includes(self, row: str) -> bool:
        """Tell whether a row is to be measured."""
        return not self.only or any(text in row for text in self.only)

    def shown(self) -> dict[str, Any]:
        """Return what a reader of the figures must know."""
        names = ("repeat", "seconds", "objects", "most", "documents")
        return {name: getattr(self, name) for name in names}


def parse(arguments: Sequence[str]) -> Options:
    """Read the flags; ends the process when they are wrong."""
    parser = argparse.ArgumentParser(
        prog="scripts/bench",
        description="Measure the server, and its limits beside each figure.",
    )
    add = parser.add_argument
    add("--quick", action="store_true", help="one turn with less in it: two minutes, not twelve")
    add("--repeat", type=count, metavar="N", help="turns (3; quick: 1)")
    add("--seconds", type=seconds, metavar="S", help="that a figure is measured for (2; 1)")
    add("--objects", type=count, metavar="N", help="that a list gives (10000)")
    add("--most", type=int, metavar="N", help="objects of the largest store (100000; none)")
    add("--documents", type=count, metavar="N", help="of cubectl, at most (10000; 1000)")
    add("--limit", type=seconds, metavar="S", help="seconds that all may take (710; 115)")
    add(
        "--only",
        action="append",
        metavar="TEXT",
        help="rows with this in their key, as create-; may be repeated; a wrong one lists them",
    )
    add("--on", action="append", choices=_SUBJECTS, help="this subject; may be repeated")
    add("--json", type=Path, metavar="FILE", help="where samples go (.cache/bench/TIME.json)")
    add("--report", type=Path, metavar="FILE", help="measure nothing, show the samples of FILE")
    add("--write-docs", action="store_true", help="bring docs/benchmarks.md up to date")
    given = vars(parser.parse_args(arguments))
    for text in given["only"] or ():
        if not any(text in row.key for row in ROWS):
            known = ", ".join(row.key for row in ROWS)
            parser.error(f"no row has {text!r} in its key; there are {known}")
    if given["write_docs"] and not given["report"] and (given["only"] or given["on"]):
        parser.error("--write-docs wants every figure: leave out --only and --on")
    full = {"repeat": 3, "seconds": 2.0, "most": 100_000, "documents": 10_000, "limit": 710.0}
    quick = {"repeat": 1, "seconds": 1.0, "most": 0, "documents": 1_000, "limit": 115.0}
    now = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    default: dict[str, Any] = {
        "objects": 10_000,
        "only": (),
        "report": None,
        "on": tuple(_SUBJECTS),
        "json": ROOT / ".cache" / "bench" / f"{now}.json",
        **(quick if given.pop("quick") else full),
    }
    chosen = default | {name: value for name, value in given.items() if value is not None}
    chosen["on"] = tuple(_SUBJECTS[name] for name in chosen["on"])
    return Options(**chosen)


def count(text: str) -> int:
    """Read a number of things, for argparse."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1: {text}")
    return value


def seconds(text: str) -> float:
    """Read a time, for argparse."""
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"must be more than 0: {text}")
    return value
