"""What the status of a validating policy says of its expressions, and what bounds variables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.admission.admitted import (
    binding,
    config_map,
    policy,
    refused,
    rules,
    stated,
)

if TYPE_CHECKING:
    from tests.server.caller import Caller


async def test_says_that_types_were_checked(caller: Caller) -> None:
    """A policy that fits all its kinds has nothing to be warned of, at its newest generation."""
    await policy(caller, "p", "object.data.size() < 5")
    found = await stated(caller, "p")
    assert found.status.observed_generation == 1
    assert found.status.HasField("type_checking")
    assert not found.status.type_checking.expression_warnings
    found.spec.failure_policy = "Ignore"
    await caller.update(found)
    assert (await stated(caller, "p")).status.observed_generation == 2


async def test_warns_of_the_kinds_that_an_expression_does_not_fit(caller: Caller) -> None:
    """Each expression is warned of by its place, with all kinds and where the mistake is."""
    both = rules("apps/v1/deployments,daemonsets")
    await policy(
        caller,
        "p",
        {
            "expression": "object.spec.replicas > 1",
            "messageExpression": "'only ' + string(object.spec.replicas)",
        },
        "object.metadata.name != 'x'",
        matchConstraints=both,
    )
    found = (await stated(caller, "p")).status.type_checking.expression_warnings
    assert [each.field_ref for each in found] == [
        "spec.validations[0].expression",
        "spec.validations[0].messageExpression",
    ]
    warning = found[0].warning
    said = "compilation failed: ERROR: <input>:1:12: undefined field 'replicas'"
    assert warning.startswith(f"apps/v1, Kind=DaemonSet: {said}")
    assert " | object.spec.replicas > 1\n | ...........^" in warning


async def test_writes_the_status_anew(caller: Caller) -> None:
    """A status that is of no generation, as policies of an older release have it, is written."""
    await policy(caller, "p", "true")
    found = await stated(caller, "p")
    found.ClearField("status")
    await caller.write("UpdateStatus", found)
    assert (await stated(caller, "p")).status.observed_generation == 1


async def test_bounds_what_variables_make_of_each_other(caller: Caller) -> None:
    """A variable that doubles another one, again and again, has no value."""
    variables: list[dict[str, Any]] = [{"name": "v0", "expression": "object.data.k"}]
    variables += [
        {"name": f"v{at}", "expression": f"variables.v{at - 1} + variables.v{at - 1}"}
        for at in range(1, 30)
    ]
    await policy(caller, "p", "variables.v29 != ''", variables=variables)
    await binding(caller, "p")
    error = await refused(caller.create(config_map(caller, "a", k="k" * 1000)))
    assert "Iteration budget exceeded" in error.message
