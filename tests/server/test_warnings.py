"""When an object's warnings are told: of a new one, and of one that has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.server.caller import Caller

_TOLD = (
    (
        "spec.template.spec.containers[0].ports[1]: duplicate port definition with "
        "spec.template.spec.containers[0].ports[0]"
    ),
)


async def _warnings(api: Caller, method: str, **fields: Any) -> tuple[str, ...]:
    resource = api.resource("deployments")
    request: Any = resource.request_class(method)(**fields)
    reply = await api.send(f"/{resource.service}/{method}", request.SerializeToString())
    return reply.warnings


async def test_of_a_template_when_its_object_is_another_generation(api: Caller) -> None:
    """Not when labels or the status alone have changed, as in Kubernetes."""
    labels = {"app": "d"}
    ports = [{"containerPort": 80, "name": "a"}, {"containerPort": 80, "name": "b"}]
    containers = [{"name": "c", "image": "i", "ports": ports}]
    template = {"metadata": {"labels": labels}, "spec": {"containers": containers}}
    spec = {"selector": {"matchLabels": labels}, "template": template}
    made = api.make("deployments", "d", spec=spec)
    assert await _warnings(api, "Create", object=made) == _TOLD
    labelled = '{"metadata": {"labels": {"a": "b"}}}'
    assert await _warnings(api, "Patch", name="d", merge_patch=labelled) == ()
    paused = '{"spec": {"paused": true}}'
    assert await _warnings(api, "Patch", name="d", merge_patch=paused) == _TOLD
    assert await _warnings(api, "Patch", name="d", merge_patch=paused) == ()
