"""``python -m tests.faults.soak --minutes N``: faults for as long as asked, then the proof."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.faults import api_run, archive

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
    parser.add_argument(
        "--keep",
        type=Path,
        default=Path(".cache", "soak"),
        help="where to keep the history of a run that went wrong (%(default)s)",
    )
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
    if _is_right(outcome):
        sys.exit(0)
    for file in keep(outcome, options.keep / time.strftime("%Y%m%d-%H%M%S")):
        sys.stdout.write(f"kept {file}\ncheck it again: python -m tests.faults.check {file}\n")
    sys.exit(1)


def keep(outcome: Outcome, folder: Path) -> list[Path]:
    """Write all that a run has recorded below ``folder``, and return the file of each epoch."""
    folder.mkdir(parents=True)
    files = [folder / f"history-{number}.jsonl" for number, _ in enumerate(outcome.epochs)]
    for epoch, file in zip(outcome.epochs, files, strict=True):
        archive.save(epoch.history, file)
    for number, lines in enumerate(outcome.logs):
        (folder / f"server-{number}.log").write_text("".join(f"{line}\n" for line in lines))
    return files


def _described(outcome: Outcome, seconds: float) -> str:
    lines = [f"{seconds:.0f} s, three members, two servers"]
    lines += [f"fault: {name} {count}" for name, count in sorted(outcome.faults.items())]
    lines.append(str(outcome.report))
    lines.append(f"watches expired by compactions and restorations {outcome.expired}")
    lines.append(f"namespaces deleted {outcome.deleted}, left {', '.join(outcome.left) or 'none'}")
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
        and not outcome.left
        and all(
            after.files <= before.files + _MORE_FILES
            and after.memory <= before.memory + _MORE_MEMORY
            for before, after in zip(outcome.before, outcome.after, strict=True)
        )
    )


if __name__ == "__main__":
    main()
