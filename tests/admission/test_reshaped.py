"""What policies and webhooks make of an object: it stays the object that was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors
from protocube.autoscaling.v1 import scale_requests_pb2
from tests.admission import hooks
from tests.admission.admitted import config_map, deployment, refused, rules

if TYPE_CHECKING:
    from tests.admission.hooks import Hook
    from tests.server.caller import Caller

_UID = "11111111-1111-1111-1111-111111111111"
_LONG_AGO = "2020-01-01T00:00:00Z"
_ELSEWHERE = "the namespace of the provided object does not match the namespace sent on the request"
_IS_OTHER = "the name of the object (other) does not match the name on the URL (a)"


def _adding(hook: Hook, path: str, value: Any) -> None:
    """Let a webhook add something to what it is asked about."""
    hook.answer = lambda _: hooks.patch({"op": "add", "path": path, "value": value})


async def _mutating(caller: Caller, plurals: str, expression: str) -> None:
    """Let a policy change what is written with a JSON patch."""
    spec = {
        "matchConstraints": rules(plurals),
        "reinvocationPolicy": "Never",
        "mutations": [{"patchType": "JSONPatch", "jsonPatch": {"expression": expression}}],
    }
    await caller.create(caller.make("mutatingadmissionpolicy", "m", spec=spec))
    bound = caller.make("mutatingadmissionpolicybinding", "m", spec={"policyName": "m"})
    await caller.create(bound)


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("/metadata/name", "other", _IS_OTHER),
        ("/metadata/namespace", "kube-system", _ELSEWHERE),
    ],
)
async def test_a_webhook_makes_no_other_object_of_one(
    caller: Caller, hook: Hook, path: str, value: str, said: str
) -> None:
    """The right to write was asked for that name and namespace, and so was the place."""
    await hooks.configure(caller, "mutating", hook)
    _adding(hook, path, value)
    error = await refused(caller.create(config_map(caller, "a")))
    assert (type(error), error.message) == (errors.BadRequest, said)
    hook.answer = lambda _: {"allowed": True}
    made = await caller.create(config_map(caller, "a"))
    _adding(hook, path, value)
    error = await refused(caller.patch("cm", "a", merge_patch={"data": {"k": "v"}}))
    assert (type(error), error.message) == (errors.BadRequest, said)
    error = await refused(caller.update(made))
    assert (type(error), error.message) == (errors.BadRequest, said)
    assert await caller.get("cm", "a") == made


async def test_a_policy_makes_no_other_object_of_one(caller: Caller) -> None:
    """No more than a webhook does."""
    patch = '[JSONPatch{op: "add", path: "/metadata/namespace", value: "kube-system"}]'
    await _mutating(caller, "configmaps", patch)
    error = await refused(caller.create(config_map(caller, "a")))
    assert (type(error), error.message) == (errors.BadRequest, _ELSEWHERE)
    found = await caller.list("cm", field_selector="metadata.name=a")
    assert not found.items


@pytest.mark.parametrize(
    ("path", "value", "refusal"),
    [
        ("/metadata/uid", _UID, "metadata.uid"),
        ("/metadata/deletionTimestamp", _LONG_AGO, "metadata.deletionTimestamp"),
        ("/metadata/creationTimestamp", _LONG_AGO, ""),
        ("/metadata/resourceVersion", "7", ""),
        ("/metadata/generation", 9, ""),
    ],
)
async def test_what_the_server_says_of_an_object_is_not_changed_by_a_webhook(
    caller: Caller, hook: Hook, path: str, value: Any, refusal: str
) -> None:
    """A new object has what the server gave it; a stored one keeps that."""
    await hooks.configure(caller, "mutating", hook)
    _adding(hook, path, value)
    made = await caller.create(config_map(caller, "a"))
    found = made.metadata
    assert found.uid not in ("", _UID)
    assert not found.HasField("deletion_timestamp")
    assert found.creation_timestamp.ToJsonString() != _LONG_AGO
    assert not found.generation
    change = caller.patch("cm", "a", merge_patch={"data": {"k": "v"}})
    if refusal:
        error = await refused(change)
        assert isinstance(error, errors.Invalid)
        assert f"{refusal}: Invalid value" in error.message
        return
    kept = (await change).metadata
    assert (kept.uid, kept.generation) == (found.uid, 0)
    assert kept.creation_timestamp == found.creation_timestamp


async def test_a_webhook_changes_the_part_that_is_written(caller: Caller, hook: Hook) -> None:
    """The status stays what it is when the object is written, and the object when the status is."""
    new = deployment(caller, "w", 1)
    resources = "apps/v1/deployments,deployments/status"
    await hooks.configure(caller, "mutating", hook, resources=resources)
    _adding(hook, "/status", {"replicas": 7})
    made = await caller.create(new)
    assert made.status.replicas == 0
    made.metadata.labels["a"] = "b"
    made = await caller.update(made)
    assert made.status.replicas == 0
    _adding(hook, "/spec/replicas", 9)
    made.status.observed_generation = 1
    made = await caller.write("UpdateStatus", made)
    assert (made.spec.replicas, made.metadata.generation) == (1, 1)
    assert made.status.observed_generation == 1


async def test_a_webhook_adds_no_finalizers_to_what_is_deleted(caller: Caller, hook: Hook) -> None:
    """Nobody does: they might never go."""
    metadata = {"finalizers": ["example.com/a"]}
    await caller.create(caller.make("cm", "a", metadata=metadata))
    await caller.delete("cm", "a")
    await hooks.configure(caller, "mutating", hook)
    _adding(hook, "/metadata/finalizers/-", "example.com/b")
    error = await refused(caller.patch("cm", "a", merge_patch={"data": {"k": "v"}}))
    assert isinstance(error, errors.Invalid)
    assert "no new finalizers can be added" in error.message


async def test_who_asks_for_a_certificate_is_not_changed_by_a_webhook(
    caller: Caller, hook: Hook
) -> None:
    """Whoever signs one relies on it."""
    resources = "certificates.k8s.io/v1/certificatesigningrequests"
    await hooks.configure(caller, "mutating", hook, resources=resources)
    _adding(hook, "/spec/username", "somebody")
    spec = {
        "request": "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0K",
        "signerName": "example.com/signer",
        "usages": ["client auth"],
    }
    made = await caller.create(caller.make("csr", "a", spec=spec))
    assert made.spec.username == "system:admin"


@pytest.mark.parametrize("by_policy", [False, True])
async def test_a_scale_can_be_changed(caller: Caller, hook: Hook, *, by_policy: bool) -> None:
    """Its number of replicas is the object's."""
    await caller.create(deployment(caller, "w", 1))
    if by_policy:
        patch = '[JSONPatch{op: "replace", path: "/spec/replicas", value: 7}]'
        await _mutating(caller, "apps/v1/deployments/scale", patch)
    else:
        resources = "apps/v1/deployments/scale"
        await hooks.configure(caller, "mutating", hook, resources=resources)
        _adding(hook, "/spec/replicas", 7)
    request = scale_requests_pb2.PatchScaleRequest(name="w", merge_patch='{"spec":{"replicas":3}}')
    found = await caller.scale("PatchScale", "deploy", request)
    assert found.spec.replicas == 7
    assert (await caller.get("deploy", "w")).spec.replicas == 7
