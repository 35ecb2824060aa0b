"""Webhooks: what they are asked, and what becomes of a write."""

from __future__ import annotations

import asyncio
import functools
from typing import TYPE_CHECKING, Any

import grpc.aio
import pytest

from protocube import errors
from protocube.admission.v1 import webhook_pb2, webhook_pb2_grpc
from protocube.core.v1 import config_map_pb2
from protocube_server.admission.webhooks import asking
from tests.admission import hooks
from tests.admission.admitted import config_map, refused
from tests.logged import Logged
from tests.tls.authority import Authority

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from tests.admission.hooks import Hook
    from tests.server.caller import Caller


_SECRET = "hunter2"


def _denying(status: dict[str, Any], _: object) -> dict[str, Any]:
    return {"allowed": False, "status": status}


async def test_a_webhook_is_asked_and_can_refuse(caller: Caller, hook: Hook) -> None:
    """With Kubernetes' question and its texts; its code is the error's."""
    await hooks.configure(caller, "validating", hook)
    made = await caller.create(config_map(caller, "a", k="v"))
    made.data["k"] = "w"
    await caller.update(made, dry_run=True)
    created, updated = hook.asked
    assert (created["operation"], created["oldObject"]) == ("CREATE", None)
    assert created["object"]["data"] == {"k": "v"}
    assert created["object"]["apiVersion"] == "v1"
    assert created["kind"] == {"group": "", "version": "v1", "kind": "ConfigMap"}
    assert created["resource"] == {"group": "", "version": "v1", "resource": "configmaps"}
    assert (created["name"], created["namespace"]) == ("a", "default")
    assert created["userInfo"]["username"] == "system:admin"
    assert updated["oldObject"]["data"] == {"k": "v"}
    assert updated["dryRun"] is True
    head = 'admission webhook "h.example.com" denied the request'
    for status, said, error_type in (
        ({}, f"{head} without explanation", errors.BadRequest),
        ({"message": "no"}, f"{head}: no", errors.BadRequest),
        ({"reason": "Why", "code": 403}, f"{head}: Why", errors.Forbidden),
        ({"message": "no", "code": 422}, f"{head}: no", errors.Invalid),
        ({"message": "no", "code": 503}, f"{head}: no", errors.Unavailable),
    ):
        hook.answer = functools.partial(_denying, status)
        error = await refused(caller.create(config_map(caller, "b")))
        assert (error.message, type(error)) == (said, error_type)
    await caller.delete("cm", "a")


async def test_a_webhook_can_change_an_object(caller: Caller, hook: Hook) -> None:
    """By a JSON patch; what it changed is validated, and belongs to nobody."""
    await hooks.configure(caller, "mutating", hook)
    labels = {"op": "add", "path": "/metadata/labels", "value": {"by": "hook"}}
    hook.answer = lambda _: hooks.patch(labels)
    made = await caller.create(config_map(caller, "a"))
    assert made.metadata.labels["by"] == "hook"
    wrong = {"op": "add", "path": "/metadata/labels", "value": {"by": "no label!"}}
    hook.answer = lambda _: hooks.patch(wrong)
    assert isinstance(await refused(caller.create(config_map(caller, "b"))), errors.Invalid)
    missing = {"op": "remove", "path": "/nope/x"}
    hook.answer = lambda _: hooks.patch(missing)
    error = await refused(caller.create(config_map(caller, "b")))
    assert error.message.startswith('failed calling webhook "h.example.com": ')


async def test_a_webhook_can_warn(caller: Caller, hook: Hook) -> None:
    """Its warnings are the caller's."""
    await hooks.configure(caller, "validating", hook)
    hook.answer = lambda _: {"allowed": True, "warnings": ["careful", "x" * 1000]}
    resource = caller.resource("cm")
    request: Any = resource.create_request_class()
    request.object.CopyFrom(config_map(caller, "a"))
    reply = await caller.send(f"/{resource.service}/Create", request.SerializeToString())
    assert reply.warnings == ("careful", "x" * 256)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"nonsense", "received invalid webhook response: it is no JSON"),
        (b"[]", "received invalid webhook response: it is no object"),
        (
            b'{"kind": "Pod", "apiVersion": "v1"}',
            "response of admission.k8s.io/v1, Kind=AdmissionReview, got v1, Kind=Pod",
        ),
        (
            b'{"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1"}',
            "webhook response was absent",
        ),
        ({"allowed": True, "uid": "other"}, "expected response.uid="),
        ({"allowed": True, "patch": "eA=="}, "patchType must be JSONPatch"),
        (b"[" * 100_000, "it is no JSON"),
    ],
)
async def test_an_answer_that_is_none_is_a_failure(
    caller: Caller, hook: Hook, answer: Any, said: str
) -> None:
    """The failure policy says what becomes of the write; the error says what was wrong."""
    await hooks.configure(caller, "validating", hook)
    hook.answer = lambda _: answer
    error = await refused(caller.create(config_map(caller, "a")))
    assert isinstance(error, errors.Internal)
    assert error.message.startswith('failed calling webhook "h.example.com": ')
    assert said in error.message


