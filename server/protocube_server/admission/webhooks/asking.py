"""Asks webhooks about a write: those that change objects in their order, the others together.

Source: ``k8s.io/apiserver/pkg/admission/plugin/webhook``, with its texts. All that are asked about
one write have one time together: four that hang would else hold it up four times as long.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from protocube import errors
from protocube.manifests import decode, encode
from protocube.patching import json_patch
from protocube_server import turns
from protocube_server.admission.policies import matching
from protocube_server.admission.policies.asking import Candidate
from protocube_server.admission.policies.evaluating import Unevaluated, is_asked
from protocube_server.admission.state import CONFIGURATIONS
from protocube_server.admission.webhooks import messages, review
from protocube_server.admission.webhooks.hook import SERVICE, Unreached, of_configuration
from protocube_server.admission.write import DELETE
from protocube_server.calls.admission import Failed
from protocube_server.cel.faults import NotInstalled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from protocube_server.admission.policies.asking import Policies
    from protocube_server.admission.policies.inputs import Inputs
    from protocube_server.admission.state import State
    from protocube_server.admission.webhooks.hook import Hook, Send
    from protocube_server.admission.write import Write
    from protocube_server.kinds.kind import Kind

SECONDS: Final = 10.0
"""That all webhooks of one write have together."""
_LOG: Final = logging.getLogger("protocube.server")
_OVER: Final = f"the {SECONDS:.0f} seconds that all webhooks of a request have together are over"


class _Asked(NamedTuple):
    """A webhook whose rules fit a kind and an operation."""

    hook: Hook
    kind: Kind
    """The version of the object's kind that it sees."""
    candidate: Candidate


