"""Policies for subresources: what they are asked about, and what is told of the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors
from tests.admission import hooks
from tests.admission.admitted import binding, policy, refused, rules
from tests.tls.authority import Authority

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server.caller import Caller

_TOKENS = (
    "serviceaccounts/token: nothing is asked about tokens: the right to create them is given by "
    "roles"
)
_EVICTIONS = "pods/eviction: nothing is asked about evictions, but about the DELETE of the object"
_BINDINGS = "pods/binding: a binding is an UPDATE of the object here, and no CREATE"


@pytest.mark.parametrize(
    ("plural", "operations", "warnings"),
    [
        ("pods/eviction", "CREATE", (_EVICTIONS,)),
        ("pods/binding", "CREATE", (_BINDINGS,)),
        ("pods/binding", "UPDATE", ()),
        ("serviceaccounts/token", "*", (_TOKENS,)),
        ("pods/status", "UPDATE", ()),
    ],
)
async def test_who_writes_a_policy_is_told_that_it_is_never_asked(
    caller: Caller, plural: str, operations: str, warnings: tuple[str, ...]
) -> None:
    """Otherwise it would look as if it guarded what it does not."""
    spec = {
        "matchConstraints": rules(plural, operations),
        "validations": [{"expression": "true"}],
    }
    made = caller.make("validatingadmissionpolicy", "p", spec=spec)
    assert (await caller.written("Create", made)).warnings == warnings


async def test_who_writes_a_webhook_is_told_that_it_is_never_asked(
    caller: Caller, tmp_path: Path
) -> None:
    """As of a policy, also where the webhook has no conditions."""
    with hooks.hook(Authority(tmp_path)) as hook:
        made = await hooks.configure(
            caller, "validating", hook, resources="pods/eviction", failurePolicy="Ignore"
        )
        made.webhooks[0].failure_policy = "Fail"
        assert (await caller.written("Update", made)).warnings == (_EVICTIONS,)


async def test_a_binding_is_an_update_of_the_object(caller: Caller) -> None:
    """A policy for that refuses it."""
    await policy(caller, "p", "false", matchConstraints=rules("pods/binding", "UPDATE"))
    await binding(caller, "p")
    container = {"name": "c", "image": "i"}
    await caller.create(caller.make("pod", "a", spec={"containers": [container]}))
    pods = caller.resource("pod")
    request: Any = pods.request_class("Bind")()
    request.object.metadata.name, request.object.target.name = "a", "n"
    request.object.target.kind = "Node"
    error = await refused(caller.send(f"/{pods.service}/Bind", request.SerializeToString()))
    assert isinstance(error, errors.Invalid)
    assert "ValidatingAdmissionPolicy 'p' with binding 'p-b' denied request" in error.message
