"""Calls, each recorded with its time and what its caller was told."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from protocube import errors
from tests.faults.history import Call, Fate, Listing, Verb
from tests.faults.subjects import Refused, State

if TYPE_CHECKING:
    from tests.faults.history import History
    from tests.faults.subjects import Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a call gave: its fate, and what is known of its key now (``None``: nothing is)."""

    fate: Fate
    state: State | None


class Caller:
    """Makes calls and adds them to ``history``. No two write the same token."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._numbers = iter(range(1 << 62))

    def record(self, history: History) -> None:
        """Add the calls from now on to ``history``; let none be on its way."""
        self._history = history

    def fresh(self, prefix: str) -> str:
        """Return a text that was never given before."""
        return f"{prefix}{next(self._numbers)}"

    async def call(self, subject: Subject, verb: Verb, key: str, known: State | None) -> Told:
        """Make one call, under the condition that ``key`` is as it is ``known`` to be."""
        token = self.fresh("t")
        expected = known.revision if known else 0
        fate, revision, state = Fate.DONE, 0, known
        begun = time.monotonic()
        try:
            if verb is Verb.GET:
                state = await subject.get(key)
                revision = state.revision if state else 0
            elif verb is Verb.CREATE:
                revision = await subject.create(key, token)
                state = State(token=token, revision=revision)
            elif verb is Verb.UPDATE:
                revision = await subject.update(key, token, expected=expected)
                state = State(token=token, revision=revision)
            else:
                revision = await subject.delete(key, expected=expected)
                state = None
        except Refused:
            fate = Fate.REFUSED
        except (errors.OutcomeUnknown, errors.Timeout):
            fate, state = Fate.UNKNOWN, None
        except (errors.Unavailable, errors.TooManyRequests):
            fate = Fate.FAILED
        ended = time.monotonic()
        if verb is Verb.GET and fate is not Fate.DONE:
            fate = Fate.UNKNOWN  # It told nothing.
        self._history.calls.append(
            Call(
                verb=verb,
                key=key,
                begun=begun,
                ended=ended,
                fate=fate,
                token=token if verb in (Verb.CREATE, Verb.UPDATE) else "",
                expected=expected,
                revision=revision,
            )
        )
        if fate is Fate.REFUSED:
            state = await _look(subject, key)
        return Told(fate=fate, state=state)

    async def list(self, subject: Subject) -> None:
        """List all keys; a list that fails told nothing and is not recorded."""
        begun = time.monotonic()
        try:
            found = await subject.list()
        except errors.ApiError:
            return
        self._history.lists.append(
            Listing(
                begun=begun,
                ended=time.monotonic(),
                revision=found.revision,
                items={key: (state.token, state.revision) for key, state in found.states.items()},
            )
        )


async def _look(subject: Subject, key: str) -> State | None:
    try:
        return await subject.get(key)
    except errors.ApiError:
        return None
