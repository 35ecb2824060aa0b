"""Lets the MutatingAdmissionPolicies change an object before it is validated.

Source: ``k8s.io/apiserver/pkg/admission/plugin/policy/mutating``, with its texts.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from google.protobuf import json_format

from protocube import errors
from protocube.manifests import decode, encode
from protocube.patching import json_patch
from protocube_server import turns
from protocube_server.admission.policies import asking, matching, objects
from protocube_server.admission.policies.evaluating import Unevaluated, is_asked
from protocube_server.admission.policies.params import Misconfigured
from protocube_server.cel.faults import NotInstalled
from protocube_server.kinds.ownership import merging, schemas
from protocube_server.kinds.ownership.schemas import NodeKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from protocube_server.admission.policies.asking import Candidate, Policies
    from protocube_server.admission.policies.inputs import Inputs
    from protocube_server.admission.policies.policy import Binding, Policy
    from protocube_server.admission.state import State
    from protocube_server.admission.write import Write
    from protocube_server.kinds.kind import Kind
    from protocube_server.kinds.ownership.schemas import Schema

_SHARED: Final = {NodeKind.SET, NodeKind.KEYED, NodeKind.MAP, NodeKind.STRUCT}


class Unmade(Exception):
    """A change cannot be made; ``str()`` is what Kubernetes says then."""


class MutatingPolicies:
    """Changes objects; see :class:`~protocube_server.calls.admission.Admission`."""

    def __init__(self, state: State, policies: Policies) -> None:
        self._state = state
        self._policies = policies

    def may_concern(self, write: Write) -> bool:
        """Tell whether there is a policy for a write of its kind."""
        return bool(self._policies.candidates(write))

    async def mutate(self, write: Write, again: Callable[[], object]) -> None:
        """Change the new object in place, as policies say. Raises what refuses it.

        What was changed has its defaults. Policies that ask for it are asked again when another
        one has changed the object behind them; ``again`` is called before that.
        """
        candidates = self._policies.candidates(write)
        if not candidates or write.new is None:
            return
        namespace = await matching.namespace_of(self._state, write)
        asked: set[str] = set()
        wanted = False
        for number, candidate in enumerate(candidates):
            if number:
                await turns.breath()
            changed = await self._ask(candidate, write, namespace)
            wanted = wanted or (changed and bool(asked - {candidate.policy.name}))
            if candidate.policy.reinvoked:
                asked.add(candidate.policy.name)
        if not wanted:
            return
        again()
        for candidate in candidates:
            if candidate.policy.reinvoked:
                await turns.breath()
                await self._ask(candidate, write, namespace)

    async def _ask(self, candidate: Candidate, write: Write, namespace: Any | None) -> bool:
        """Carry out one policy; tell whether it changed the object."""
        policy, before = candidate.policy, write.new.SerializeToString(deterministic=True)
        for binding in asking.selects(candidate, write, namespace):
            try:
                for param in await self._policies.params(policy, binding, write):
                    await self._carry_out(candidate, write, namespace, param)
            except Misconfigured as error:
                self._fail(policy, binding, f"failed to configure binding: {error}", is_rule=False)
            except (Unevaluated, Unmade, NotInstalled) as error:
                self._fail(policy, binding, str(error), is_rule=True)
        return bool(write.new.SerializeToString(deterministic=True) != before)

    async def _carry_out(
        self, candidate: Candidate, write: Write, namespace: Any | None, param: Any | None
    ) -> None:
        policy = candidate.policy
        inputs = self._policies.inputs(write, namespace)
        if not is_asked(policy, await self._policies.evaluation(candidate, inputs, param)):
            return
        for expression, form in zip(policy.mutations, policy.patches, strict=True):
            # Each sees what those before it have made.
            inputs = self._policies.inputs(write, namespace)
            evaluation = await self._policies.evaluation(candidate, inputs, param)
            value = evaluation.value(expression)
            await _change(candidate.kind, inputs, form, value)
            await turns.taken(write.kind.defaults.filling(write.new))

    @staticmethod
    def _fail(policy: Policy, binding: Binding, said: str, *, is_rule: bool) -> None:
        if not policy.fails:
            return
        text = f"policy '{policy.name}' with binding '{binding.name}' denied request: {said}"
        cause = errors.Violation(field="", reason="", message=text)
        refusal = errors.Invalid if is_rule else errors.Forbidden
        raise refusal(text, violations=[cause])


async def _change(kind: Kind, inputs: Inputs, form: str, value: Any) -> None:
    """Change the object of a write, seen as ``kind``, by what an expression gave."""
    _, seen = inputs.objects(kind)
    data = await turns.returned(encode.steps(seen, shown=form == objects.PATCH))
    if form == objects.PATCH:
        found = await _patched(data, value)
        if found is None:
            return
    else:
        found = await _applied(seen, data, value)
    changed: Any = type(seen)()
    report = await turns.returned(decode.steps(found, changed))
    if report.faults:
        raise Unmade(report.faults[0].message)
    unknown = [f'unknown field "{path}"' for path in report.unknown]
    if unknown:
        raise Unmade(f"strict decoding error: {', '.join(unknown)}")
    inputs.take(kind, changed)


async def _patched(data: Any, operations: list[Any]) -> Any | None:
    """Return data with a JSON patch, ``None`` when a test in it does not hold."""
    listed = []
    for each in operations:
        operation: dict[str, Any] = {"op": each.op, "path": each.path}
        source = getattr(each, "from")
        if source:
            operation["from"] = source
        if each.HasField("value"):
            operation["value"] = _whole(json_format.MessageToDict(each.value))
        listed.append(operation)
    patch = json_patch.read(json.dumps(listed))
    try:
        return await turns.returned(json_patch.steps(data, patch.operations))
    except errors.ApiError:
        await _require_failed_test(data, patch.operations)
        return None


async def _require_failed_test(data: Any, operations: Sequence[json_patch.Operation]) -> None:
    """Return when it is a test that does not hold; raise :class:`Unmade` for what else fails."""
    for operation in operations:
        try:
            data = await turns.returned(json_patch.steps(data, [operation]))
        except errors.ApiError:
            if operation.op == "test":
                return
            text = f"JSON Patch: {operation.op} operation does not apply: {operation.path}"
            raise Unmade(text) from None


async def _applied(seen: Any, data: Any, value: Any) -> Any:
    """Return data with a configuration laid over it, as an apply does."""
    partial = type(seen).FromString(value.SerializeToString())
    config = await turns.returned(encode.steps(partial))
    schema = schemas.for_message(type(seen))
    atomics = list(_atomics(schema, config, ""))
    if atomics:
        listed = ", ".join(atomics)
        raise Unmade(
            "error applying patch: invalid ApplyConfiguration: "
            f"may not mutate atomic arrays, maps or structs: {listed}"
        )
    return await turns.returned(merging.merge(schema, data, config))


def _atomics(schema: Schema, value: Any, path: str) -> Iterator[str]:
    """Yield the places of what is replaced as a whole, which a change would empty of the rest."""
    if isinstance(value, dict):
        if schema.atomic and schema.kind in _SHARED:
            yield path
        if schema.kind in {NodeKind.STRUCT, NodeKind.MAP}:
            for name, each in value.items():
                yield from _atomics(schema.below(name), each, f"{path}.{name}")
    elif isinstance(value, list) and schema.kind is not NodeKind.FREE:
        if schema.atomic or schema.kind is NodeKind.LIST:
            yield path
            return
        for index, each in enumerate(value):
            yield from _atomics(schema.held, each, f"{path}[{index}]")


def _whole(value: Any) -> Any:
    """Return JSON data whose whole numbers are whole: CEL has them as doubles in such data."""
    if isinstance(value, dict):
        return {key: _whole(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_whole(each) for each in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
