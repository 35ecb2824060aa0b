"""Which objects policies look at as parameters when they judge others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from protocube_server.admission.state import (
    MUTATING_BINDING,
    MUTATING_POLICY,
    VALIDATING_BINDING,
    VALIDATING_POLICY,
)

if TYPE_CHECKING:
    from protocube_server.admission.state import State
    from protocube_server.calls.call import Call
    from protocube_server.kinds.edition import Edition

_SORTS: Final = ((VALIDATING_POLICY, VALIDATING_BINDING), (MUTATING_POLICY, MUTATING_BINDING))


class ParamUse:
    """What the bindings in force choose."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._seen: tuple[int, int] = (-1, -1)
        """The edition, and the state's changes, when :attr:`_epoch` was looked at last."""
        self._epoch: tuple[int, ...] = ()
        self._refs: dict[bytes, list[Any]] = {}
        """By the prefixes of the kinds that they choose from."""

    def has(self, call: Call) -> bool:
        """Tell whether a binding may choose the object of a call."""
        edition = call.edition
        seen = (edition.number, self._state.changes)
        if seen != self._seen:
            self._seen = seen
            kinds = (kind for sort in _SORTS for kind in sort)
            epoch = (edition.number, *self._state.epoch(*kinds))
            if epoch != self._epoch:
                self._epoch = epoch
                self._refresh(edition)
        if not self._refs:
            return False
        namespace, name = call.target
        return any(
            ref.name in ("", name) and ref.namespace in ("", namespace)
            for ref in self._refs.get(call.kind.prefix(), ())
        )

    def _refresh(self, edition: Edition) -> None:
        self._refs = {}
        for of_policies, of_bindings in _SORTS:
            kinds = {
                held.message.metadata.name: held.message.spec.param_kind
                for held in self._state.of(of_policies)
                if held.message.spec.HasField("param_kind")
            }
            for held in self._state.of(of_bindings):
                spec = held.message.spec
                chosen = kinds.get(spec.policy_name)
                if chosen is None or not spec.HasField("param_ref"):
                    continue
                kind = edition.kinds.for_reference(chosen.api_version, chosen.kind)
                if kind is not None:
                    self._refs.setdefault(kind.prefix(), []).append(spec.param_ref)
