"""What no answer could carry is refused on the way in, by Create, Update and UpdateStatus."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from google.protobuf import json_format

from protocube import errors
from protocube_server.kinds.expressible import MOST_LEVELS

if TYPE_CHECKING:
    from tests.server.caller import Caller

_TOO_LATE = 253_402_300_800


def event(api: Caller, name: str) -> Any:
    """Return an Event, which has times."""
    return api.make(
        "events.events.k8s.io",
        name,
        eventTime="2026-01-01T00:00:00.000000Z",
        regarding={"namespace": "default"},
        reportingController="example.com/x",
        reportingInstance="x",
        action="act",
        reason="why",
        type="Normal",
    )


async def test_a_time_without_json_is_refused_by_every_verb_that_writes(api: Caller) -> None:
    """The field is named, and the kind stays readable as JSON."""
    made = await api.create(event(api, "a"))
    made.event_time.seconds = _TOO_LATE
    new = event(api, "b")
    new.event_time.nanos = -1
    pod = api.make("pods", "p", spec={"containers": [{"name": "c", "image": "i"}]})
    pod = await api.create(pod)
    pod.status.start_time.seconds = _TOO_LATE
    for call, field in (
        (api.create(new), "eventTime"),
        (api.update(made), "eventTime"),
        (api.write("UpdateStatus", pod), "status.startTime"),
    ):
        with pytest.raises(errors.Invalid) as caught:
            await call
        assert [fault.field for fault in caught.value.violations] == [field]
    for word in ("events.events.k8s.io", "pods"):
        json_format.MessageToJson(await api.list(word))


async def test_what_a_watch_could_not_carry_is_refused(api: Caller) -> None:
    """A custom kind nested to the bound is created, listed and watched; one level more is Invalid.

    Stock parsers take a hundred messages within each other, those around the object included.
    """

    def made(name: str, levels: int) -> Any:
        crd = api.make(
            "customresourcedefinitions",
            f"{name}.example.com",
            spec={
                "group": "example.com",
                "scope": "Namespaced",
                "names": {"plural": name, "kind": name.title()},
                "versions": [
                    {
                        "name": "v1",
                        "served": True,
                        "storage": True,
                        "schema": {
                            "openAPIV3Schema": {
                                "type": "object",
                                "properties": {
                                    "x": {
                                        "type": "object",
                                        "x-kubernetes-preserve-unknown-fields": True,
                                    }
                                },
                            }
                        },
                    }
                ],
            },
        )
        schema = crd.spec.versions[0].schema.open_apiv3_schema.properties["x"]
        value, depth = schema.example, 7
        while depth + 2 <= levels:
            value, depth = value.list_value.values.add(), depth + 2
        value.bool_value = True
        return crd

    deepest = MOST_LEVELS - (MOST_LEVELS - 7) % 2
    await api.create(made("good", deepest))
    assert len((await api.list("customresourcedefinitions")).items) == 1
    async with aclosing(api.watch("customresourcedefinitions")) as watch:
        assert (await anext(watch)).events[0].object.metadata.name == "good.example.com"
    with pytest.raises(errors.Invalid) as caught:
        await api.create(made("bad", deepest + 2))
    (fault,) = caught.value.violations
    assert fault.field.startswith(
        "spec.versions[0].schema.openAPIV3Schema.properties[x].example[0]"
    )


@pytest.mark.parametrize(
    "method",
    [
        "/protocube.discovery.v1.Discovery/GetServerInfo",
        "/protocube.discovery.v1.Discovery/ListResources",
        "/protocube.discovery.v1.Discovery/GetDescriptors",
        "/grpc.health.v1.Health/Check",
        "/protocube.core.v1.Pods/Get",
    ],
)
async def test_bytes_that_are_no_request_are_the_callers_fault(api: Caller, method: str) -> None:
    """INVALID_ARGUMENT with a sentence, of unary methods and of streams of either kind."""
    with pytest.raises(errors.BadRequest, match="cannot be decoded"):
        await api.send(method, b"\xff\xff")


async def test_bytes_that_are_no_request_end_a_stream(api: Caller) -> None:
    """The same of streams, also where the requests are a stream."""
    watch = api.channel.unary_stream("/grpc.health.v1.Health/Watch")(b"\xff\xff")
    reflect = api.channel.stream_stream("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo")
    for call in (watch, reflect(iter([b"\xff\xff"]))):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await _end(call)
        assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert "cannot be decoded" in str(caught.value.details())


async def _end(call: Any) -> None:
    while await call.read() is not grpc.aio.EOF:
        pass
