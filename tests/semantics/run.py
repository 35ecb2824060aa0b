"""Replays a folder of recorded cases and prints how many agree: ``scripts/replay-cases``."""

from __future__ import annotations

import argparse
import asyncio
import fnmatch
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests import etcd_process
from tests.semantics import cases, lists, places, running
from tests.semantics.running import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.semantics.running import Result

_FIRST = 3
"""Differences that are printed of each topic."""


def main() -> int:
    """Replay, print, and return 1 when a case is not as recorded."""
    options = _options()
    if options.write_not_yet and (options.topics or options.case != "*" or options.store != "both"):
        raise SystemExit("--write-not-yet takes all cases and both stores")
    found = cases.read(options.folder, options.topics)
    found = [case for case in found if fnmatch.fnmatch(case.name, options.case)]
    stores = places.STORES if options.store == "both" else (options.store,)
    if "etcd" in stores:
        try:
            etcd_process.binary()
        except pytest.skip.Exception as missing:
            raise SystemExit(f"replay-cases: {missing}") from None
    exemptions = lists.exemptions()
    results = [
        item for store in stores for item in asyncio.run(running.results(found, store, exemptions))
    ]
    for store in stores:
        mine = [item for item in results if item.store == store]
        sys.stdout.write(f"{store}\n{table(mine)}\n")
        sys.stdout.write(_differences(mine, everything=options.all) + "\n")
    failing = running.disagreeing(results)
    if options.write_not_yet:
        lists.write_not_yet(item.case.path for item in failing)
    return 1 if failing else 0


def table(results: Iterable[Result]) -> str:
    """Return the counts of verdicts by topic."""
    topics = running.by_topic(results)
    lines = [f"{'TOPIC':<20}{'CASES':>7}" + "".join(f"{item.value:>15}" for item in Verdict)]
    for topic, items in (
        *topics.items(),
        ("all", [one for some in topics.values() for one in some]),
    ):
        counts = [sum(one.verdict is verdict for one in items) for verdict in Verdict]
        lines.append(f"{topic:<20}{len(items):>7}" + "".join(f"{count:>15}" for count in counts))
    return "\n".join(lines)


def _differences(results: Iterable[Result], *, everything: bool) -> str:
    lines: list[str] = []
    for items in running.by_topic(results).values():
        told = [item for item in items if item.lines]
        lines += [str(item) for item in (told if everything else told[:_FIRST])]
        if not everything and len(told) > _FIRST:
            lines.append(f"... and {len(told) - _FIRST} more (--all)")
    return "\n".join(lines)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="replay-cases", description=__doc__)
    parser.add_argument(
        "folder",
        nargs="?",
        type=Path,
        default=cases.DATA,
        help="recorded cases, a folder a topic and a file a case (the packed ones of the tests)",
    )
    parser.add_argument("topics", nargs="*", help="only these topics")
    parser.add_argument("--case", default="*", help="only cases whose name has this form: scale-*")
    parser.add_argument("--store", choices=(*places.STORES, "both"), default="sqlite")
    parser.add_argument("--all", action="store_true", help="print every difference")
    parser.add_argument(
        "--write-not-yet", action="store_true", help="write the list of cases that do not agree"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
