"""``cubectl create -f`` of one and of many documents, with kubectl beside it.

kubectl talks to the stand-in of the differential tests, which keeps objects in memory, and
validates nothing: that is the least it can take.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench import rows
from tests.bench.figures import ETCD, SQLITE
from tests.bench.load import CannotMeasureError
from tests.bench.step import Setting, Step
from tests.differential import rest_server
from tests.differential.bench_cli import CUBECTL, Bench

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.bench.subjects import Subject

_OFTEN = 5
"""How often a command of one document is run in a turn."""
_LONG = 10_000
"""So many documents are created in one turn only; with kubectl, fewer are, too."""


def steps(most: int) -> Iterator[Step]:
    """Yield the steps, of at most so many documents."""
    for count in rows.DOCUMENTS:
        if count <= most:
            yield _create(count)


def _create(count: int) -> Step:
    row = rows.documents(count)

    def measure(setting: Setting, subject: Subject) -> None:
        results = setting.results
        with tempfile.TemporaryDirectory() as folder, rest_server.running() as rest:
            bench = Bench(Path(folder), rest.url, subject.address)
            for seconds in _taken(bench, count, CUBECTL, "create"):
                results.add(row, subject.name, {"seconds": seconds})
            kubectl = shutil.which("kubectl")
            if kubectl is None:
                results.note("there is no kubectl on PATH to put beside cubectl")
            elif subject.name == ETCD and (
                count == 1 or results.spread(row, "seconds", rows.KUBECTL) is None
            ):
                for seconds in _taken(bench, count, kubectl, "create", "--validate=false"):
                    results.add(row, rows.KUBECTL, {"seconds": seconds})

    return Step(row=row, subjects=(ETCD, SQLITE), measure=measure, once=count >= _LONG, loads=False)


def _taken(bench: Bench, count: int, *command: str) -> Sequence[float]:
    """Return the seconds that each run took, but for a first one that fills caches."""
    try:
        bench.run(*command, "-f", bench.documents(1))
        turns = _OFTEN if count == 1 else 1
        files = [bench.documents(count) for _ in range(turns)]
        return [bench.run(*command, "-f", file).seconds for file in files]
    except subprocess.CalledProcessError as error:
        program = Path(command[0]).name
        raise CannotMeasureError(f"{program}: {error.stderr.strip()[-500:]}") from error
