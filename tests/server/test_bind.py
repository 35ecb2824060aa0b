"""Bind: a pod is assigned to a node, once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors
from protocube.core.v1 import binding_pb2, binding_requests_pb2

if TYPE_CHECKING:
    from tests.server.caller import Caller
    from tests.server.repeating import Served

CONFLICT = r'^Operation cannot be fulfilled on pods/binding "p": pod p '


async def _pod(api: Caller, **fields: Any) -> Any:
    spec = {"containers": [{"name": "c", "image": "i"}], **fields.pop("spec", {})}
    return await api.create(api.make("pods", "p", spec=spec, **fields))


async def _bind(
    api: Caller, node: str = "n", *, kind: str = "Node", metadata: Any = None, **fields: Any
) -> Any:
    request = binding_requests_pb2.BindRequest(**fields)
    binding: binding_pb2.Binding = request.object
    binding.metadata.name = "p"
    for name, value in (metadata or {}).items():
        if isinstance(value, dict):
            getattr(binding.metadata, name).update(value)
        else:
            setattr(binding.metadata, name, value)
    binding.target.name, binding.target.kind = node, kind
    reply = await api.send("/protocube.core.v1.Pods/Bind", request.SerializeToString())
    return api.resource("pods").message_class.FromString(reply.body)


async def test_a_pod_gets_its_node_and_annotations(served: Served) -> None:
    """Its condition says that it is scheduled; its generation and its owners stay."""
    api = served.caller
    made = await _pod(api, metadata={"annotations": {"a": "1"}})
    bound = await _bind(api, metadata={"annotations": {"b": "2"}})
    assert bound.spec.node_name == "n"
    assert dict(bound.metadata.annotations) == {"a": "1", "b": "2"}
    (scheduled,) = [each for each in bound.status.conditions if each.type == "PodScheduled"]
    assert scheduled.status == "True"
    assert scheduled.HasField("last_transition_time")
    assert bound.metadata.generation == made.metadata.generation
    assert await api.get("pods", "p") == bound
    shown = await api.get("pods", "p", include_managed_fields=True)
    assert len(shown.metadata.managed_fields) == 1


async def test_it_is_assigned_once(served: Served) -> None:
    """Of many bindings one succeeds, and the others are told where it is."""
    api = served.caller
    await _pod(api)
    nodes = [f"n{number}" for number in range(6)]
    found = await asyncio.gather(*(_bind(api, node) for node in nodes), return_exceptions=True)
    (bound,) = [each for each in found if not isinstance(each, BaseException)]
    where = bound.spec.node_name
    for each in found:
        if isinstance(each, BaseException):
            assert isinstance(each, errors.Conflict)
            assert str(each).endswith(f'pod p is already assigned to node "{where}"')


async def test_what_ends_or_waits_is_not_assigned(api: Caller) -> None:
    """A pod with scheduling gates is not, and one that is being deleted never will be."""
    await _pod(
        api,
        spec={"schedulingGates": [{"name": "example.com/g"}]},
        metadata={"finalizers": ["example.com/f"]},
    )
    with pytest.raises(errors.Conflict, match=CONFLICT + "has non-empty .spec.schedulingGates$"):
        await _bind(api)
    await api.delete("pods", "p")
    text = CONFLICT + "is being deleted, cannot be assigned to a host$"
    with pytest.raises(errors.Conflict, match=text):
        await _bind(api)


async def test_a_target_is_a_node_with_a_name(api: Caller) -> None:
    """All faults are told at once; the kind may be left out."""
    await _pod(api)
    with pytest.raises(errors.Invalid) as refused:
        await _bind(api, "", kind="Pod")
    assert [each.field for each in refused.value.violations] == ["target.kind", "target.name"]
    assert (await _bind(api, kind="")).spec.node_name == "n"


async def test_a_binding_can_be_of_one_pod_alone(api: Caller) -> None:
    """Its uid and its resource version are conditions."""
    made = await _pod(api)
    for metadata in ({"uid": "x"}, {"resource_version": "1"}):
        with pytest.raises(errors.Conflict, match=r'^Operation cannot be fulfilled on pods "p": '):
            await _bind(api, metadata=metadata)
    found = made.metadata
    version = {"uid": found.uid, "resource_version": found.resource_version}
    assert (await _bind(api, metadata=version)).spec.node_name == "n"


async def test_a_dry_run_assigns_nothing(api: Caller) -> None:
    """It answers as if it had."""
    made = await _pod(api)
    assert (await _bind(api, dry_run=True)).spec.node_name == "n"
    assert await api.get("pods", "p") == made


async def test_a_repeated_binding_is_answered(served: Served) -> None:
    """With a request id; without one it is a Conflict, also with the same node."""
    await _pod(served.caller)
    first = await _bind(served.caller, request_id="r")
    assert await _bind(served.caller, request_id="r") == first
    with pytest.raises(errors.Conflict, match="already assigned"):
        await _bind(served.caller)


async def test_a_missing_pod_is_not_found(api: Caller) -> None:
    """As everywhere."""
    with pytest.raises(errors.NotFound, match=r'^pods "p" not found$'):
        await _bind(api)
