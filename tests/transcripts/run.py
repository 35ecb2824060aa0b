"""Replays scenarios on a server and prints how many agree: ``scripts/replay-transcripts``."""

from __future__ import annotations

import argparse
import collections
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.transcripts import blocks, differences, replaying
from tests.transcripts.replaying import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.transcripts.replaying import Result


def main() -> int:
    """Replay, print, and return 1 when a block is not as recorded or as listed."""
    options = _options()
    scenarios = _chosen(options.folder, options.names)
    results = list(
        replaying.replay(options.server, options.folder, scenarios, differences.wanted())
    )
    told = {Verdict.DIFFERS, Verdict.STALE, *([Verdict.LISTED] if options.all else [])}
    for result in results:
        if result.verdict is Verdict.STALE:
            sys.stdout.write(f"{result.block.name} agrees: take it off the list\n")
        elif result.verdict in told:
            sys.stdout.writelines(f"{line}\n" for line in result.lines())
    sys.stdout.write(table(results))
    unexpected = {Verdict.DIFFERS, Verdict.STALE}
    return 1 if any(result.verdict in unexpected for result in results) else 0


def table(results: Iterable[Result]) -> str:
    """Return the counts of blocks by the command that they are about."""
    by_word: dict[str, collections.Counter[Verdict]] = collections.defaultdict(collections.Counter)
    for result in results:
        by_word[blocks.command_word(result.block.command)][result.verdict] += 1
    rows = [("COMMAND", "BLOCKS", *(verdict.value.upper() for verdict in Verdict))]
    rows += [_row(word, by_word[word]) for word in sorted(by_word)]
    rows.append(_row("all", sum(by_word.values(), collections.Counter())))
    return "".join(f"{row[0]:<28}{''.join(f'{cell:>8}' for cell in row[1:])}\n" for row in rows)


def _row(word: str, counts: collections.Counter[Verdict]) -> tuple[str, ...]:
    return (word, str(counts.total()), *(str(counts[verdict]) for verdict in Verdict))


def _chosen(folder: Path, names: Sequence[str]) -> list[str]:
    """Return the scenarios to replay: those of ``names``, or all that there are."""
    every = sorted(path.stem for path in folder.glob("*.txt"))
    unknown = [name for name in names if name not in every]
    if unknown or not every:
        raise SystemExit(f"replay-transcripts: no {', '.join(unknown) or 'scenario'} in {folder}")
    return list(names) or every


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="replay-transcripts", description=__doc__)
    parser.add_argument("server", help="the address of an empty server, HOST:PORT")
    parser.add_argument("folder", type=Path, help="the recorded scenarios, NAME.txt and NAME/")
    parser.add_argument("names", nargs="*", help="only these scenarios")
    parser.add_argument(
        "--all", action="store_true", help="print the differences that are listed, too"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
