"""Which mistakes are tried, and which tests are near them."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.mutants import mutations
from tests.mutants.contents import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.mutants.mutations import Mutation

_SERVER, _CLIENT = "server/protocube_server", "client/protocube_client"
PARTS: dict[str, tuple[str, ...]] = {
    f"{_SERVER}/storage/sqlite": (
        "tests/storage/test_sqlite",
        "tests/conformance",
        "tests/server/test_store",
    ),
    f"{_SERVER}/storage/etcd": ("tests/storage/test_etcd", "tests/storage", "tests/conformance"),
    f"{_SERVER}/storage/sealing": ("tests/sealing",),
    f"{_SERVER}/storage": ("tests/storage", "tests/conformance", "tests/server/test_store"),
    f"{_SERVER}/cache": ("tests/cache", "tests/simulation", "tests/server/test_watch"),
    f"{_SERVER}/calls": ("tests/calls", "tests/server"),
    f"{_SERVER}/verbs": ("tests/server", "tests/simulation", "tests/garbage_collection"),
    f"{_SERVER}/kinds": ("tests/kinds", "tests/patching", "tests/server"),
    f"{_SERVER}/edge": ("tests/server", "tests/tls", "tests/authentication"),
    f"{_CLIENT}/resource": ("tests/client/resource", "tests/client/cli"),
    f"{_CLIENT}/watching.py": ("tests/client/test_watching", "tests/client/test_patience"),
}
"""The beginnings of the names of those tests that are written for a part: they run first."""
_GENERATED = ("_pb2.py", "_pb2_grpc.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A mistake and where it is."""

    name: str
    """The file from the root."""

    mutation: Mutation
    key: str
    """Names it as long as its line is the same, wherever in the file that is."""

    @property
    def place(self) -> str:
        """File and line, from the root."""
        return f"{self.name}:{self.mutation.line}"

    @property
    def part(self) -> str:
        """The folder of a program that the file is in, or the file."""
        return "/".join(self.name.split("/")[:3])

    @property
    def near(self) -> tuple[str, ...]:
        """The beginnings of the names of tests that are written for its part."""
        return PARTS[max((part for part in PARTS if self.name.startswith(part)), key=len)]


def sample(count: int, seed: int, only: str) -> list[Mutant]:
    """Return so many mistakes, of all files alike by their length.

    Each has a place in the order of a seed that depends on nothing but itself: a line that is
    changed, added or taken away leaves all others in the sample where they are.
    """
    found = [
        mutant
        for name in sorted({name for part in PARTS for name in _files(part)})
        if name.startswith(only) or only.startswith(name)
        for mutant in of(name, (ROOT / name).read_bytes())
        if mutant.place.startswith(only)
    ]
    return sorted(found, key=lambda each: _digest(seed, each.key))[:count]


def of(name: str, source: bytes) -> Iterator[Mutant]:
    """Yield the mistakes of a file."""
    lines = source.decode().splitlines()
    seen: Counter[str] = Counter()
    for mutation in mutations.of(source):
        key = _digest(name, lines[mutation.line - 1].strip(), mutation.what)
        seen[key] += 1
        yield Mutant(name=name, mutation=mutation, key=f"{key}-{seen[key]}")


def _files(part: str) -> Iterator[str]:
    path = ROOT / part
    for file in [path] if path.suffix else path.rglob("*.py"):
        if not file.name.endswith(_GENERATED):
            yield file.relative_to(ROOT).as_posix()


def _digest(*words: object) -> str:
    return hashlib.sha256(repr(words).encode()).hexdigest()[:16]
