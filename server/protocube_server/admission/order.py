"""All of admission, in the order in which a write meets it.

The order is Kubernetes' (``pkg/kubeapiserver/options/plugins.go``): what the server fills in
itself, policies and webhooks that change objects; behind validation, what refuses objects.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from protocube_server.admission.policies import asking, policy
from protocube_server.admission.policies.checking import PolicyWrites
from protocube_server.admission.policies.programs import Programs
from protocube_server.admission.policies.validating import ValidatingPolicies
from protocube_server.admission.state import VALIDATING_BINDING, VALIDATING_POLICY
from protocube_server.admission.write import Write

if TYPE_CHECKING:
    from protocube_server.admission.state import State
    from protocube_server.calls.admission import Admission
    from protocube_server.calls.call import Call
    from protocube_server.cel.functions.authorizing import May
    from protocube_server.storage.base import Store


class Filler(Protocol):
    """Fills in something of the objects of some kinds, before validation."""

    name: str
    """Kubernetes' name of the plugin."""
    messages: frozenset[str]
    """The kinds."""

    def mutate(self, write: Write) -> bool:
        """Change the new object in place; tell whether it did. Raises what refuses it."""
        ...


class InOrder:
    """See :class:`~protocube_server.calls.admission.Admission`."""

    def __init__(
        self, state: State, store: Store, may: May, *, rights: Admission | None = None
    ) -> None:
        """``may`` answers policies; ``rights`` refuses what gives away rights."""
        self._state = state
        self._rights = rights
        programs = Programs(may)
        self._checks = PolicyWrites(programs)
        self._validating = ValidatingPolicies(
            state,
            asking.Policies(
                state,
                store,
                programs,
                (VALIDATING_POLICY, VALIDATING_BINDING),
                policy.of_validating,
            ),
        )

    async def mutate(self, call: Call, old: Any, new: Any) -> bool:
        """Change ``new`` in place; tell whether it did."""
        self._state.require_current()
        del call, old, new
        return False

    async def validate(self, call: Call, old: Any, new: Any) -> None:
        """Refuse ``new``, as it will be stored, or the deletion of ``old``."""
        self._state.require_current()
        if self._rights is not None:
            await self._rights.validate(call, old, new)
        write = Write(call, old, new)
        self._checks.validate(write)
        await self._validating.validate(write)
