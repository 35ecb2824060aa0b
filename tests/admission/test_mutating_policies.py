"""MutatingAdmissionPolicies over the wire: what becomes of objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors
from tests.admission.admitted import config_map, deployment, refused, rules

if TYPE_CHECKING:
    from tests.server.caller import Caller

DEPLOYMENTS = "apps/v1/deployments"
PODS = "pods"


async def policy(caller: Caller, name: str, *expressions: str, **spec: Any) -> None:
    """Make a policy and put it into effect; an expression of a list is a JSON patch."""
    mutations = [
        {"patchType": "JSONPatch", "jsonPatch": {"expression": each}}
        if each.lstrip().startswith("[")
        else {"patchType": "ApplyConfiguration", "applyConfiguration": {"expression": each}}
        for each in expressions
    ]
    spec.setdefault("matchConstraints", rules("configmaps"))
    spec = {"reinvocationPolicy": "Never", "mutations": mutations, **spec}
    await caller.create(caller.make("mutatingadmissionpolicy", name, spec=spec))
    bound = {"policyName": name}
    await caller.create(caller.make("mutatingadmissionpolicybinding", f"{name}-b", spec=bound))


async def test_a_configuration_is_laid_over_the_object(caller: Caller) -> None:
    """Lists with keys are joined element by element, and what is made has its defaults."""
    expression = """Object{
      metadata: Object.metadata{labels: {"env": request.namespace}},
      spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{
        containers: [
          Object.spec.template.spec.containers{name: "side", image: "s:1"},
          Object.spec.template.spec.containers{name: "c", workingDir: "/w"}
        ]}}}}"""
    await policy(caller, "p", expression, matchConstraints=rules(DEPLOYMENTS))
    made = await caller.create(deployment(caller, "web", 1))
    assert made.metadata.labels["env"] == "default"
    found = {each.name: each for each in made.spec.template.spec.containers}
    assert (found["side"].image, found["side"].image_pull_policy) == ("s:1", "IfNotPresent")
    assert (found["c"].image, found["c"].working_dir) == ("i", "/w")


async def test_a_patch_says_its_operations(caller: Caller) -> None:
    """Values are any JSON, or parts of the object; a test that does not hold changes nothing."""
    first = """[
      JSONPatch{op: "test", path: "/data/a", value: "1"},
      JSONPatch{op: "add", path: "/metadata/labels", value: {"x": "y"}},
      JSONPatch{op: "add", path: "/metadata/annotations", value: {"k": "l"}},
      JSONPatch{op: "add", path: "/metadata/annotations/" + jsonpatch.escapeKey("a/b"), value: "c"}
    ]"""
    second = '[JSONPatch{op: "add", path: "/data/b", value: object.metadata.labels["x"]}]'
    await policy(caller, "p", first, second)
    made = await caller.create(config_map(caller, "a", a="1"))
    assert dict(made.data) == {"a": "1", "b": "y"}
    assert dict(made.metadata.annotations) == {"k": "l", "a/b": "c"}
    error = await refused(caller.create(config_map(caller, "b", a="2")))
    assert error.message.startswith(
        f"policy 'p' with binding 'p-b' denied request: expression '{second}' resulted in error: "
    )
    assert isinstance(error, errors.Invalid)


async def test_an_object_can_be_a_value_of_a_patch(caller: Caller) -> None:
    """It has the names of manifests."""
    expression = """[JSONPatch{op: "add", path: "/spec/template/spec/containers/-",
      value: Object.spec.template.spec.containers{name: "side", image: "s", stdinOnce: true}}]"""
    await policy(caller, "p", expression, matchConstraints=rules(DEPLOYMENTS))
    made = await caller.create(deployment(caller, "web", 1))
    assert made.spec.template.spec.containers[1].stdin_once


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("Object{spec: Object.spec{replica: 1}}", "undefined field 'replica' not found in struct"),
        ("Object{spec: Object.spce{replicas: 1}}", "undeclared reference to 'Object.spce'"),
        ("object.spec", "must evaluate to Object but got protocube.apps.v1.DeploymentSpec"),
        ("[1]", "must evaluate to list(JSONPatch) but got list(int)"),
        ("Object{", "Syntax error"),
    ],
)
async def test_a_wrong_change_is_refused_when_the_policy_is_written(
    caller: Caller, expression: str, said: str
) -> None:
    """With the place, and the names that its writer used."""
    match = rules(DEPLOYMENTS)
    error = await refused(policy(caller, "p", expression, matchConstraints=match))
    assert isinstance(error, errors.Invalid)
    (fault,) = error.violations
    assert fault.field.startswith("spec.mutations[0].")
    assert said in fault.message


async def test_what_is_replaced_whole_cannot_be_changed_in_part(caller: Caller) -> None:
    """It would lose the rest; the failure policy says what becomes of the write."""
    expression = (
        'Object{spec: Object.spec{selector: Object.spec.selector{matchLabels: {"x": "y"}}}}'
    )
    await policy(caller, "p", expression, matchConstraints=rules(DEPLOYMENTS))
    error = await refused(caller.create(deployment(caller, "web", 1)))
    assert error.message == (
        "policy 'p' with binding 'p-b' denied request: error applying patch: invalid "
        "ApplyConfiguration: may not mutate atomic arrays, maps or structs: .spec.selector"
    )
    lenient = await caller.get("mutatingadmissionpolicy", "p")
    lenient.spec.failure_policy = "Ignore"
    await caller.update(lenient)
    await caller.create(deployment(caller, "web", 1))


async def test_a_policy_is_asked_again_when_another_one_changes_the_object(
    caller: Caller,
) -> None:
    """Once, and only if it asks for that."""
    for name, reinvocation in (("a", "IfNeeded"), ("b", "Never")):
        expression = (
            f'Object{{metadata: Object.metadata{{annotations: {{"{name}": '
            "string(size(object.metadata.labels))}}}"
        )
        await policy(caller, name, expression, reinvocationPolicy=reinvocation)
    await policy(caller, "c", 'Object{metadata: Object.metadata{labels: {"x": "y"}}}')
    made = await caller.create(config_map(caller, "m"))
    assert dict(made.metadata.annotations) == {"a": "1", "b": "0"}


async def test_a_policy_for_all_kinds_changes_each(caller: Caller) -> None:
    """What it makes has the type of the kind that it meets; a policy is none of them."""
    everything = rules(
        "*", "CREATE", rule={"apiGroups": ["*"], "apiVersions": ["*"], "scope": "Namespaced"}
    )
    expression = 'Object{metadata: Object.metadata{labels: {"by": request.operation}}}'
    conditions = [{"name": "c", "expression": "object.metadata.name != 'not'"}]
    await policy(caller, "p", expression, matchConstraints=everything, matchConditions=conditions)
    for message in (config_map(caller, "a"), deployment(caller, "a", 1)):
        assert (await caller.create(message)).metadata.labels["by"] == "CREATE"
    assert not (await caller.create(config_map(caller, "not"))).metadata.labels


async def test_what_a_policy_changes_is_validated_and_belongs_to_nobody(caller: Caller) -> None:
    """A change that makes the object invalid refuses the write."""
    await policy(caller, "p", 'Object{metadata: Object.metadata{labels: {"k": "v"}}}')
    await caller.create(config_map(caller, "a", x="y"), field_manager="one")
    found = await caller.get("cm", "a", include_managed_fields=True)
    assert "f:labels" not in str(found.metadata.managed_fields[0].fields_v1)
    await policy(caller, "q", 'Object{metadata: Object.metadata{labels: {"k": "no label!"}}}')
    error = await refused(caller.create(config_map(caller, "b")))
    assert isinstance(error, errors.Invalid)
    assert error.violations[0].field == "metadata.labels"
