"""Evict: delete an object, if the budget that guards it allows that.

What a budget is, and what it allows, are named functions (the option ``eviction`` of a resource).
"""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Final

from protocube import errors
from protocube.meta.v1 import requests_pb2
from protocube_server.storage import paging
from protocube_server.verbs import get, preconditions, requests, status_writes
from protocube_server.verbs.delete import delete

if TYPE_CHECKING:
    from protocube_server.calls.call import Call
    from protocube_server.kinds.kind import Kind
    from protocube_server.kinds.named.eviction import Eviction
    from protocube_server.storage.base import Record
    from protocube_server.verbs.api import Api

TRIES: Final = 20
"""So often an eviction begins anew when another write was faster; Kubernetes' number."""
_PAGE = 200
_SEVERAL = (
    "This pod has more than one PodDisruptionBudget, which the eviction subresource does not "
    "support."
)


async def evict(api: Api, call: Call) -> bytes:
    """Answer an EvictRequest with the object as it last was.

    Raises ``errors.TooManyRequests`` when its budget does not allow it now,
    ``errors.Internal`` when it has several, and what a deletion raises.
    """
    await requests.check_claims(call, "policy/v1", "Eviction")
    get.require_name(call.target.name)
    rules = call.kind.eviction
    if rules is None:
        raise errors.NotFound("the server could not find the requested resource")
    call.request = _deletion(call)
    return await _Evicting(api, call, rules).answer()


def _deletion(call: Call) -> Any:
    """Return the request of the deletion that an EvictRequest is for."""
    options = call.request.object.delete_options
    deletion = requests_pb2.DeleteRequest(
        name=call.target.name,
        namespace=call.target.namespace,
        propagation_policy=options.propagation_policy,
        dry_run=call.request.dry_run or options.dry_run,
        include_managed_fields=call.request.include_managed_fields,
    )
    if options.HasField("preconditions"):
        # The message is of the kind's own pool.
        deletion.preconditions.MergeFromString(options.preconditions.SerializeToString())
    if options.HasField("grace_period_seconds"):
        deletion.grace_period_seconds = options.grace_period_seconds
    return deletion


class _Evicting:
    """One eviction; the request of its call is that of the deletion."""

    def __init__(self, api: Api, call: Call, rules: Eviction) -> None:
        self._api = api
        self._call = call
        self._rules = rules
        self._is_of_a_version = bool(call.request.preconditions.resource_version)

    async def answer(self) -> bytes:
        """Return the answer. Raises as :func:`evict`."""
        for left in reversed(range(TRIES)):
            record = await get.stored(self._api, self._call)
            message = self._call.kind.read(record)
            if not self._rules.is_free(message):
                return await self._within_budget(record, message)
            # It may come to be guarded meanwhile, unless it has ended.
            at = "" if self._rules.has_ended(message) else str(record.mod_revision)
            try:
                return await self._delete(at)
            except errors.Conflict:
                if self._is_of_a_version or not left:
                    raise
        raise AssertionError("unreachable: the last try returns or raises")

    async def _within_budget(self, record: Record, message: Any) -> bytes:
        kind = self._call.edition.kinds.for_message(self._rules.budgets)
        found = await self._budgets(kind, message) if kind is not None else []
        if len(found) > 1:
            raise errors.Internal(_SEVERAL)
        if not found or kind is None:
            return await self._delete()
        (budget,) = found
        if self._rules.is_counted(message, kind.read(budget)):
            await self._take(kind, budget, message)
            return await self._delete()
        try:
            return await self._delete(str(record.mod_revision))
        except errors.Conflict:
            if self._is_of_a_version:
                raise
            raise self._rules.unsettled(kind.read(budget)) from None

    async def _budgets(self, kind: Kind, message: Any) -> list[Record]:
        """Return the budgets that guard an object."""
        found = []
        prefix = kind.prefix(self._call.target.namespace)
        async with aclosing(paging.pages(self._api.store, prefix, limit=_PAGE)) as pages:
            async for page in pages:
                found += [
                    record
                    for record in page.records
                    if self._rules.is_guarded(message, kind.read(record))
                ]
        return found

    async def _take(self, kind: Kind, record: Record, message: Any) -> None:
        """Take the eviction from a budget. Raises what the budget refuses with."""
        name = kind.read(record).metadata.name
        for _ in range(TRIES):
            budget = kind.read(record)
            self._rules.take(message, budget, self._api.now())
            if self._call.request.dry_run:
                return
            try:
                await status_writes.write(self._api, self._call, kind, record, budget)
            except errors.Conflict:
                found = await self._api.store.get(record.key)
                if found is None:
                    raise errors.not_found(kind.resource.qualified, name) from None
                record = found
            else:
                return
        text = f"couldn't update {kind.resource.kind} {errors.quote(name)} due to conflicts"
        raise errors.Timeout(text, retry_after=10.0)

    async def _delete(self, at: str = "") -> bytes:
        """Delete the object, if it is at the version ``at``, and as the request asks."""
        asked = self._call.request
        deletion = requests_pb2.DeleteRequest()
        deletion.CopyFrom(asked)
        if at and not self._is_of_a_version:
            deletion.preconditions.resource_version = at
        if not asked.dry_run:
            version = await self._mark(deletion)
            if deletion.preconditions.resource_version:
                deletion.preconditions.resource_version = version
        self._call.request = deletion
        try:
            return await delete(self._api, self._call)
        finally:
            self._call.request = asked

    async def _mark(self, deletion: Any) -> str:
        """Let the object say that it is evicted; return its version then."""
        kind = self._call.kind
        for left in reversed(range(TRIES)):
            record = await get.stored(self._api, self._call)
            preconditions.require(kind, record, deletion)
            marked = kind.read(record)
            self._rules.mark(marked, self._api.now())
            try:
                return await status_writes.write(self._api, self._call, kind, record, marked)
            except errors.Conflict:
                if deletion.preconditions.resource_version or not left:
                    raise
        raise AssertionError("unreachable: the last try returns or raises")
