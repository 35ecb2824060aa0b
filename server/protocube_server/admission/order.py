"""All of admission, in the order in which a write meets it.

The order is Kubernetes' (``pkg/kubeapiserver/options/plugins.go``): what the server fills in
itself, policies and webhooks that change objects; behind validation, what refuses objects.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from protocube import errors
from protocube_server import turns
from protocube_server.admission import plugins
from protocube_server.admission.policies import asking, policy
from protocube_server.admission.policies.checking import PolicyWrites
from protocube_server.admission.policies.mutating import MutatingPolicies
from protocube_server.admission.policies.param_access import ParamAccess
from protocube_server.admission.policies.param_use import ParamUse
from protocube_server.admission.policies.programs import Programs
from protocube_server.admission.policies.validating import ValidatingPolicies
from protocube_server.admission.quota.charging import Quotas
from protocube_server.admission.state import (
    CONFIGURATIONS,
    LIMIT_RANGE,
    MUTATING_BINDING,
    MUTATING_POLICY,
    MUTATING_WEBHOOKS,
    RESOURCE_QUOTA,
    VALIDATING_BINDING,
    VALIDATING_POLICY,
    VALIDATING_WEBHOOKS,
)
from protocube_server.admission.webhooks.asking import Webhooks
from protocube_server.admission.write import DELETE, Write

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Sequence

    from protocube_server.admission.plugins.plugin import Plugin
    from protocube_server.admission.state import State
    from protocube_server.admission.webhooks.hook import Send
    from protocube_server.calls.admission import Admission, T
    from protocube_server.calls.call import Call
    from protocube_server.cel.functions.authorizing import May
    from protocube_server.storage.base import Put, Store

_BY_PLUGIN: Final = {
    "ValidatingAdmissionPolicy": (VALIDATING_POLICY, VALIDATING_BINDING),
    "MutatingAdmissionPolicy": (MUTATING_POLICY, MUTATING_BINDING),
    "ValidatingAdmissionWebhook": (VALIDATING_WEBHOOKS,),
    "MutatingAdmissionWebhook": (MUTATING_WEBHOOKS,),
}
"""Where the objects stand that each asks for, of what is for all namespaces."""
_PER_NAMESPACE: Final = {LIMIT_RANGE: "LimitRanger", RESOURCE_QUOTA: "ResourceQuota"}
"""What is for its own namespace, and what asks for it."""


class InOrder:
    """See :class:`~protocube_server.calls.admission.Admission`."""

    def __init__(
        self,
        state: State,
        store: Store,
        may: May,
        *,
        rights: Admission | None = None,
        send: Send | None = None,
        on: Collection[str] = (),
        off: Collection[str] = (),
    ) -> None:
        """``may`` answers policies; ``rights`` refuses what gives away rights.

        ``send`` calls webhooks. ``on`` and ``off`` name plugins, as Kubernetes does.
        """
        self._state = state
        self._rights = rights
        self._plugins: dict[str, list[Plugin]] = {}
        for plugin in plugins.in_order(state, on=on, off=off):
            for message in plugin.messages:
                self._plugins.setdefault(message, []).append(plugin)
        self._off = frozenset(off)
        self._is_quota_off = "ResourceQuota" in self._off
        programs = Programs(may)
        self.policy_writes = PolicyWrites(programs)
        """Looks at policies as they are written, and later."""
        self._access = ParamAccess(state, may)
        self._params = ParamUse(state)
        self._quotas = Quotas(state, store)
        self._mutating = MutatingPolicies(
            state,
            asking.Policies(
                state, store, programs, (MUTATING_POLICY, MUTATING_BINDING), policy.of_mutating
            ),
        )
        of_validating = asking.Policies(
            state, store, programs, (VALIDATING_POLICY, VALIDATING_BINDING), policy.of_validating
        )
        self._validating = ValidatingPolicies(state, of_validating)
        self._asked_last, self._asked_first = (
            Webhooks(state, of_validating, send, message) if send is not None and is_on else None
            for message, is_on in (
                (VALIDATING_WEBHOOKS, "ValidatingAdmissionWebhook" not in off),
                (MUTATING_WEBHOOKS, "MutatingAdmissionWebhook" not in off),
            )
        )

    async def mutate(self, call: Call, old: Any, new: Any) -> bool:
        """Change ``new`` in place; tell whether it needs its defaults once more."""
        self._state.require_current()
        write = Write(call, old, new)
        self._require_read(write)
        lacks_defaults = self._fill_in(write)
        # Most writes concern nobody, and that is known without a coroutine for each.
        try:
            if "MutatingAdmissionPolicy" not in self._off and self._mutating.may_concern(write):
                if lacks_defaults:
                    await turns.taken(call.kind.defaults.filling(new))
                call.is_reshaped = True
                await self._mutating.mutate(write, lambda: self._fill_in(write))
            if self._asked_first is not None and self._asked_first.may_concern(write):
                call.is_reshaped = True
                await self._asked_first.mutate(write, lambda: self._fill_in(write))
        except errors.ApiError:
            call.quotes = True
            raise
        return lacks_defaults

    def _require_read(self, write: Write) -> None:
        """Refuse a write that something would be asked about which cannot be read.

        It might refuse the write. Where that is a quota or a limit, what is there can be deleted.
        """
        if not self._state.has_unread:
            return
        message = write.kind.resource.message
        if message in CONFIGURATIONS or message in _PER_NAMESPACE:
            return
        for plugin, messages in _BY_PLUGIN.items():
            if plugin not in self._off:
                for each in messages:
                    self._state.require_read(each)
        if write.operation != DELETE and write.kind.resource.namespaced:
            for each, plugin in _PER_NAMESPACE.items():
                if plugin not in self._off:
                    self._state.require_read(each, write.namespace)

    def _fill_in(self, write: Write) -> bool:
        """Let the plugins change the new object; tell whether it needs its defaults once more."""
        lacks_defaults = False
        if not write.subresource:
            for plugin in self._plugins.get(write.kind.resource.message, ()):
                lacks_defaults |= plugin.mutate(write)
        return lacks_defaults

    async def validate(self, call: Call, old: Any, new: Any) -> None:
        """Refuse ``new``, as it will be stored, or the deletion of ``old``."""
        self._state.require_current()
        if self._rights is not None:
            await self._rights.validate(call, old, new)
        write = Write(call, old, new)
        self._require_read(write)
        if new is not None and not write.subresource:
            for plugin in self._plugins.get(call.kind.resource.message, ()):
                plugin.validate(write)
        self._access.validate(write)
        if self.policy_writes.concern(call.kind):
            await self.policy_writes.validate(write)
        try:
            if "ValidatingAdmissionPolicy" not in self._off and self._validating.may_concern(write):
                await self._validating.validate(write)
            if self._asked_last is not None and self._asked_last.may_concern(write):
                await self._asked_last.validate(write)
        except errors.ApiError:
            call.quotes = True
            raise

    async def check_quota(self, call: Call, old: Any, new: Any) -> None:
        """Refuse what quotas do not allow."""
        if not self._is_quota_off and self._quotas.concern(call.kind, old if new is None else new):
            await self._quotas.check(Write(call, old, new))

    async def charged(
        self, call: Call, old: Any, new: Any, write: Callable[[Sequence[Put]], Awaitable[T]]
    ) -> T:
        """Return what ``write`` does, with what charges quotas."""
        if self._is_quota_off or not self._quotas.concern(call.kind, old if new is None else new):
            return await write(())
        return await self._quotas.charged(Write(call, old, new), write)

    def judges_by(self, call: Call) -> bool:
        """Tell whether a policy may have the object of a call as a parameter."""
        return self._params.has(call)
