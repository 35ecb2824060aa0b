"""Times cubectl beside kubectl: ``scripts/bench-cli``.

The two take turns, so that a busy machine is busy for both, and the ratio is what to
look at. kubectl talks to the stand-in of the tests, cubectl to a cube-apiserver. Python
finds its bytecode compiled, as it does for an installed package.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests import server_process
from tests.differential import rest_server
from tests.differential.both import kubeconfig

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    Rows = Iterator[str]

CUBECTL = str(Path(sys.executable).with_name("cubectl"))
LIMITS = (1, 8, 16, 32, 64, 128)
_HELPED = (("get",), ("create",), ("apply",), ("create", "deployment"), ("describe",), ("wait",))
_OF_ONE_CALL = {
    "get configmap one -o yaml": ("get", "configmap", "one", "-o", "yaml"),
    "label configmap one a=b --overwrite": ("label", "configmap", "one", "a=b", "--overwrite"),
    "patch configmap one": ("patch", "configmap", "one", "-p", '{"data": {"a": "c"}}'),
    "create configmap": ("create", "configmap", "n", "--dry-run=server"),
    "delete configmap one": ("delete", "configmap", "one", "--dry-run=server"),
    "auth can-i get pods": ("auth", "can-i", "get", "pods"),
}
"""Commands that make one call."""

_POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: {name}
  labels:
    app: web
spec:
  containers:
  - name: main
    image: registry.k8s.io/pause:3.10
    env:
    - name: MODE
      value: test
"""

_STEPS = """
import time
lap = 0.0
def step(name):
    global lap
    print(f"{time.process_time() - lap:.6f} {name}")
    lap = time.process_time()
step("Python itself")
import click
step("click: the command line")
import protocube_client.cli.main, protocube_client.cli.commands.create.command
step("the command, its flags and settings")
import asyncio
step("asyncio")
import grpc.aio
step("gRPC")
import google.protobuf.message_factory, google.protobuf.descriptor_pb2
step("protobuf")
import yaml, yaml._yaml
step("YAML")
import protocube_client.connection.connection, protocube_client.resource.builder
import protocube_client.resource.create, protocube_client.printers.name_printer
step("the pipeline: 40 small modules")
from protocube.catalog import Catalog
found = Catalog.shipped(comments=False).find("pods")
found.message_class, found.create_request_class
step("the descriptors of all kinds, and the classes of one")
"""
"""What ``create -f one.yaml`` does before it reads a byte."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One process that ended."""

    seconds: float
    cpu: float
    """Seconds of processor time, its own and the system's."""
    megabytes: float
    """The most memory that any process so far had; of use where it grows."""
    out: str


