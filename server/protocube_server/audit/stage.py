"""The stage of calls that writes down what is asked and what became of it."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from protocube import errors
from protocube_server.audit import bodies, outcomes, secrecy
from protocube_server.audit.event import REASON, Event
from protocube_server.audit.policy import Candidate, Level, Policies, Policy, Rule, Stage
from protocube_server.calls.verb import Target

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from protocube_server.audit.log import AuditLog
    from protocube_server.calls.call import Call
    from protocube_server.calls.chain import Handler
    from protocube_server.calls.verb import Verb
    from protocube_server.kinds.kind import Kind

_CREATED, _OK = 201, 200
_REFUSED: Final = Rule(level=Level.METADATA)
"""For calls that are refused for who calls, and that no rule speaks of."""
_MOST_PARTS: Final = 16
"""Subresources that are remembered of one method: a request may name any number."""


class Audited:
    """Writes an event for each call, as a policy says.

    A call has one event, written when it is answered; one that streams has it when it begins.
    Where the log blocks, the answer waits for the event.
    """

    def __init__(self, policies: Policies, log: AuditLog) -> None:
        self._policies = policies
        self._log = log

    def compile(self, kind: Kind, verb: Verb, following: Handler) -> Handler:
        """See :class:`~protocube_server.calls.chain.Stage`."""
        policies = self._policies
        if not policies.may_change:
            return self._by(policies.current, kind, verb, following)
        known: Policy | None = None
        handler = following

        def handle(call: Call) -> Any:
            nonlocal known, handler
            if policies.current is not known:
                known = policies.current
                handler = self._by(known, kind, verb, following)
            return handler(call)

        return handle

    def _by(self, policy: Policy, kind: Kind, verb: Verb, following: Handler) -> Handler:
        """Return a handler that writes down what a policy says."""
        method = _Method(policy, kind, verb)
        if not method.may_be_audited:
            return following
        if verb.streams:
            return _streaming(method, self._log, following)
        return _unary(method, self._log, following)


class _Method:
    """What is told of all calls of one method of a kind."""

    def __init__(self, policy: Policy, kind: Kind, verb: Verb) -> None:
        self._kind = kind
        self._verb = verb
        self._policy = policy
        self._of_parts: dict[str, tuple[Candidate, ...]] = {}
        holds_secrets = secrecy.is_secret(kind.resource.group, kind.resource.plural)
        self._is_secret = holds_secrets and not policy.shows_secrets
        self._uri = f"/{kind.resource.service}/{verb.method}"
        self._answered = outcomes.success(_CREATED if verb.method == "Create" else _OK)

    @property
    def may_be_audited(self) -> bool:
        """Whether there is a call of it that is to be written down."""
        if self._policy.refusals or self._verb.part is not None:
            return True
        return any(each.rule.level for each in self._candidates(self._verb.subresource))

    def rule(self, call: Call, error: BaseException | None) -> Rule | None:
        """Return the rule that a call is written down by; ``None`` when it is not."""
        target, part = self._place(call)
        for candidate in self._candidates(part):
            if candidate.fits(call.user, target):
                if candidate.rule.level:
                    return candidate.rule
                break
        return _REFUSED if self._policy.refusals and isinstance(error, errors.Forbidden) else None

    def event(
        self, call: Call, stage: Stage, received: float, error: BaseException | None
    ) -> Event:
        """Return what is told at every level."""
        annotations = call.annotations or {}
        if call.reason is not None and (reason := call.reason()):
            annotations[REASON] = reason
        if self._is_secret:
            annotations = secrecy.unsaid(annotations)
        target, part = self._place(call)
        acting = call.behind
        return Event(
            level=Level.METADATA,
            stage=stage,
            uri=self._uri,
            verb=self._verb.word,
            user=acting or call.user,
            acts_as=call.user if acting is not None else None,
            peer=call.peer() if call.peer is not None else "",
            agent=call.agent() if call.agent is not None else "",
            about=self._about(call, target, part),
            outcome=self._answered
            if error is None
            else outcomes.failure(error, is_secret=self._is_secret, quotes=call.quotes),
            received=received,
            staged=time.time(),
            annotations=annotations,
        )

    def level(self, call: Call, rule: Rule) -> Level:
        """Return how much a rule shows of a call.

        A policy is judged when it is read. A request can name a part that secrets do not have,
        which another rule fits.
        """
        if self._is_secret:
            return min(rule.level, Level.METADATA)
        resource = self._kind.resource
        part = self._place(call)[1]
        return secrecy.bounded(rule.level, resource.group, resource.plural, part)

    def _about(self, call: Call, target: Target, part: str) -> Mapping[str, str]:
        resource = self._kind.resource
        carried = getattr(call.request, "object", None)
        metadata = getattr(carried, "metadata", None)
        return {
            "resource": resource.plural,
            "namespace": target.namespace,
            # A generated name is in the request by now.
            "name": target.name or (metadata.name if metadata is not None else ""),
            "apiGroup": resource.group,
            "apiVersion": resource.version,
            "subresource": part,
        }

    def _place(self, call: Call) -> tuple[Target, str]:
        """Return a call's target, a namespace lying in itself, and its subresource."""
        target, verb = call.target, self._verb
        if self._kind.is_namespace:
            target = Target(target.name, target.name)
        if verb.part is None:
            return target, verb.subresource
        # Without a request it could not be read.
        return target, verb.part(call.request) if call.request is not None else ""

    def _candidates(self, part: str) -> tuple[Candidate, ...]:
        known = self._of_parts.get(part)
        if known is not None:
            return known
        resource = self._kind.resource
        found = self._policy.candidates(self._verb.word, resource.group, resource.plural, part)
        if len(self._of_parts) < _MOST_PARTS:
            self._of_parts[part] = found
        return found


