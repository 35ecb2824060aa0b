"""Kinds that Kubernetes has deprecated: every call for one is told so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from protocube.meta.v1 import requests_pb2

if TYPE_CHECKING:
    from tests.server.caller import Caller

_SAID = ("v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",)


@pytest.mark.parametrize("method", ["Create", "Get", "List", "Delete"])
async def test_every_method_warns(api: Caller, method: str) -> None:
    """The warning names what to use instead, and is no obstacle."""
    resource = api.resource("endpoints")
    made = api.make("endpoints", "e")
    if method == "Create":
        request: Any = resource.request_class("Create")(object=made)
    else:
        await api.create(made)
        asked = getattr(requests_pb2, f"{method}Request")
        request = asked() if method == "List" else asked(name="e")
    reply = await api.send(f"/{resource.service}/{method}", request.SerializeToString())
    assert reply.warnings == _SAID


async def test_another_kind_says_nothing(api: Caller) -> None:
    """Only what is deprecated is."""
    reply = await api.send(f"/{api.resource('endpointslices').service}/List", b"")
    assert reply.warnings == ()
