"""Writes the status of validating policies: what the types of their expressions gave cause to say.

Kubernetes' controller does it once for each generation of a policy, so kinds that come later change
nothing. Source: ``pkg/controller/validatingadmissionpolicystatus``.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING, Any, Final

from protocube import errors
from protocube_server.admission.state import VALIDATING_POLICY
from protocube_server.calls.chain import Stages
from protocube_server.calls.user import POLICY_STATUS
from protocube_server.upkeep.guarded_store import guarded
from protocube_server.verbs.entrance import Entrance

if TYPE_CHECKING:
    from protocube_server.admission.policies.checking import PolicyWrites
    from protocube_server.admission.state import Held, State
    from protocube_server.kinds.kind import Kind
    from protocube_server.upkeep.leadership import Worker
    from protocube_server.upkeep.term import Term
    from protocube_server.verbs.api import Api

_MANAGER: Final = "validatingadmissionpolicy-status"
_BREATH_SECONDS: Final = 0.1
"""Between a change and the next look: one comes seldom alone."""
_RETRY_SECONDS: Final = 5.0

_LOG = logging.getLogger("protocube.server")


def stating_policies(api: Api, state: State, writes: PolicyWrites) -> Worker:
    """Return the worker that keeps the status of policies up to date."""

    async def work(term: Term) -> None:
        led = guarded(api, term)
        entrance = Entrance(led, Stages())
        while True:
            epoch = state.epoch(VALIDATING_POLICY)
            is_done = await _look_at_all(led, entrance, state, writes)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(None if is_done else _RETRY_SECONDS):
                    while state.epoch(VALIDATING_POLICY) == epoch:
                        await state.moved()
            await asyncio.sleep(_BREATH_SECONDS)

    return work


async def _look_at_all(api: Api, entrance: Entrance, state: State, writes: PolicyWrites) -> bool:
    """Write every status that is not of its policy's generation; tell whether that worked."""
    edition = api.editions.current
    kind = edition.kinds.for_message(VALIDATING_POLICY)
    if kind is None:
        return True
    is_done = True
    for held in list(state.of(VALIDATING_POLICY)):
        policy = held.message
        if policy.status.observed_generation >= policy.metadata.generation:
            continue
        warnings = await writes.type_warnings(policy, edition, kind)
        try:
            await _write(entrance, kind, held, warnings)
        except (errors.Conflict, errors.NotFound):
            continue  # It was changed meanwhile, and is looked at again.
        except errors.ApiError as error:
            _LOG.warning("the status of the policy %s: %s", policy.metadata.name, error)
            is_done = False
    return is_done


async def _write(entrance: Entrance, kind: Kind, held: Held, warnings: Any) -> None:
    request: Any = kind.resource.request_class("UpdateStatus")(field_manager=_MANAGER)
    request.object.CopyFrom(held.message)
    request.object.metadata.resource_version = str(held.record.mod_revision)
    status = request.object.status
    status.observed_generation = held.message.metadata.generation
    status.type_checking.Clear()
    status.type_checking.SetInParent()
    for place, warning in warnings:
        status.type_checking.expression_warnings.add(field_ref=place, warning=warning)
    body = request.SerializeToString()
    await entrance.answer(kind.resource.service, "UpdateStatus", body, user=POLICY_STATUS)
