"""``python -m tests.faults.soak --minutes N``: faults for as long as asked, then the proof."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.faults import api_run

if TYPE_CHECKING:
    from tests.faults.api_run import Outcome

_MIB = 1024 * 1024
_MORE_FILES = 16
_MORE_MEMORY = 64 * _MIB
"""What a server may hold more than soon after its start: allocators do not give all back."""


def main() -> None:
    """Run, print the counts, and fail when something is wrong."""
    parser = argparse.ArgumentParser(prog="soak")
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--every", type=float, default=10.0, help="seconds between leader kills")
    parser.add_argument("--writers", type=int, default=12)
    options = parser.parse_args()
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="protocube-soak-") as folder:
        outcome = asyncio.run(
            api_run.run(
                Path(folder),
                seconds=options.minutes * 60,
                every=options.every,
                writers=options.writers,
            )
        )
    sys.stdout.write(_described(outcome, time.monotonic() - begun))
    sys.exit(0 if _is_right(outcome) else 1)


def _described(outcome: Outcome, seconds: float) -> str:
    lines = [f"{seconds:.0f} s, three members, two servers"]
    lines += [f"fault: {name} {count}" for name, count in sorted(outcome.faults.items())]
    lines.append(str(outcome.report))
    lines.append(f"watches expired by a compaction {outcome.expired}")
    lines.append(f"watchers at the end: {'all caught up' if outcome.caught_up else 'BEHIND'}")
    for number, (before, after) in enumerate(zip(outcome.before, outcome.after, strict=True)):
        lines.append(
            f"server {number}: {before.memory // _MIB} -> {after.memory // _MIB} MiB, "
            f"{before.files} -> {after.files} files"
        )
    lines.append("right" if _is_right(outcome) else "WRONG")
    return "\n".join(lines) + "\n"


def _is_right(outcome: Outcome) -> bool:
    return (
        outcome.report.is_right
        and outcome.caught_up
        and all(
            after.files <= before.files + _MORE_FILES
            and after.memory <= before.memory + _MORE_MEMORY
            for before, after in zip(outcome.before, outcome.after, strict=True)
        )
    )


if __name__ == "__main__":
    main()
