"""The annotation that counts the changes of a DaemonSet's template."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors

if TYPE_CHECKING:
    from tests.server.caller import Caller

_NAME = "deprecated.daemonset.template.generation"
_NEW_IMAGE = {"spec": {"template": {"spec": {"containers": [{"name": "c", "image": "img:2"}]}}}}


def _daemon_set(api: Caller, given: str | None = None) -> Any:
    labels = {"app": "d"}
    containers = [{"name": "c", "image": "img:1"}]
    template = {"metadata": {"labels": labels}, "spec": {"containers": containers}}
    return api.make(
        "daemonsets",
        "d",
        metadata={} if given is None else {"annotations": {_NAME: given}},
        spec={"selector": {"matchLabels": labels}, "template": template},
    )


@pytest.mark.parametrize(("given", "first"), [(None, "1"), ("5", "5"), ("0", "1"), ("-3", "1")])
async def test_begins_with_one(api: Caller, given: str | None, first: str) -> None:
    """Unless the manifest gives a higher number."""
    made = await api.create(_daemon_set(api, given))
    assert made.metadata.annotations[_NAME] == first


async def test_grows_with_the_template_alone(api: Caller) -> None:
    """What else changes of the spec is a new generation, but none of the template."""
    await api.create(_daemon_set(api))
    paused = {"spec": {"minReadySeconds": 3}}
    done = await api.patch("daemonsets", "d", merge_patch=paused)
    assert (done.metadata.generation, done.metadata.annotations[_NAME]) == (2, "1")
    done = await api.patch("daemonsets", "d", strategic_merge_patch=_NEW_IMAGE)
    assert (done.metadata.generation, done.metadata.annotations[_NAME]) == (3, "2")


@pytest.mark.parametrize("written", ["7", None])
async def test_cannot_be_written(api: Caller, written: str | None) -> None:
    """An update that gives another number, or leaves it out, changes nothing."""
    made = await api.create(_daemon_set(api))
    change = {"metadata": {"annotations": {_NAME: written}}}
    assert await api.patch("daemonsets", "d", merge_patch=change) == made
    made.metadata.annotations[_NAME] = "9"
    made.status.number_ready = 1
    done = await api.write("UpdateStatus", made)
    assert done.metadata.annotations[_NAME] == "1"
    assert done.status.number_ready == 1


async def test_is_a_number(api: Caller) -> None:
    """Anything else is refused in the words of Kubernetes' decoder."""
    wanted = 'cannot be handled as a DaemonSet: strconv.ParseInt: parsing "x": invalid syntax'
    with pytest.raises(errors.BadRequest, match=wanted):
        await api.create(_daemon_set(api, "x"))
    await api.create(_daemon_set(api))
    change = {"metadata": {"annotations": {_NAME: "x"}}}
    with pytest.raises(errors.BadRequest, match="invalid syntax"):
        await api.patch("daemonsets", "d", merge_patch=change)


async def test_is_nobodys_when_it_grows(api: Caller) -> None:
    """The owner of a change of the template does not come to own its number."""
    await api.create(_daemon_set(api), field_manager="m1")
    done = await api.patch(
        "daemonsets",
        "d",
        strategic_merge_patch=_NEW_IMAGE,
        field_manager="m2",
        include_managed_fields=True,
    )
    by = {entry.manager: str(entry.fields_v1) for entry in done.metadata.managed_fields}
    assert _NAME in by["m1"]
    assert _NAME not in by["m2"]