async def test_a_webhook_that_is_not_there(caller: Caller, hook: Hook) -> None:
    """Refuses, or is passed by when it may; the configuration can be changed all the same."""
    gone = {"url": "https://127.0.0.1:1/"}
    await hooks.configure(
        caller, "validating", hook, clientConfig=gone, resources="*", operations="*"
    )
    error = await refused(caller.create(config_map(caller, "a")))
    assert error.message == (
        'failed calling webhook "h.example.com": failed to call webhook: connection refused'
    )
    found = await caller.get("validatingwebhookconfiguration", "h")
    found.webhooks[0].failure_policy = "Ignore"
    await caller.update(found)
    await caller.create(config_map(caller, "a"))
    await caller.delete("validatingwebhookconfiguration", "h")


async def test_a_certificate_that_is_not_trusted(
    caller: Caller, hook: Hook, tmp_path: Path
) -> None:
    """Nothing is sent to such a webhook."""
    hook.authority = Authority(tmp_path, "other").file
    await hooks.configure(caller, "validating", hook)
    error = await refused(caller.create(config_map(caller, "a")))
    assert "its certificate is not trusted" in error.message
    assert hook.asked == []


async def test_a_webhook_that_hangs_is_not_waited_for(caller: Caller, hook: Hook) -> None:
    """Longer than it may take; calls beside it are answered meanwhile."""
    hook.go.clear()
    await hooks.configure(caller, "validating", hook, timeoutSeconds=1)
    hanging = asyncio.create_task(refused(caller.create(config_map(caller, "a"))))
    for name in "bc":
        await caller.create(caller.make("secret", name))
    error = await hanging
    assert error.message.startswith('failed calling webhook "h.example.com": failed to call')


