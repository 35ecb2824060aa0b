"""Calls that no stage sees: of callers who are not known, and of methods that are no kind's."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from protocube import errors
from protocube_server.audit import outcomes
from protocube_server.audit.event import DECISION, Event
from protocube_server.audit.policy import Level, Policies, Rule, Stage
from protocube_server.calls.verb import Target

if TYPE_CHECKING:
    from protocube_server.audit.log import AuditLog
    from protocube_server.calls.user import User

_MOST_A_SECOND: Final = 50
"""Events of callers who are not known: they could else fill a disk."""
LEFT_OUT: Final = "audit.protocube/left-out"
"""Annotation that counts the events before this one that were not written for that."""
_CALL: Final = "call"
_NOWHERE: Final = Target()


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """What a method of a kind does to which resource."""

    verb: str
    group: str
    version: str
    resource: str
    subresource: str


Find = Callable[[str], Method | None]
"""Tells what a method does, by its path; ``None`` for one that is no kind's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Where a call comes from."""

    peer: str
    agent: str


class Entering:
    """Writes an event for what the stages of calls do not see."""

    def __init__(self, policies: Policies, log: AuditLog, find: Find) -> None:
        self._policies = policies
        self._log = log
        self._find = find
        self._second = 0
        self._written = 0
        self._left_out = 0

    def unknown(self, path: str, caller: Caller, error: errors.ApiError) -> None:
        """Note a caller who is not known. It is Kubernetes' event: begun, and by nobody."""
        rule = self._rule(path, None)
        if rule is None or Stage.RESPONSE_STARTED in rule.omit_stages:
            return
        second = int(time.monotonic())
        if second != self._second:
            self._second, self._written = second, 0
        if self._written >= _MOST_A_SECOND:
            self._left_out += 1
            return
        self._written += 1
        annotations = {LEFT_OUT: str(self._left_out)} if self._left_out else None
        self._left_out = 0
        self._write(path, caller, Stage.RESPONSE_STARTED, error, annotations=annotations)

    def refused(
        self, path: str, user: User, caller: Caller, error: errors.ApiError, *, behind: User | None
    ) -> None:
        """Note a user who may not call a method, or may not be whom it wants to be."""
        rule = self._rule(path, user)
        if rule is None or Stage.RESPONSE_COMPLETE in rule.omit_stages:
            return
        note = {DECISION: "forbid"} if isinstance(error, errors.Forbidden) else None
        stage = Stage.RESPONSE_COMPLETE
        self._write(path, caller, stage, error, user=user, behind=behind, annotations=note)

    def entered(self, path: str, user: User, caller: Caller, *, behind: User | None) -> None:
        """Note a call of a method that is no kind's, when it begins."""
        rule = self._policies.current.for_path(user, _CALL, path)
        if rule is None or not rule.level or Stage.RESPONSE_STARTED in rule.omit_stages:
            return
        stage, note = Stage.RESPONSE_STARTED, {DECISION: "allow"}
        self._write(path, caller, stage, None, user=user, behind=behind, annotations=note)

    def _rule(self, path: str, user: User | None) -> Rule | None:
        """Return the rule of a call that is refused; ``None`` when it is not to be written down."""
        refused = Rule(level=Level.METADATA) if self._policies.current.refusals else None
        method = self._find(path)
        if method is None:
            found = self._policies.current.for_path(user, _CALL, path)
        else:
            place = (method.verb, method.group, method.resource, method.subresource)
            found = next(
                (
                    rule
                    for rule in self._policies.current.rules
                    # Where the call was to go is not read of a caller who is not known.
                    if rule.fits(user, *place, _NOWHERE)
                ),
                None,
            )
        return found if found is not None and found.level else refused

    def _write(
        self,
        path: str,
        caller: Caller,
        stage: Stage,
        error: errors.ApiError | None,
        *,
        user: User | None = None,
        behind: User | None = None,
        annotations: dict[str, str] | None,
    ) -> None:
        method, now = self._find(path), time.time()
        about = None
        if method is not None:
            about = {
                "resource": method.resource,
                "apiGroup": method.group,
                "apiVersion": method.version,
                "subresource": method.subresource,
            }
        outcome = (
            outcomes.success(200) if error is None else outcomes.failure(error, is_secret=True)
        )
        event = Event(
            level=Level.METADATA,
            stage=stage,
            uri=path,
            verb=method.verb if method is not None else _CALL,
            user=behind or user,
            acts_as=user if behind is not None else None,
            peer=caller.peer,
            agent=caller.agent,
            about=about,
            outcome=outcome,
            received=now,
            staged=now,
            annotations=annotations,
        )
        self._log.offer(event.line())
