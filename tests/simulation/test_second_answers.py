"""Conditions and warnings of a call that is carried out twice: asked each time, and told once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from protocube import errors
from protocube_server.kinds import object_names
from tests.simulation.contested import Contested

_OLD = "beta.kubernetes.io/os"
"""A label of nodes that selectors are warned of."""


@pytest.fixture
async def server() -> Contested:
    """Provide a server over an empty store."""
    return await Contested.begin()


def _labelled(message: Any) -> None:
    message.metadata.labels["x"] = "y"


def _pod(image: str = "x") -> dict[str, Any]:
    """Return the spec of a pod that is warned of."""
    return {"containers": [{"name": "c", "image": image}], "nodeSelector": {_OLD: "linux"}}


def _deployment(image: str = "x") -> dict[str, Any]:
    template = {"metadata": {"labels": {"a": "b"}}, "spec": _pod(image)}
    return {"selector": {"matchLabels": {"a": "b"}}, "template": template}


class TestWarnings:
    """What is told of the first try is not told again of the second."""

    async def test_of_a_create_whose_name_was_taken(
        self, server: Contested, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The server has chosen the name, and chooses another one."""
        await server.create("pods", "taken", spec=_pod())
        names = iter(("taken", "free"))
        monkeypatch.setattr(object_names, "generate", lambda _: next(names))
        wanted = {"metadata": {"generateName": "x"}, "spec": _pod()}
        warnings = await server.warned("pods", "Create", object=wanted)
        assert server.stored("pods", "free") is not None
        assert [_OLD in each for each in warnings] == [True], warnings

    @pytest.mark.parametrize("method", ["Update", "Patch", "Apply"])
    async def test_of_a_change_that_lost_its_race(self, server: Contested, method: str) -> None:
        """Another write was faster, and the change is made of what that has left."""
        await server.create("deploy", "a", spec=_deployment())
        changed = server.others_change("deploy", "a", _labelled)
        server.world.before_write(server.key("deploy", "a"), changed)
        spec = _deployment("new")
        fields: dict[str, Any] = {"object": {"metadata": {"name": "a"}, "spec": spec}}
        if method == "Patch":
            fields = {"name": "a", "merge_patch": json.dumps({"spec": spec})}
        elif method == "Apply":
            manifest = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a"}}
            text = json.dumps({**manifest, "spec": spec})
            fields = {"name": "a", "manifest": text, "field_manager": "m", "force": True}
        warnings = await server.warned("deploy", method, **fields)
        stored = server.stored("deploy", "a")
        assert stored.metadata.labels["x"] == ("" if method == "Update" else "y")
        assert stored.spec.template.spec.containers[0].image == "new"
        assert [_OLD in each for each in warnings] == [True], warnings


class TestVersions:
    """A version that a call names is a condition on its second try, too."""

    async def test_of_a_binding(self, server: Contested) -> None:
        """The pod was changed: it is not the one that was looked at."""
        made = await server.create("pods", "p", spec=_pod())
        server.world.before_write(
            server.key("pods", "p"), server.others_change("pods", "p", _labelled)
        )
        metadata = {"name": "p", "resourceVersion": made.metadata.resource_version}
        binding = {"metadata": metadata, "target": {"kind": "Node", "name": "n"}}
        with pytest.raises(errors.Conflict):
            await server.call("pods", "Bind", object=binding)
        assert server.stored("pods", "p").spec.node_name == ""

    @pytest.mark.parametrize("then", ["changed", "deleted"])
    async def test_of_an_apply(self, server: Contested, then: str) -> None:
        """Neither is it applied to another version, nor is another object made."""
        made = await server.create("cm", "a", data={"k": "v"})
        deeds = {
            "changed": server.others_change("cm", "a", _labelled),
            "deleted": server.others_delete("cm", "a"),
        }
        server.world.before_write(server.key("cm", "a"), deeds[then])
        metadata = {"name": "a", "resourceVersion": made.metadata.resource_version}
        manifest = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}
        text = json.dumps({**manifest, "data": {"k": "mine"}})
        with pytest.raises((errors.Conflict, errors.NotFound)):
            await server.call("cm", "Apply", name="a", manifest=text, field_manager="m", force=True)
        stored = server.stored("cm", "a")
        assert stored is None or stored.data["k"] == "v"

    async def test_of_a_patch(self, server: Contested) -> None:
        """One that is in the patch itself."""
        made = await server.create("cm", "a", data={"k": "v"})
        server.world.before_write(server.key("cm", "a"), server.others_change("cm", "a", _labelled))
        metadata = {"resourceVersion": made.metadata.resource_version}
        patch = json.dumps({"metadata": metadata, "data": {"k": "mine"}})
        with pytest.raises(errors.Conflict, match="has been modified"):
            await server.call("cm", "Patch", name="a", merge_patch=patch)
        assert server.stored("cm", "a").data["k"] == "v"
