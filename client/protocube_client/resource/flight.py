"""Work on several objects at a time that ends as if they had been taken one by one.

What is begun runs beside what was begun before, unless one could tell the difference:
an object waits for everything before it

- when it has the same kind, namespace and name as one that is under way;
- when it is cluster-scoped and the ones under way are of other kinds, or the other way
  round: objects live in Namespaces, and a cluster-scoped kind can mean anything for those
  behind it;
- likewise when objects of its kind decide about others, as quotas and rights do: what stands
  before them in a file must not feel them, and what stands behind must.

Outcomes, good and bad, come in the order in which the work was begun.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from protocube_client import backoff
from protocube_client.resource.aggregate import kept
from protocube_client.resource.visitor import Abandoned

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from types import TracebackType

    from protocube.catalog import Resource
    from protocube_client.resource.visitor import Landing

ONE_BY_ONE = 1
"""The limit that lets each object land before the next begins."""

_STRIDE = 4
"""So much work is begun at a turn of the event loop: a turn costs as much as reading a small
document does."""

_PATIENCE_SECONDS = 5.0
"""How long calls that are under way may take when the walk is given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What the work is done to."""

    kind: str
    """The full name of the kind's message."""
    namespaced: bool
    judges_others: bool = False
    """Whether other objects are judged by what is in those of its kind."""
    namespace: str
    name: str
    """Empty when the server makes it up; such objects never meet."""


def subject(resource: Resource, name: str, namespace: str) -> Subject:
    """Return an object of a kind as a subject."""
    return Subject(
        kind=resource.message,
        namespaced=resource.namespaced,
        judges_others=resource.options.judges_others,
        namespace=namespace,
        name=name,
    )


class Flight:
    """An async context manager that owns the work begun in it.

    Leaving it waits for all work. When it is left by an exception, work under way gets
    a moment to end, its outcomes are told, and what is not done then is cancelled. Calls
    that a server has refused and that wait to be sent again are cancelled at once.
    """

    def __init__(self, limit: int, *, failed: Callable[[Exception], None]) -> None:
        """Allow ``limit`` objects under way; ``failed`` is told what went wrong with one.

        It gets errors as they can be kept (:func:`aggregate.kept`).
        """
        self._limit = limit
        self._failed = failed
        self._under_way: deque[_Work] = deque()
        self._subjects: set[Subject] = set()
        self._wave: str | None = None
        self._abandoned = False
        self._not_started = 0
        self._stop = asyncio.Event()

    async def __aenter__(self) -> Self:
        """Return the flight."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Wait for the work, or give it up. Raises why the walk was abandoned, if it was."""
        try:
            if kind is None:
                await self.land()
        except Abandoned as abandoned:
            error = abandoned
        finally:
            await self._give_up()
        if isinstance(error, Abandoned):
            raise error.reason from None

    async def begin(
        self, subject: Subject | None, work: Callable[[], Awaitable[Landing | None]]
    ) -> None:
        """Begin ``work`` on ``subject``; nothing runs beside one that is ``None``.

        Returns when more may be begun. What ``work`` returns is called in its turn, and
        what either raises goes to ``failed`` in its turn. Raises :class:`Abandoned` when
        an outcome cannot be told because the output was closed.
        """
        if self._limit == ONE_BY_ONE or subject is None:
            await self.land()
            await self._queue(_Work(subject=None, task=self._begin(work)))
            await self.land()
            return
        wave = "" if subject.namespaced and not subject.judges_others else subject.kind
        if wave != self._wave or subject in self._subjects:
            await self.land()
            self._wave = wave
        if subject.name:
            self._subjects.add(subject)
        await self._queue(_Work(subject=subject, task=self._begin(work)))

    async def fail(self, error: Exception) -> None:
        """Tell of an error that stands in an object's place, in its turn."""
        if not self._under_way:
            self._failed(kept(error))
            return
        known: asyncio.Future[Landing | None] = asyncio.get_running_loop().create_future()
        known.set_exception(error)
        await self._queue(_Work(subject=None, task=known))

    async def land(self) -> None:
        """Wait until everything begun has landed. Raises as :meth:`begin`."""
        while self._under_way:
            await asyncio.wait((self._under_way[0].task,))
            self._land_done()

    def _begin(
        self, work: Callable[[], Awaitable[Landing | None]]
    ) -> asyncio.Future[Landing | None]:
        with backoff.stopped_by(self._stop):
            return asyncio.ensure_future(work())

    async def _queue(self, work: _Work) -> None:
        self._under_way.append(work)
        self._not_started += 1
        full = len(self._under_way) >= self._limit
        if full or self._not_started >= _STRIDE:
            # Lets requests go out while the next documents are read.
            await asyncio.sleep(0)
            self._not_started = 0
            self._land_done()
        if len(self._under_way) >= self._limit:
            await asyncio.wait((self._under_way[0].task,))
            self._land_done()

    def _land_done(self) -> None:
        """Tell the outcomes at the head of the queue."""
        while self._under_way and self._under_way[0].task.done():
            self._land_first()

    def _land_first(self) -> None:
        landed = self._under_way.popleft()
        if landed.subject is not None:
            self._subjects.discard(landed.subject)
        error = landed.task.exception()
        if error is None:
            self._tell(landed.task.result())
        elif isinstance(error, Exception):
            self._failed(kept(error))
        else:
            raise error

    def _tell(self, landing: Landing | None) -> None:
        if landing is None:
            return
        try:
            landing()
        except BrokenPipeError as error:
            self._abandoned = True
            raise Abandoned(error) from None
        except Exception as error:  # noqa: BLE001  # told, not lost
            self._failed(kept(error))

    async def _give_up(self) -> None:
        """End what is under way; tell of what is done, unless the output was closed."""
        tasks = [work.task for work in self._under_way]
        if not tasks:
            return
        self._stop.set()
        if not self._abandoned:
            # The server is at it already: better to know what came of it.
            await asyncio.wait(tasks, timeout=_PATIENCE_SECONDS)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        while self._under_way:
            if self._abandoned or self._under_way[0].task.cancelled():
                self._under_way.popleft()
            else:
                self._land_first()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    subject: Subject | None
    task: asyncio.Future[Landing | None]
