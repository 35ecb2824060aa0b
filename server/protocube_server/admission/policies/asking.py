"""Finds the policies that a write concerns, with their bindings, parameters and programs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from protocube_server.admission.policies import matching, params
from protocube_server.admission.policies.evaluating import Evaluation
from protocube_server.admission.policies.inputs import Inputs
from protocube_server.admission.policies.policy import binding_of
from protocube_server.admission.policies.programs import DYN, types_for
from protocube_server.admission.state import CONFIGURATIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from protocube_server.admission.policies.policy import Binding, Policy
    from protocube_server.admission.policies.programs import Compiled, Programs
    from protocube_server.admission.state import State
    from protocube_server.admission.write import Write
    from protocube_server.cel.engine import Bindings
    from protocube_server.kinds.edition import Edition
    from protocube_server.kinds.kind import Kind
    from protocube_server.storage.base import Store


# Not frozen: what is compiled for it is kept with it.
@dataclass(slots=True)
class Candidate:
    """A policy whose rules fit a kind and an operation, and its bindings that do."""

    policy: Policy
    kind: Kind
    """The version of the object's kind that its rules are for."""
    bindings: tuple[Binding, ...]
    is_for_all: bool
    """Whether all objects of the kind are meant, whatever their names and labels."""
    compiled: Compiled | None = None
    """What it is asked with when there are no parameters."""

    @classmethod
    def of(cls, policy: Policy, kind: Kind, bindings: tuple[Binding, ...]) -> Self:
        """Return the candidate of a policy and its bindings."""
        matches = (policy.match, *(binding.match for binding in bindings))
        return cls(policy, kind, bindings, all(match.is_plain for match in matches))


class _Given(NamedTuple):
    """See :class:`~protocube_server.admission.policies.evaluating.Given`."""

    inputs: Inputs
    kind: Kind
    compiled: Compiled
    param: Any | None

    def bindings(self) -> Bindings:
        """Return the values, bound."""
        return self.inputs.bindings(self.kind, self.compiled, self.param)

    def values(self) -> dict[str, Any]:
        """Return the values."""
        return self.inputs.values(self.kind, self.compiled, self.param)


class Policies:
    """The policies of one sort, by what they are for."""

    def __init__(
        self,
        state: State,
        store: Store,
        programs: Programs,
        messages: tuple[str, str],
        read: Callable[[Any], Policy],
    ) -> None:
        """``messages`` are the kinds of the policies and their bindings; ``read`` reads one."""
        self._state = state
        self._store = store
        self.programs = programs
        self._messages = messages
        self._read = read
        self._epoch: tuple[Any, ...] = ()
        self._seen: tuple[int, int] = (-1, -1)
        """The edition, and the state's changes, when the epoch was looked at last."""
        self._policies: list[Policy] = []
        self._bindings: dict[str, list[Binding]] = {}
        self._found: dict[tuple[Any, ...], tuple[Candidate, ...]] = {}

    def candidates(self, write: Write) -> tuple[Candidate, ...]:
        """Return what may be asked about a write, in the order of names."""
        edition = write.call.edition
        seen = (edition.number, self._state.changes)
        if seen != self._seen:
            self._seen = seen
            epoch = (edition.number, *self._state.epoch(*self._messages))
            if epoch != self._epoch:
                self._refresh(epoch)
        if not self._policies:
            return ()
        key = (write.kind, write.operation, write.subresource)
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = tuple(self._fitting(write, edition))
        return found

    def inputs(self, write: Write, namespace: Any | None) -> Inputs:
        """Return what expressions are given of a write."""
        return Inputs(write, namespace)

    async def params(self, policy: Policy, binding: Binding, write: Write) -> list[Any | None]:
        """Return the objects of parameters; see :func:`params.of`."""
        return await params.of(self._store, policy, binding, write)

    async def evaluation(
        self, candidate: Candidate, inputs: Inputs, param: Any | None
    ) -> Evaluation:
        """Return what evaluates the expressions of a policy. Raises ``cel.faults.NotInstalled``."""
        compiled = candidate.compiled
        if compiled is None or param is not None:
            compiled = await self._compiled(candidate, inputs, param)
            if param is None:
                candidate.compiled = compiled
        return Evaluation(compiled, _Given(inputs, candidate.kind, compiled, param))

    async def _compiled(self, candidate: Candidate, inputs: Inputs, param: Any | None) -> Compiled:
        policy, kind, write = candidate.policy, candidate.kind, inputs.write
        message = self._type(kind, write)
        shadows = self.programs.shadows_for(write.call.edition, kind, policy, message)
        of = types_for(
            message,
            has_new=write.new is not None,
            has_old=write.old is not None,
            has_namespace=inputs.namespace is not None,
            params=self._params_type(policy, kind, write, param),
        )
        return await self.programs.compiled(policy, shadows, of)

    @staticmethod
    def _type(kind: Kind, write: Write) -> str:
        if write.is_of_scale:
            name: str = kind.scales.message_class.DESCRIPTOR.full_name
            return name
        return kind.resource.message

    @staticmethod
    def _params_type(policy: Policy, kind: Kind, write: Write, param: Any | None) -> str | None:
        if policy.param_kind is None:
            return None
        found = params.kind_of(policy, write)
        is_near = found is not None and found.resource.pool is kind.resource.pool
        return found.resource.message if found and is_near and param is not None else DYN

    def _refresh(self, epoch: tuple[Any, ...]) -> None:
        self._epoch = epoch
        of_policies, of_bindings = self._messages
        messages = sorted(
            (held.message for held in self._state.of(of_policies)), key=lambda m: m.metadata.name
        )
        self._policies = [self._read(message) for message in messages]
        self._bindings = {}
        for held in self._state.of(of_bindings):
            binding = binding_of(held.message)
            self._bindings.setdefault(binding.policy, []).append(binding)
        self._found = {}

    def _fitting(self, write: Write, edition: Edition) -> list[Candidate]:
        if write.kind.resource.message in CONFIGURATIONS:
            return []
        versions = tuple(edition.kinds.versions_of(write.kind))
        found = []
        for policy in self._policies:
            kind = policy.match.kind_for(write.kind, versions, write)
            if kind is None:
                continue
            bindings = sorted(self._bindings.get(policy.name, ()), key=lambda each: each.name)
            fitting = tuple(
                each for each in bindings if each.match.kind_for(write.kind, versions, write)
            )
            if fitting:
                found.append(Candidate.of(policy, kind, fitting))
        return found


def selects(candidate: Candidate, write: Write, namespace: Any | None) -> Sequence[Binding]:
    """Return the bindings by which a policy is asked about the object of a write."""
    if candidate.is_for_all:
        return candidate.bindings
    labels = matching.labels_for(write, namespace)
    match = candidate.policy.match
    if not (match.has(candidate.kind, write) and match.selects(write, labels)):
        return []
    return [
        binding
        for binding in candidate.bindings
        if binding.match.has(candidate.kind, write) and binding.match.selects(write, labels)
    ]
