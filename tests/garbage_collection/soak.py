"""``python -m tests.garbage_collection.soak``: random graphs amid faults, then a killed leader.

A seed builds the same graph each time; what dies when depends on the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import logging
import sys
import tempfile
import time
from pathlib import Path

from protocube_server.storage.sqlite import SqliteStore
from tests.garbage_collection import graphs, killed_leader


async def graph(seed: int) -> str:
    """Play one seed; return what was wrong."""
    with tempfile.TemporaryDirectory() as folder:
        store = await SqliteStore.open(Path(folder) / "store.db")
        try:
            await graphs.play(store, seed, things=200, deletions=10)
        except AssertionError as error:
            return str(error)
        finally:
            await store.close()
    return ""


def main() -> None:
    """Run seed after seed, name those that go wrong, and fail when there are any."""
    parser = argparse.ArgumentParser(prog="soak --collector")
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--first", type=int, default=1000, help="the first seed (%(default)s)")
    parser.add_argument("--seed", type=int, help="run this seed alone")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    end = time.monotonic() + options.minutes * 60
    wrong = played = 0
    for seed in itertools.count(options.first) if options.seed is None else [options.seed]:
        if played and time.monotonic() >= end:
            break
        found = asyncio.run(graph(seed))
        played += 1
        if found:
            wrong += 1
            sys.stdout.write(f"{found}\n  scripts/soak --collector --seed {seed}\n")
            sys.stdout.flush()
    sys.stdout.write(f"{played} random graphs of 200 objects, {wrong} wrong\n")
    if options.seed is None:
        asyncio.run(killed_leader.main(2000))
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
