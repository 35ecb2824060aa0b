"""``python -m tests.simulation.soak``: seeds for as long as asked, or one seed again.

What a seed finds it finds again, on any machine, for the same code.
"""

from __future__ import annotations

import argparse
import itertools
import logging
import sys
import time

from tests.simulation import simulating


def main() -> None:
    """Run seed after seed, name those that go wrong, and fail when there are any."""
    parser = argparse.ArgumentParser(prog="soak --simulate")
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--first", type=int, default=100_000, help="the first seed (%(default)s)")
    parser.add_argument("--seed", type=int, help="run this seed alone, and say all that is wrong")
    options = parser.parse_args()
    if options.seed is not None:
        found = simulating.faults(options.seed)
        sys.stdout.write("".join(f"{text}\n" for text in found) or "right\n")
        sys.exit(bool(found))
    logging.disable(logging.CRITICAL)
    end = time.monotonic() + options.minutes * 60
    wrong = 0
    for seed in itertools.count(options.first):
        if time.monotonic() >= end:
            break
        found = simulating.faults(seed)
        if found:
            wrong += 1
            say = f"seed {seed}: {len(found)} wrong, as {found[0]}\n"
            sys.stdout.write(f"{say}  scripts/soak --simulate --seed {seed}\n")
            sys.stdout.flush()
    sys.stdout.write(f"{seed - options.first} seeds, {wrong} wrong\n")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