@dataclass(slots=True, kw_only=True)
class _Written:
    """A call on its way to the log."""

    method: _Method
    log: AuditLog
    call: Call
    received: float

    async def answered(self, answer: bytes) -> None:
        """Write down that it is answered. Raises when it may not be, because it is not written."""
        found = self._event(None)
        if found is None:
            return
        rule, event = found
        level = self.method.level(self.call, rule)
        if level > Level.METADATA:
            event = await self._with_bodies(event, rule, level, answer)
        try:
            await self._wait(event)
        except errors.Unavailable as error:
            if not self.call.verb.writes:
                raise
            raise errors.OutcomeUnknown(f"{error.message}; the write may have happened") from None

    async def refused(self, error: Exception) -> None:
        """Write down that it ended with an error."""
        found = self._event(error)
        if found is None:
            return
        rule, event = found
        if self.method.level(self.call, rule) > Level.METADATA:
            event = await self._with_bodies(event, rule, Level.REQUEST, b"")
        await self._wait(event)

    def cut_off(self, error: BaseException) -> None:
        """Write down that it was not waited for."""
        found = self._event(error)
        if found is not None:
            self.log.offer(found[1].line())

    def _event(self, error: BaseException | None) -> tuple[Rule, Event] | None:
        rule = self.method.rule(self.call, error)
        if rule is None or Stage.RESPONSE_COMPLETE in rule.omit_stages:
            return None
        stage = Stage.RESPONSE_COMPLETE
        return rule, self.method.event(self.call, stage, self.received, error)

    async def _with_bodies(self, event: Event, rule: Rule, level: Level, answer: bytes) -> Event:
        call = self.call
        annotations = dict(event.annotations or {})
        request = response = None
        if len(call.raw) > bodies.MOST or len(answer) > bodies.MOST:
            annotations[bodies.TRUNCATED] = "true"
        if len(call.raw) <= bodies.MOST:
            request = await bodies.of_request(call, rule)
        if level is Level.REQUEST_RESPONSE and answer and len(answer) <= bodies.MOST:
            response = await bodies.of_answer(call, answer, rule)
        return dataclasses.replace(
            event, level=level, request=request, response=response, annotations=annotations
        )

    async def _wait(self, event: Event) -> None:
        written = self.log.write(event.line())
        if written is not None:
            await written


def _unary(method: _Method, log: AuditLog, following: Handler) -> Handler:
    async def handle(call: Call) -> Any:
        if call.verb.writes:
            log.require_room()
        call.annotations = {}
        written = _Written(method=method, log=log, call=call, received=time.time())
        try:
            answer = await following(call)
        except Exception as error:
            await written.refused(error)
            raise
        except asyncio.CancelledError as error:
            written.cut_off(error)
            raise
        await written.answered(answer)
        return answer

    return handle


def _streaming(method: _Method, log: AuditLog, following: Handler) -> Handler:
    """Return a handler of streams: they are refused, if at all, before they begin."""

    def handle(call: Call) -> Any:
        call.annotations = {}
        received = time.time()
        try:
            responses = following(call)
        except Exception as error:
            rule = method.rule(call, error)
            if rule is not None and Stage.RESPONSE_COMPLETE not in rule.omit_stages:
                stage = Stage.RESPONSE_COMPLETE
                log.offer(method.event(call, stage, received, error).line())
            raise
        rule = method.rule(call, None)
        if rule is None or Stage.RESPONSE_STARTED in rule.omit_stages:
            return responses
        event = method.event(call, Stage.RESPONSE_STARTED, received, None)
        written = log.write(event.line())
        return responses if written is None else _behind(written, responses)

    return handle


async def _behind(
    written: asyncio.Future[None], responses: AsyncGenerator[bytes, None]
) -> AsyncGenerator[bytes, None]:
    """Yield the responses once the event is written."""
    async with aclosing(responses) as found:
        await written
        async for response in found:
            yield response