class Bench:
    """Both programs, with a folder to work in."""

    def __init__(self, folder: Path, rest: str, server: str) -> None:
        self._folder = folder
        config = folder / "kubeconfig"
        config.write_text(json.dumps(kubeconfig(rest, "default")))
        self._environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "KUBECONFIG": str(config),
            "PROTOCUBE_SERVER": server,
            "PYTHONPYCACHEPREFIX": str(folder / "bytecode"),
        }
        self._number = 0

    def run(self, *command: str) -> Run:
        """Run a command to its end. Raises when it fails."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        started = time.perf_counter()
        done = subprocess.run(
            command, capture_output=True, text=True, check=True, env=self._environ
        )
        seconds = time.perf_counter() - started
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
        return Run(seconds=seconds, cpu=cpu, megabytes=used.ru_maxrss / 1024, out=done.stdout)

    def documents(self, count: int) -> str:
        """Return a new file of so many Pods."""
        self._number += 1
        path = self._folder / f"{self._number}.yaml"
        names = (f"p{self._number}-{number}" for number in range(count))
        path.write_text("---\n".join(_POD.format(name=name) for name in names))
        return str(path)

    def changed(self, path: str) -> Sequence[str]:
        """Return a new file with other images, twice, and twice ``path``: one for each program."""
        other = Path(path).with_suffix(".changed.yaml")
        other.write_text(Path(path).read_text().replace("pause:3.10", "pause:3.11"))
        return str(other), str(other), path, path

    def beside(
        self, title: str, args: Callable[[], Sequence[str]], *, turns: int, kubectl: str
    ) -> str:
        """Return a row: the fastest of each, how they compare, and their processor times."""
        ours, theirs = [], []
        for _ in range(turns + 1):
            ours.append(self.run(CUBECTL, *args()))
            if kubectl:
                theirs.append(self.run(kubectl, *args()))
        # The first turn fills caches.
        mine, my_cpu = _least(ours[1:])
        if not theirs:
            return f"{title:<34}{'-':>9}{mine:>9.3f}{'-':>9}{'-':>9}{my_cpu:>9.3f}"
        other, other_cpu = _least(theirs[1:])
        return (
            f"{title:<34}{other:>9.3f}{mine:>9.3f}{mine / other:>8.2f}x"
            f"{other_cpu:>9.3f}{my_cpu:>9.3f}"
        )

    def against(self, base: Sequence[str], others: Mapping[str, Sequence[str]], turns: int) -> Rows:
        """Yield rows of commands of ours beside ``base``, all of them in turn, in processor time.

        It is what a command costs whatever else the machine does.
        """
        found: dict[str, list[Run]] = {name: [] for name in ("", *others)}
        for _ in range(turns + 1):
            for name, args in {"": base, **others}.items():
                found[name].append(self.run(CUBECTL, *args))
        least = _least(found.pop("")[1:])[1]
        yield f"{' '.join(base):<52}{least:>9.3f}"
        for name, runs in found.items():
            mine = _least(runs[1:])[1]
            yield f"{name:<52}{mine:>9.3f}{mine / least:>8.2f}x"


def _least(runs: Sequence[Run]) -> tuple[float, float]:
    """Return the least seconds, and the least processor time."""
    return min(run.seconds for run in runs), min(run.cpu for run in runs)


def _rows(bench: Bench, kubectl: str, turns: int) -> Iterator[str]:
    yield (
        f"{'seconds, fastest of ' + str(turns):<34}{'kubectl':>9}{'cubectl':>9}{'ratio':>9}"
        f"{'its CPU':>9}{'our CPU':>9}"
    )
    quick: dict[str, Callable[[], Sequence[str]]] = {
        "version --client": lambda: ("version", "--client"),
        "get pods": lambda: ("get", "pods", "-l", "app=none"),
        "create -f one.yaml": lambda: ("create", "-f", bench.documents(1)),
    }
    for title, args in quick.items():
        yield bench.beside(title, args, turns=turns, kubectl=kubectl)

    def thousand() -> Sequence[str]:
        return "create", "--validate=false", "-f", bench.documents(1000)

    yield bench.beside("1,000 documents, not validated", thousand, turns=1, kubectl=kubectl)
    applied = bench.documents(1000)

    def unchanged() -> Sequence[str]:
        return "apply", "--validate=false", "-f", applied

    yield bench.beside("apply 1,000, unchanged", unchanged, turns=1, kubectl=kubectl)
    versions = itertools.cycle(bench.changed(applied))

    def changed() -> Sequence[str]:
        return "apply", "--validate=false", "-f", next(versions)

    yield bench.beside("apply 1,000, changed", changed, turns=1, kubectl=kubectl)
    yield ""
    yield f"seconds of processor time, least of {turns}; aims: 1.3 times"
    helps = {f"{' '.join(words)} --help": (*words, "--help") for words in _HELPED}
    yield from bench.against(("version", "--client"), helps, turns)
    yield ""
    yield f"seconds of processor time, least of {turns}; aims: 1.1 times"
    bench.run(CUBECTL, "create", "configmap", "one", "--from-literal=a=b")
    yield from bench.against(("get", "configmap", "one"), _OF_ONE_CALL, turns)
    yield ""
    yield "cubectl create -f 1,000 documents, seconds, fastest of 3"
    for limit in LIMITS:
        fastest = min(
            bench.run(CUBECTL, "create", f"--parallel={limit}", "-f", bench.documents(1000)).seconds
            for _ in range(3)
        )
        yield f"--parallel={limit:<23}{fastest:>18.3f}"
    yield ""
    # Before this the largest of our processes had a thousand documents.
    before = bench.run(CUBECTL, "version", "--client").megabytes
    many = bench.run(CUBECTL, "create", "-f", bench.documents(10_000))
    yield f"cubectl create -f 10,000 documents: {many.seconds:.1f} s"
    yield f"peak memory: {many.megabytes:.0f} MB (of all processes before it: {before:.0f} MB)"
    yield ""
    yield "where a create spends its CPU before it reads a byte, milliseconds"
    yield from _steps(bench, turns)


def _steps(bench: Bench, turns: int) -> Iterator[str]:
    fastest: dict[str, float] = {}
    for _ in range(turns + 1):
        for line in bench.run(sys.executable, "-c", _STEPS).out.splitlines():
            lap, name = line.split(" ", 1)
            fastest[name] = min(float(lap), fastest.get(name, float("inf")))
    for name, seconds in fastest.items():
        yield f"{name:<54}{seconds * 1000:>8.1f}"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="scripts/bench-cli", description=__doc__)
    parser.add_argument("--turns", type=int, default=15, help="how often each is run")
    turns = parser.parse_args().turns
    built = Path(__file__).parents[2] / ".cache" / "go" / "bin" / "kubectl"
    kubectl = str(built) if built.exists() else shutil.which("kubectl") or ""
    if not kubectl:
        sys.stderr.write("bench-cli: there is no kubectl on PATH to compare with\n")
    with (
        tempfile.TemporaryDirectory() as name,
        rest_server.running() as rest,
        server_process.running(Path(name) / "store.db") as server,
    ):
        for row in _rows(Bench(Path(name), rest.url, server.address), kubectl, turns):
            sys.stdout.write(f"{row}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
