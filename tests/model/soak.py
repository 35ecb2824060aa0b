"""``python -m tests.model.soak 200000``: that many operations, seed after seed.

What a seed finds it finds again: the last lines say how to run one that goes wrong.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import logging
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis.errors import FlakyFailure

from tests import etcd_process
from tests.model.playing import play

if TYPE_CHECKING:
    from collections.abc import Iterator

_HISTORIES = 40
"""Of one seed."""
_STORES = ("sqlite", "etcd")


def main() -> None:
    """Play, say how far it is, and fail at the first history that goes wrong."""
    parser = argparse.ArgumentParser(prog="soak --model")
    parser.add_argument("operations", type=int, nargs="?", default=200_000)
    parser.add_argument("--first", type=int, default=1000, help="the first seed (%(default)s)")
    parser.add_argument("--seed", type=int, help="play the histories of this seed alone")
    parser.add_argument("--store", choices=_STORES, help="on this store alone")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    begun, counts = time.monotonic(), Counter[str]()
    stores = [options.store] if options.store else list(_available())
    seeds = itertools.count(options.first) if options.seed is None else [options.seed]
    for number, store in zip(seeds, itertools.cycle(stores), strict=False):
        fault = _played(store, number, counts)
        done, seconds = sum(counts.values()), time.monotonic() - begun
        sys.stdout.write(f"seed {number} on {store}: {done} operations in {seconds:.0f} s\n")
        if fault:
            again = f"scripts/soak --model --seed {number} --store {store}"
            sys.stdout.write(f"{fault}\nWRONG\n  {again}\n")
            sys.exit(1)
        sys.stdout.flush()
        if done >= options.operations:
            break
    for method, count in counts.most_common():
        sys.stdout.write(f"{method} {count}\n")
    sys.stdout.write("every answer was the model's\n")


def _available() -> Iterator[str]:
    yield "sqlite"
    with contextlib.suppress(pytest.skip.Exception):
        etcd_process.binary()
        yield "etcd"


def _played(store: str, number: int, counts: Counter[str]) -> str:
    """Play the histories of a seed on an empty store. Returns the one that goes wrong, if any."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="protocube-model-")))
        url = f"sqlite:{folder}/store.db"
        if store == "etcd":
            etcd = stack.enter_context(etcd_process.running(folder / "etcd"))
            url = f"etcd://{etcd.endpoint}"
        try:
            play(url, number, counts, count=_HISTORIES)
        except AssertionError as error:
            return "\n".join((str(error), *error.__notes__))
        except FlakyFailure as error:
            # It depends on which of two calls was faster: what went wrong once is told as it was.
            return "\n".join(map(str, error.exceptions))
    return ""


if __name__ == "__main__":
    main()
