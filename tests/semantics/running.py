"""Many cases replayed at once, with a verdict for each.

Most cases share a server, each in namespaces of its own. A case whose answers show how far the
store is has a server to itself while it runs: nobody else may write meanwhile.
"""

from __future__ import annotations

import asyncio
import contextlib
import enum
import itertools
import tempfile
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.semantics import lists, places
from tests.semantics.replaying import Finding, Replay

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable, Mapping

    from tests.semantics.cases import Case
    from tests.semantics.lists import Exemption
    from tests.semantics.places import Place

_TOGETHER = 16
"""Cases at once on a shared server."""
_TOGETHER_WITH_CONTROLLERS = 48
"""These wait most of their time."""
_ALONE = {"sqlite": 8, "etcd": 4}
"""Servers with one case at a time, by the kind of their stores; each etcd is a process."""


class Verdict(enum.Enum):
    """How a case came out."""

    AGREES = "agree"
    DIFFERS = "differ"
    NOT_SERVED = "not served"
    """The services lack what a step asks for."""
    WAITING = "waiting"
    """Listed as waiting for a part that is not built."""
    NOTHING_HERE = "nothing here"
    """Listed as without a meaning here."""
    LISTED_IN_VAIN = "listed in vain"
    """Listed, and what is listed agrees after all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One case on one kind of store."""

    case: Case
    store: str
    verdict: Verdict
    step: int = 0
    lines: tuple[str, ...] = ()
    """What is not as recorded in that step."""

    def __str__(self) -> str:
        """Return the first difference, on a line or more."""
        told = "\n    ".join(self.lines)
        return f"{self.case.path} ({self.store}), step {self.step}:\n    {told}"


async def results(
    cases: Iterable[Case], store: str, exemptions: Mapping[str, Exemption]
) -> list[Result]:
    """Replay cases on servers whose stores are of one kind; return a result each, in order."""
    numbered = list(enumerate(cases))
    with tempfile.TemporaryDirectory(prefix="protocube-cases-") as folder:
        async with AsyncExitStack() as stack:
            grounds = _Grounds(store, Path(folder), stack)

            async def one(number: int, case: Case) -> Result:
                exemption = exemptions.get(case.path)
                async with grounds.place(case) as place:
                    replay = Replay(case, place, f"case-{number:04}")
                    steps = exemption.steps if exemption else frozenset[int]()
                    return _result(case, store, exemption, await replay.findings(steps))

            return list(await asyncio.gather(*(one(*item) for item in numbered)))


def _result(case: Case, store: str, exemption: Exemption | None, findings: list[Finding]) -> Result:
    if exemption is not None:
        waits = Verdict.WAITING if exemption.waits else Verdict.NOTHING_HERE
        if not exemption.steps:
            vain = ("it is listed, and agrees",)
            verdict = waits if findings else Verdict.LISTED_IN_VAIN
            return Result(case=case, store=store, verdict=verdict, lines=() if findings else vain)
        others = [finding for finding in findings if finding.step not in exemption.steps]
        agreeing = exemption.steps - {finding.step for finding in findings}
        if agreeing and not others:
            lines = ("it is listed, and agrees",)
            vain_step = min(agreeing)
            return Result(
                case=case, store=store, verdict=Verdict.LISTED_IN_VAIN, step=vain_step, lines=lines
            )
        findings = others
    if not findings:
        return Result(case=case, store=store, verdict=Verdict.AGREES)
    first = findings[0]
    verdict = Verdict.NOT_SERVED if first.not_served else Verdict.DIFFERS
    return Result(case=case, store=store, verdict=verdict, step=first.step, lines=first.lines)


class _Grounds:
    """The servers of one run, started when the first case needs them."""

    def __init__(self, store: str, folder: Path, stack: AsyncExitStack) -> None:
        self._store = store
        self._folder = folder
        self._stack = stack
        self._numbers = itertools.count()
        self._starting = asyncio.Lock()
        self._shared: dict[bool, Place] = {}
        """By whether it has controllers."""
        self._free: list[Place] = []
        self._alone = asyncio.Semaphore(_ALONE[store])
        self._together = {
            False: asyncio.Semaphore(_TOGETHER),
            True: asyncio.Semaphore(_TOGETHER_WITH_CONTROLLERS),
        }

    @contextlib.asynccontextmanager
    async def place(self, case: Case) -> AsyncGenerator[Place, None]:
        """Provide a server for a case, alone or beside others."""
        if not case.sees_the_revision:
            needs = bool(case.needs)
            async with self._together[needs]:
                async with self._starting:
                    if needs not in self._shared:
                        self._shared[needs] = await self._start(controllers=needs)
                yield self._shared[needs]
            return
        async with self._alone:
            async with self._starting:
                place = self._free.pop() if self._free else await self._start(controllers=False)
            try:
                yield place
            finally:
                self._free.append(place)

    async def _start(self, *, controllers: bool) -> Place:
        folder = self._folder / str(next(self._numbers))
        start = places.with_controllers if controllers else places.bare
        return await self._stack.enter_async_context(start(self._store, folder))


def disagreeing(found: Iterable[Result]) -> list[Result]:
    """Return the results of cases that should agree and do not."""
    return [item for item in found if item.verdict in (Verdict.DIFFERS, Verdict.NOT_SERVED)]


def by_topic(found: Iterable[Result]) -> dict[str, list[Result]]:
    """Return results by the topics of their cases, in the order of the topics."""
    ordered = sorted(found, key=lambda item: item.case.topic)
    return {
        topic: list(items)
        for topic, items in itertools.groupby(ordered, key=lambda item: item.case.topic)
    }


__all__ = ["Result", "Verdict", "by_topic", "disagreeing", "lists", "results"]