async def test_all_webhooks_of_a_write_have_one_time(
    caller: Caller, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that refuse it have what those that change it have left, however it is tried."""
    monkeypatch.setattr(asking, "SECONDS", 1.0)
    await hooks.configure(caller, "mutating", hook, "m", failurePolicy="Ignore")
    await hooks.configure(caller, "validating", hook, "v")
    hook.go.clear()
    error = await refused(caller.create(config_map(caller, "a")))
    assert error.message == (
        'failed calling webhook "v.example.com": '
        "the 10 seconds that all webhooks of a request have together are over"
    )
    (asked,) = hook.asked
    assert asked["name"] == "a"


async def test_half_of_a_surrogate_pair_in_an_answer_is_replaced(
    caller: Caller, hook: Hook
) -> None:
    """JSON can write it, and no text that is sent can hold it."""
    await hooks.configure(caller, "validating", hook)
    hook.answer = lambda _: {"allowed": False, "status": {"message": "a\ud800b"}}
    error = await refused(caller.create(config_map(caller, "a")))
    assert error.message == 'admission webhook "h.example.com" denied the request: a\ufffdb'
    hook.answer = lambda _: {"allowed": True, "warnings": ["a\ud800b"]}
    resource = caller.resource("cm")
    request: Any = resource.create_request_class()
    request.object.CopyFrom(config_map(caller, "a"))
    reply = await caller.send(f"/{resource.service}/Create", request.SerializeToString())
    assert reply.warnings == ("a\ufffdb",)


@pytest.mark.parametrize(
    ("answer", "logged"),
    [
        ({"allowed": False, "status": {"code": 500, "message": _SECRET}}, ""),
        (
            {"allowed": True, "uid": _SECRET},
            "webhook h.example.com failed: received invalid webhook response: expected response",
        ),
        (
            hooks.patch({"op": "add", "path": "/data", "value": _SECRET}),
            "webhook h.example.com failed: it changed the object amiss",
        ),
    ],
)
async def test_the_words_of_a_webhook_are_not_logged(
    caller: Caller, hook: Hook, answer: Any, logged: str
) -> None:
    """They may be those of a Secret. That it failed is one line, and no fault of the server."""
    await hooks.configure(caller, "mutating", hook, resources="secrets")
    hook.answer = lambda _: answer
    with Logged("protocube.server") as log:
        error = await refused(caller.create(caller.make("secret", "s")))
    assert isinstance(error, errors.Internal)
    assert [line[: len(logged)] for line in log.lines] == ([logged] if logged else [])
    assert not [line for line in log.lines if _SECRET in line]


@pytest.mark.parametrize("url", ["https://127.0.0.1:99999", "grpcs://[ab:1"])
async def test_an_address_that_cannot_be_read_is_a_failure(
    caller: Caller, hook: Hook, url: str
) -> None:
    """It is told as any other, and the failure policy decides."""
    await hooks.configure(caller, "validating", hook, clientConfig={"url": url})
    error = await refused(caller.create(config_map(caller, "a")))
    assert error.message.startswith(
        'failed calling webhook "h.example.com": failed to call webhook'
    )


async def test_a_service_is_no_way_to_a_webhook(caller: Caller, hook: Hook) -> None:
    """That is told when the configuration is written, and whenever it would be called."""
    service = {"service": {"namespace": "x", "name": "y"}}
    await hooks.configure(caller, "validating", hook, clientConfig=service)
    error = await refused(caller.create(config_map(caller, "a")))
    assert "a Service is not reached from here" in error.message


async def test_conditions_of_webhooks_are_checked_and_asked(caller: Caller, hook: Hook) -> None:
    """One that is false keeps the webhook from being asked."""
    wrong = [{"name": "c", "expression": "object.nope"}]
    error = await refused(hooks.configure(caller, "validating", hook, matchConditions=wrong))
    assert error.violations[0].field == "webhooks[0].matchConditions[0].expression"
    right = [{"name": "c", "expression": "object.metadata.name == 'a'"}]
    await hooks.configure(caller, "validating", hook, matchConditions=right)
    for name in "ab":
        await caller.create(config_map(caller, name))
    assert [each["name"] for each in hook.asked] == ["a"]


class _OverGrpc(webhook_pb2_grpc.WebhookServicer):
    """A webhook that implements the service of ``protocube.admission.v1``."""

    def __init__(self) -> None:
        self.asked: list[webhook_pb2.ReviewRequest] = []
        self.response = webhook_pb2.ReviewResponse(allowed=True)
        self.label = ""

    async def Review(  # noqa: N802  # gRPC's name
        self, request: webhook_pb2.ReviewRequest, _: Any
    ) -> webhook_pb2.ReviewResponse:
        """Answer as the test says."""
        self.asked.append(request)
        response = webhook_pb2.ReviewResponse()
        response.CopyFrom(self.response)
        response.uid = response.uid or request.uid
        if self.label:
            found = config_map_pb2.ConfigMap()
            assert request.object.Unpack(found)
            found.metadata.labels["by"] = self.label
            response.object.Pack(found)
        return response


@pytest.fixture
async def over_grpc() -> AsyncGenerator[tuple[_OverGrpc, str], None]:
    """Provide a webhook over gRPC, and its URL."""
    server = grpc.aio.server()
    found = _OverGrpc()
    webhook_pb2_grpc.add_WebhookServicer_to_server(found, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    yield found, f"grpc://127.0.0.1:{port}"
    await server.stop(None)


async def test_a_webhook_can_speak_grpc(
    caller: Caller, hook: Hook, over_grpc: tuple[_OverGrpc, str]
) -> None:
    """It gets the object as a message of its kind, and may give another one back."""
    webhook, url = over_grpc
    await hooks.configure(caller, "mutating", hook, clientConfig={"url": url})
    webhook.label = "grpc"
    made = await caller.create(config_map(caller, "a", k="v"))
    assert made.metadata.labels["by"] == "grpc"
    (asked,) = webhook.asked
    assert (asked.operation, asked.kind, asked.name) == (
        webhook_pb2.OPERATION_CREATE,
        "ConfigMap",
        "a",
    )
    assert asked.user.name == "system:admin"
    assert not asked.HasField("old_object")
    webhook.label = ""
    webhook.response.json_patch = '[{"op": "add", "path": "/data/x", "value": "y"}]'
    made = await caller.create(config_map(caller, "b", k="v"))
    assert dict(made.data) == {"k": "v", "x": "y"}
    webhook.response.Clear()
    webhook.response.message, webhook.response.reason = "no", "Forbidden"
    error = await refused(caller.create(config_map(caller, "c")))
    assert isinstance(error, errors.Forbidden)
    assert error.message == 'admission webhook "h.example.com" denied the request: no'
    webhook.response.uid = "other"
    error = await refused(caller.create(config_map(caller, "c")))
    assert "expected uid=" in error.message


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("grpc://example.com:1", "without TLS only a program on the server's machine is asked"),
        ("grpcs://example.com", "desired format: grpcs://host:port"),
        ("http://example.com", "'https' is the only allowed URL scheme"),
    ],
)
async def test_an_address_that_is_none_is_refused(
    caller: Caller, hook: Hook, url: str, said: str
) -> None:
    """Plaintext is for this machine alone."""
    error = await refused(hooks.configure(caller, "mutating", hook, clientConfig={"url": url}))
    assert said in error.message
