"""Apply by kubectl to objects that its client-side apply has made."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors

if TYPE_CHECKING:
    from tests.server.caller import Caller

_ANNOTATION = "kubectl.kubernetes.io/last-applied-configuration"
_BY_CLIENT = "kubectl-client-side-apply"


def _config_map(**data: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": data}


async def _applied_by_client(api: Caller, **data: str) -> Any:
    config = _config_map(**data)
    annotations = {_ANNOTATION: json.dumps(config)}
    made = api.make("cm", "a", metadata={"annotations": annotations}, data=data)
    return await api.create(made, field_manager=_BY_CLIENT)


async def test_takes_over_what_it_has_set_itself(api: Caller) -> None:
    """A field that still has the value of the annotation is no conflict for ``kubectl``."""
    await _applied_by_client(api, x="1")
    with pytest.raises(errors.Conflict, match=_BY_CLIENT):
        await api.apply(_config_map(x="2"), "other")
    done = await api.apply(_config_map(x="2"), "kubectl", include_managed_fields=True)
    assert dict(done.data) == {"x": "2"}
    owned = {entry.manager: str(entry.fields_v1) for entry in done.metadata.managed_fields}
    assert "f:x" in owned["kubectl"]
    assert "f:x" not in owned[_BY_CLIENT]


async def test_does_not_take_over_what_others_have_set_since(api: Caller) -> None:
    """Their fields are told, and those alone."""
    await _applied_by_client(api, x="1", y="1")
    await api.patch("cm", "a", merge_patch={"data": {"y": "2"}}, field_manager="other")
    with pytest.raises(errors.Conflict) as refused:
        await api.apply(_config_map(x="3", y="3"), "kubectl")
    wanted = 'Apply failed with 1 conflict: conflict with "other" using v1: .data.y'
    assert str(refused.value) == wanted
    assert [cause.field for cause in refused.value.violations] == [".data.y"]


@pytest.mark.parametrize(
    "text", ["no JSON", "[]", '{"apiVersion": "v2"}', '{"apiVersion": "v1", "dota": 1}']
)
async def test_an_annotation_that_says_nothing_allows_nothing(api: Caller, text: str) -> None:
    """What is no configuration of the version is not looked at."""
    made = api.make("cm", "a", metadata={"annotations": {_ANNOTATION: text}}, data={"x": "1"})
    await api.create(made, field_manager=_BY_CLIENT)
    with pytest.raises(errors.Conflict):
        await api.apply(_config_map(x="2"), "kubectl")


async def test_renews_the_annotation(api: Caller) -> None:
    """It tells what is wanted now, in Go's JSON; it is nobody's for that."""
    await _applied_by_client(api, x="<")
    config = _config_map(x="<")
    done = await api.apply(config, "kubectl")
    config["metadata"]["namespace"] = "default"
    text = json.dumps(config, separators=(",", ":"), sort_keys=True).replace("<", "\\u003c")
    assert done.metadata.annotations[_ANNOTATION] == f"{text}\n"
    again = await api.apply(_config_map(x="<"), "kubectl")
    assert again.metadata.resource_version == done.metadata.resource_version
    other = await api.apply(_config_map(z="1"), "other")
    assert other.metadata.annotations == done.metadata.annotations


async def test_leaves_an_annotation_out_that_has_no_room(api: Caller) -> None:
    """An apply never fails for it."""
    await _applied_by_client(api, x="1")
    config = _config_map(x="1")
    config["metadata"]["annotations"] = {"a": "x" * 200_000}
    done = await api.apply(config, "kubectl")
    assert _ANNOTATION not in done.metadata.annotations


async def test_has_none_where_there_was_none(api: Caller) -> None:
    """Only objects that client-side apply has touched have it."""
    done = await api.apply(_config_map(x="1"), "kubectl")
    assert not done.metadata.annotations