class Webhooks:
    """The webhooks of one kind of configuration."""

    def __init__(self, state: State, policies: Policies, send: Send, message: str) -> None:
        """``policies`` evaluates the conditions of webhooks, ``message`` is their kind."""
        self._state = state
        self._policies = policies
        self._send = send
        self._message = message
        self._epoch: tuple[Any, ...] = ()
        self._seen: tuple[int, int] = (-1, -1)
        """The edition, and the state's changes, when the epoch was looked at last."""
        self._hooks: list[Hook] = []
        self._found: dict[tuple[Any, ...], tuple[_Asked, ...]] = {}

    def may_concern(self, write: Write) -> bool:
        """Tell whether there is a webhook for a write of its kind."""
        return bool(self._fitting(write))

    async def validate(self, write: Write) -> None:
        """Raise what a webhook refuses a write with; of several the first one's."""
        asked = await self._wanted(write)
        if not asked:
            return
        inputs = self._policies.inputs(write, await self._namespace(write))
        with _waiting(write) as ends:
            found = await asyncio.gather(
                *(self._ask(each, inputs, ends) for each in asked), return_exceptions=True
            )
        for each in found:
            if isinstance(each, BaseException):
                raise each

    async def mutate(self, write: Write, again: Callable[[], object]) -> bool:
        """Let webhooks change the new object in place; tell whether one did."""
        asked = await self._wanted(write)
        if not asked or write.new is None:
            return False
        with _waiting(write) as ends:
            changed = await self._change(write, asked, ends)
            if not changed:
                return False
            first = [each for each in asked[: changed[-1]] if each.hook.is_reinvoked]
            again()
            if first:
                await self._change(write, first, ends)
        return True

    async def _change(self, write: Write, asked: list[_Asked], ends: float) -> list[int]:
        """Ask one after the other; return the places of those that changed the object."""
        changed = []
        for at, each in enumerate(asked):
            inputs = self._policies.inputs(write, await self._namespace(write))
            answer = await self._ask(each, inputs, ends)
            if answer is not None and (answer.patch or answer.changed is not None):
                try:
                    is_other = await _changed(each.kind, inputs, answer)
                except errors.ApiError as error:
                    _LOG.warning("webhook %s failed: it changed the object amiss", each.hook.name)
                    text = f"failed calling webhook {errors.quote(each.hook.name)}: {error}"
                    raise Failed(text) from None
                if is_other:
                    await turns.taken(write.kind.defaults.filling(write.new))
                    changed.append(at)
        return changed

    async def _ask(self, asked: _Asked, inputs: Inputs, ends: float) -> review.Answer | None:
        """Return what a webhook says; ``None`` when it is not to be asked, or fails and may.

        Raises what it refuses the write with.
        """
        hook, write = asked.hook, inputs.write
        try:
            if hook.policy.conditions:
                evaluation = await self._policies.evaluation(asked.candidate, inputs, None)
                if not is_asked(hook.policy, evaluation):
                    return None
            found = await self._answer(asked, inputs, ends)
        except (Unevaluated, NotInstalled) as error:
            if not hook.policy.fails:
                return None
            raise write.forbidden(str(error)) from None
        except Unreached as error:
            _LOG.warning("webhook %s failed: %s", hook.name, error.why)
            if not hook.policy.fails:
                write.call.annotate(f"failed-open.admission.k8s.io/{hook.name}", str(error))
                return None
            name = errors.quote(hook.name)
            raise Failed(f"failed calling webhook {name}: {error}") from None
        write.call.warnings += found.warnings
        for key, value in found.annotations.items():
            write.call.annotate(key, value)
        if found.refusal is not None:
            raise found.refusal
        return found

    async def _answer(self, asked: _Asked, inputs: Inputs, ends: float) -> review.Answer:
        hook = asked.hook
        left = ends - asyncio.get_running_loop().time()
        if not hook.url:
            raise Unreached(SERVICE)
        if left <= 0:
            raise Unreached(_OVER)
        by_grpc = hook.url.startswith("grpc")
        uid, body = (messages if by_grpc else review).question(hook, asked.kind, inputs)
        seconds = min(float(hook.seconds), left)
        try:
            async with asyncio.timeout(seconds):
                answer = await self._send(hook, body, seconds=seconds)
        except TimeoutError:
            text = _OVER if seconds == left else "context deadline exceeded"
            raise Unreached(f"failed to call webhook: {text}") from None
        if by_grpc:
            return messages.answer(hook, inputs.shown(asked.kind), uid, answer)
        return review.answer(hook, uid, answer)

    async def _wanted(self, write: Write) -> list[_Asked]:
        """Return the webhooks that are for the object of a write, in their order."""
        asked = self._fitting(write)
        if not asked:
            return []
        labels = matching.labels_for(write, await self._namespace(write))
        return [
            each
            for each in asked
            if each.candidate.is_for_all or each.hook.policy.match.selects(write, labels)
        ]

    async def _namespace(self, write: Write) -> Any | None:
        return await matching.namespace_of(self._state, write)

    def _fitting(self, write: Write) -> tuple[_Asked, ...]:
        edition = write.call.edition
        seen = (edition.number, self._state.changes)
        if seen != self._seen:
            self._seen = seen
            epoch = (edition.number, *self._state.epoch(self._message))
            if epoch != self._epoch:
                self._refresh(epoch)
        if not self._hooks or write.kind.resource.message in CONFIGURATIONS:
            return ()
        key = (write.kind, write.operation, write.subresource)
        found = self._found.get(key)
        if found is None:
            versions = tuple(edition.kinds.versions_of(write.kind))
            found = self._found[key] = tuple(
                _Asked(hook, kind, Candidate.of(hook.policy, kind, ()))
                for hook in self._hooks
                if (kind := hook.policy.match.kind_for(write.kind, versions, write)) is not None
            )
        return found

    def _refresh(self, epoch: tuple[Any, ...]) -> None:
        self._epoch, self._found = epoch, {}
        held = sorted(
            (each.message for each in self._state.of(self._message)), key=lambda m: m.metadata.name
        )
        self._hooks = [hook for message in held for hook in of_configuration(message)]


@contextmanager
def _waiting(write: Write) -> Iterator[float]:
    """Provide the time of the event loop at which the time of a write's webhooks is over.

    Those that change it, those that refuse it, and all of that once more when it is tried again,
    have one time. Each object of a collection that is deleted is a write of its own.
    """
    call, loop = write.call, asyncio.get_running_loop()
    begun = loop.time()
    if write.operation == DELETE:
        yield begun + SECONDS
        return
    try:
        yield begun + SECONDS - call.waited
    finally:
        call.waited += loop.time() - begun


async def _changed(kind: Kind, inputs: Inputs, answer: review.Answer) -> bool:
    """Change the object of a write as a webhook says; tell whether it is another one then."""
    write = inputs.write
    _, seen = inputs.objects(kind)
    before = write.new.SerializeToString(deterministic=True)
    changed = answer.changed
    if changed is None:
        changed = await _patched(seen, answer.patch)
    inputs.take(kind, changed)
    return bool(write.new.SerializeToString(deterministic=True) != before)


async def _patched(seen: Any, patch: str) -> Any:
    """Return an object with a JSON patch. Raises what refuses the patch."""
    data = await turns.returned(encode.steps(seen, shown=True))
    listed = json_patch.read(patch)
    found = await turns.returned(json_patch.steps(data, listed.operations))
    changed: Any = type(seen)()
    report = await turns.returned(decode.steps(found, changed))
    if report.faults:
        raise errors.BadRequest(report.faults[0].message)
    return changed
