"""Puts mistakes into the code, one at a time, and tells which the tests do not notice.

    scripts/mutants [--count 200] [--seed 1] [--only server/protocube_server/cache] [--jobs 2]
                    [--seconds 90] [--tests TEST...] [--resume] [--list]

A sample that a seed decides, over the parts that :data:`tests.mutants.sampling.PARTS` names. The
tests run once without a mistake, to see which lines each of them reaches. Then each mistake is
made in a copy of the tree, and tests that reach its line run there until one fails. It is killed
when one does, and stuck when one takes much longer than without it; else it survived. It prints
each, and a table at the end. What is done is kept in .cache/mutants: as long as no file of the
programs or the tests changes, the next run goes on there, and with --resume also when one has.
tests/mutants.md says of survivors that are known why they are none.
"""

from __future__ import annotations

import argparse
import queue
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TYPE_CHECKING, TypeVar

from tests.mutants import contents, reach, sampling
from tests.mutants.contents import ROOT
from tests.mutants.reach import Reach
from tests.mutants.trees import Tree
from tests.mutants.trying import SURVIVED, Results, Trial

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.mutants.sampling import Mutant

_WANTED = 0.85
_FOLDER = ROOT / ".cache" / "mutants"
_Item = TypeVar("_Item")
_Done = TypeVar("_Done")


class Workers:
    """Threads that have a tree each."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._trees: queue.SimpleQueue[Tree] = queue.SimpleQueue()
        for number in range(count):
            self._trees.put(Tree(_FOLDER / f"tree{number}"))

    def each(
        self, items: Sequence[_Item], does: Callable[[_Item, Tree], _Done]
    ) -> Iterator[tuple[_Item, _Done]]:
        """Yield each of the items and what it gives with a tree, as they come."""

        def run(item: _Item) -> _Done:
            tree = self._trees.get()
            try:
                return does(item, tree)
            finally:
                self._trees.put(tree)

        pool = ThreadPoolExecutor(self._count)
        try:
            running = {pool.submit(run, item): item for item in items}
            for done in as_completed(running):
                yield running[done], done.result()
        finally:
            pool.shutdown(cancel_futures=True)


def main() -> int:
    """Run the sample; the exit code is 0 when 85 of 100 were noticed."""
    asked = _asked()
    mutants = sampling.sample(asked.count, asked.seed, asked.only)
    if asked.list:
        for mutant in mutants:
            _say(f"{mutant.place}: {mutant.mutation.what}")
        return 0
    _FOLDER.mkdir(parents=True, exist_ok=True)
    results = Results(
        _FOLDER / "results.jsonl",
        contents.digest(ROOT, *contents.PROGRAMS, "tests"),
        of_any_tree=asked.resume,
    )
    left = [mutant for mutant in mutants if asked.tests or mutant.key not in results.known]
    if left:
        _run(left, results, asked)
    return _table(mutants, results)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/mutants", description=__doc__)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="the beginning of FILE:LINE")
    parser.add_argument("--jobs", type=int, default=1, help="so many beside each other")
    parser.add_argument("--seconds", type=float, default=90, help="of tests for each mistake")
    parser.add_argument("--tests", nargs="+", help="these tests, instead of those that reach it")
    parser.add_argument("--resume", action="store_true", help="keep results of other trees, too")
    parser.add_argument("--list", action="store_true", help="say which mistakes, and make none")
    return parser.parse_args()


def _run(mutants: list[Mutant], results: Results, asked: argparse.Namespace) -> None:
    workers = Workers(asked.jobs)
    chosen = _named(workers, asked.tests) if asked.tests else _reach(workers, asked.seconds)
    trial = Trial(chosen)
    left = mutants
    while left:
        for number, (mutant, (how, by)) in enumerate(workers.each(left, trial.of), 1):
            results.add(mutant, how=how, by=by)
            what = f"{mutant.place}: {mutant.mutation.what}"
            _say(f"{number}/{len(left)} {how:8} {what} ({by})")
        by_test = {mutant: results.known[mutant.key].by for mutant in mutants}
        # Tests that noticed one have to pass without any: all at once, which is quick.
        [(_, unfit)] = workers.each([set(by_test.values())], trial.unfit)
        left = [mutant for mutant, by in by_test.items() if by in unfit]


def _named(workers: Workers, tests: list[str]) -> Callable[[Mutant], dict[str, float]]:
    """Return what chooses these tests for each mistake."""
    [(_, run)] = workers.each([tests], lambda named, tree: tree.run(named))
    if run.code != 0:
        raise SystemExit(f"mutants: {run.failed or 'their collection'} fails without a mistake")
    seconds = {each.test: each.seconds for each in run.outcomes}
    return lambda _: seconds


def _reach(workers: Workers, seconds: float) -> Callable[[Mutant], dict[str, float]]:
    """Return what chooses those tests that reach a mistake."""
    into = _FOLDER / "recorded"
    into.mkdir(exist_ok=True)
    recordings = []
    done = workers.each(reach.FOLDERS, lambda folder, tree: reach.record(tree, folder, into))
    for folder, recording in done:
        recordings.append(recording)
        tests, whole = len(recording.seconds), sum(recording.seconds.values())
        _say(f"tests/{folder}: {tests} tests, {whole:.0f} seconds")
    return Reach(recordings, seconds).tests


def _table(mutants: list[Mutant], results: Results) -> int:
    counts: dict[str, Counter[bool]] = {}
    for mutant in mutants:
        how = results.known[mutant.key].how
        counts.setdefault(mutant.part, Counter())[how != SURVIVED] += 1
        if how == SURVIVED:
            _say(f"{how} {mutant.place}: {mutant.mutation.what}")
    for part, noticed in sorted(counts.items()):
        _say(f"{part:40} {noticed[True]:4} of {noticed.total():4}")
    whole = sum(noticed[True] for noticed in counts.values())
    _say(f"{'noticed':40} {whole:4} of {len(mutants):4}")
    return 0 if whole >= _WANTED * len(mutants) else 1


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
