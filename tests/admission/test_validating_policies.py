"""ValidatingAdmissionPolicies over the wire: what they refuse, and what they say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors
from protocube.autoscaling.v1 import scale_pb2
from protocube.core.v1.config_map_service_pb2 import CreateConfigMapRequest
from protocube.meta.v1 import requests_pb2
from tests.admission.admitted import (
    binding,
    config_map,
    deployment,
    policy,
    refused,
    rules,
    stated,
)
from tests.authorization.ruled import bind, role, rule, ruled

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server.caller import Caller

DEPLOYMENTS = "apps/v1/deployments"
MISSPELT = """compilation failed: ERROR: <input>:1:12: undefined field 'replica' not found in \
struct 'protocube.apps.v1.DeploymentSpec'
 | object.spec.replica <= 5
 | ...........^"""


def denied(name: str, what: str, said: str, bound: str = "") -> str:
    """Return Kubernetes' refusal by a policy."""
    return (
        f"{what} is forbidden: ValidatingAdmissionPolicy '{name}' with binding "
        f"'{bound or name + '-b'}' denied request: {said}"
    )


async def test_a_rule_that_does_not_hold_refuses_a_write(caller: Caller) -> None:
    """It is in force when it is answered, for creates and updates, and not for the status."""
    spec = {"matchConstraints": rules(DEPLOYMENTS)}
    await policy(caller, "p", "object.spec.replicas <= 5", **spec)
    await binding(caller, "p")
    error = await refused(caller.create(deployment(caller, "web", 6)))
    text = denied("p", 'deployments.apps "web"', "failed expression: object.spec.replicas <= 5")
    assert isinstance(error, errors.Invalid)
    assert (error.message, error.resource, error.name) == (text, "deployments.apps", "web")
    assert [(item.field, item.message) for item in error.violations] == [
        ("", text.partition(": ")[2])
    ]
    made = await caller.create(deployment(caller, "web", 5))
    made.spec.replicas = 7
    assert (await refused(caller.update(made))).message == text
    patched = caller.patch("deploy", "web", merge_patch={"spec": {"replicas": 8}})
    assert (await refused(patched)).message == text
    made.spec.replicas = 5
    made.status.replicas = 9
    await caller.write("UpdateStatus", made)


@pytest.mark.parametrize(
    ("expression", "place", "said"),
    [
        (
            "object.spec.replica <= 5",
            "spec.validations[0].expression",
            MISSPELT,
        ),
        ("object.spec.replicas <", "spec.validations[0].expression", "Syntax error"),
        (
            "object.metadata.name",
            "spec.validations[0].expression",
            "must evaluate to bool but got string",
        ),
        ("variables.y", "spec.validations[0].expression", "undeclared reference to 'variables.y'"),
    ],
)
async def test_a_wrong_expression_is_refused_when_the_policy_is_written(
    caller: Caller, expression: str, place: str, said: str
) -> None:
    """With the place in it: Kubernetes takes a misspelt field, and fails at every write."""
    spec = {"matchConstraints": rules(DEPLOYMENTS)}
    error = await refused(policy(caller, "p", expression, **spec))
    assert isinstance(error, errors.Invalid)
    (fault,) = error.violations
    assert fault.field == place
    assert fault.message.startswith(f"Invalid value: {errors.quote(expression)}: ")
    assert said in fault.message


async def test_every_expression_of_a_policy_is_checked(caller: Caller) -> None:
    """Each has its own place, and all faults are told at once."""
    error = await refused(
        policy(
            caller,
            "p",
            {"expression": "1", "messageExpression": "1"},
            variables=[{"name": "v", "expression": "object.nope"}],
            matchConditions=[{"name": "m", "expression": "variables.v"}],
            auditAnnotations=[{"key": "k", "valueExpression": "1"}],
        )
    )
    assert [item.field for item in error.violations] == [
        "spec.matchConditions[0].expression",
        "spec.variables[0].expression",
        "spec.validations[0].expression",
        "spec.validations[0].messageExpression",
        "spec.auditAnnotations[0].valueExpression",
    ]


async def test_a_policy_for_several_kinds_may_speak_of_one(caller: Caller) -> None:
    """What fits no kind is refused; what fits some is told, and meets the others as in JSON."""
    many = {"matchConstraints": rules("apps/v1/deployments,daemonsets")}
    await refused(policy(caller, "q", "has(object.spec.nope)", **many))
    await policy(caller, "p", "!has(object.spec.replicas) || object.spec.replicas < 3", **many)
    await binding(caller, "p")
    assert isinstance(await refused(caller.create(deployment(caller, "d", 3))), errors.Invalid)
    message = deployment(caller, "d", 3)
    daemons = caller.make("ds", "d")
    daemons.spec.selector.CopyFrom(message.spec.selector)
    daemons.spec.template.CopyFrom(message.spec.template)
    await caller.create(daemons)


async def test_a_policy_for_all_kinds(caller: Caller) -> None:
    """A star stands for kinds of any type; but for the policies, which can be repaired."""
    everything = rules("*", "*", rule={"apiGroups": ["*"], "apiVersions": ["*"]})
    await policy(caller, "p", "false", matchConstraints=everything)
    await binding(caller, "p")
    await refused(caller.create(config_map(caller, "a")))
    await refused(caller.create(caller.make("ns", "x")))
    await caller.delete("validatingadmissionpolicybinding", "p-b")
    made = await caller.create(config_map(caller, "a"))
    await binding(caller, "p")
    await refused(caller.delete("cm", "a"))
    await refused(caller.delete_collection("cm", namespace="default"))
    await refused(caller.update(made))
    await caller.delete("validatingadmissionpolicy", "p")
    await caller.delete("cm", "a")


async def test_a_policy_can_warn(caller: Caller) -> None:
    """The write happens, and the caller is told why it should not."""
    await policy(caller, "p", {"expression": "has(object.data)", "message": "no data"})
    await binding(caller, "p", "Warn,Audit")
    request = CreateConfigMapRequest()
    request.object.metadata.name = "a"
    reply = await caller.send("/protocube.core.v1.ConfigMaps/Create", request.SerializeToString())
    assert reply.warnings == (
        "Validation failed for ValidatingAdmissionPolicy 'p' with binding 'p-b': no data",
    )
    assert (await caller.get("cm", "a")).metadata.name == "a"


@pytest.mark.parametrize(
    ("validation", "said", "error_type"),
    [
        ({"messageExpression": "'no ' + object.metadata.name"}, "no a", errors.Invalid),
        ({"messageExpression": "'\\n'", "message": " plain "}, "plain", errors.Invalid),
        ({"messageExpression": "object.data.zz", "message": "plain"}, "plain", errors.Invalid),
        ({"messageExpression": "object.data.zz"}, "failed expression: false", errors.Invalid),
        ({"reason": "Forbidden"}, "failed expression: false", errors.Forbidden),
        ({"reason": "RequestEntityTooLarge"}, "failed expression: false", errors.TooLarge),
    ],
)
async def test_what_a_refusal_says(
    caller: Caller, validation: dict[str, Any], said: str, error_type: type[errors.ApiError]
) -> None:
    """Its own expression comes first, then the message, then the rule; the reason is its code."""
    await policy(caller, "p", {"expression": " false ", **validation})
    await binding(caller, "p")
    error = await refused(caller.create(config_map(caller, "a")))
    assert type(error) is error_type
    assert error.message == denied("p", 'configmaps "a"', said)


async def test_what_a_policy_knows_of_a_write(caller: Caller) -> None:
    """The objects, the request, the namespace, the caller's rights, and its own variables."""
    await caller.create(caller.make("ns", "dev", metadata={"labels": {"env": "dev"}}))
    facts = [
        "request.operation == 'CREATE' && request.kind.kind == 'ConfigMap'",
        "request.resource.resource == 'configmaps' && request.namespace == 'dev'",
        "request.userInfo.username == 'system:admin' && !request.dryRun",
        "'system:masters' in request.userInfo.groups && request.name == 'a'",
        "namespaceObject.metadata.labels.env == 'dev' && oldObject == null",
        "authorizer.group('').resource('pods').namespace('dev').check('create').allowed()",
        "authorizer.requestResource.check('delete').allowed()",
        "authorizer.path('/healthz').check('get').allowed()",
        "variables.size == 2 && 'l' in variables.both && variables.unused != 1",
        "params == null",
    ]
    variables = [
        {"name": "broken", "expression": "object.data['zz'] == 'x'"},
        {"name": "size", "expression": "size(object.data)"},
        {"name": "both", "expression": "object.data.map(k, k)"},
        {"name": "unused", "expression": "variables.size + 1"},
    ]
    kind = {"apiVersion": "v1", "kind": "ConfigMap"}
    await policy(caller, "p", *facts, variables=variables, paramKind=kind)
    await binding(caller, "p")
    await caller.create(config_map(caller, "a", namespace="dev", k="1", l="2"))


async def test_an_expression_without_a_value_refuses_as_the_policy_says(caller: Caller) -> None:
    """``Fail`` refuses with the reason, ``Ignore`` lets the write through."""
    rule = "variables.broken || object.data.zz == 'x'"
    variables = [{"name": "broken", "expression": "object.data['zz'] == 'x'"}]
    await policy(caller, "p", rule, variables=variables)
    await binding(caller, "p")
    error = await refused(caller.create(config_map(caller, "a", k="1")))
    said = f"expression '{rule}' resulted in error: "
    assert error.message.startswith(denied("p", 'configmaps "a"', said))
    assert "no such key: zz" in error.message
    ignoring = await stated(caller, "p")
    ignoring.spec.failure_policy = "Ignore"
    await caller.update(ignoring)
    await caller.create(config_map(caller, "a", k="1"))


async def test_a_loop_that_runs_away_is_refused(caller: Caller) -> None:
    """By the failure policy, with the name of the policy and the reason."""
    loop = "object.data.all(a, object.data.all(b, object.data.all(c, a + b + c != '')))"
    await policy(caller, "p", loop)
    await binding(caller, "p")
    data = {f"k{index}": "" for index in range(100)}
    error = await refused(caller.create(config_map(caller, "a", **data)))
    assert error.message == denied(
        "p",
        'configmaps "a"',
        f"expression '{loop}' resulted in error: Iteration budget exceeded",
    )


async def test_conditions_say_whether_a_policy_is_asked(caller: Caller) -> None:
    """One that is false skips it, also beside one without a value, which else refuses."""
    conditions = [
        {"name": "one", "expression": "object.data['zz'] == 'x'"},
        {"name": "two", "expression": "object.metadata.name != 'b'"},
    ]
    await policy(caller, "p", "false", matchConditions=conditions)
    await binding(caller, "p")
    await caller.create(config_map(caller, "b"))
    error = await refused(caller.create(config_map(caller, "a")))
    said = "expression 'object.data['zz'] == 'x'' resulted in error: no such key: zz"
    assert error.message == denied("p", 'configmaps "a"', said)


async def test_a_policy_is_for_what_its_selectors_and_names_say(caller: Caller) -> None:
    """Labels of the object and of its namespace, names of objects, and exceptions."""
    await caller.create(caller.make("ns", "dev", metadata={"labels": {"env": "dev"}}))
    match = rules(
        "configmaps",
        namespaceSelector={"matchLabels": {"env": "dev"}},
        objectSelector={"matchExpressions": [{"key": "l", "operator": "DoesNotExist"}]},
        excludeResourceRules=rules("*", "*", rule={"resourceNames": ["out"]})["resourceRules"],
    )
    await policy(caller, "p", "false", matchConstraints=match)
    await binding(
        caller, "p", matchResources=rules("configmaps", rule={"resourceNames": ["a", "out"]})
    )
    await refused(caller.create(config_map(caller, "a", namespace="dev")))
    await caller.create(config_map(caller, "a"))
    await caller.create(config_map(caller, "b", namespace="dev"))
    await caller.create(config_map(caller, "out", namespace="dev"))
    labelled = config_map(caller, "a", namespace="dev")
    labelled.metadata.labels["l"] = "x"
    await caller.create(labelled)


async def test_parameters_are_objects_of_any_kind(caller: Caller) -> None:
    """By name or by labels, one after the other; what is missing refuses when it is to."""
    kind = {"apiVersion": "v1", "kind": "ConfigMap"}
    match = rules(DEPLOYMENTS)
    rule = "object.spec.replicas <= int(params.data.most)"
    await policy(caller, "p", rule, matchConstraints=match, paramKind=kind)
    ref: dict[str, Any] = {
        "name": "limit",
        "namespace": "default",
        "parameterNotFoundAction": "Deny",
    }
    await binding(caller, "p", paramRef=ref)
    error = await refused(caller.create(deployment(caller, "web", 1)))
    assert error.message == denied(
        "p",
        'deployments.apps "web"',
        "failed to configure binding: no params found for policy binding with `Deny` "
        "parameterNotFoundAction",
    )
    await caller.create(config_map(caller, "limit", most="3"))
    await caller.create(deployment(caller, "web", 3))
    await refused(caller.create(deployment(caller, "more", 4)))
    await caller.delete("validatingadmissionpolicybinding", "p-b")
    chosen = {"matchLabels": {"limit": "yes"}}
    by_labels = {"selector": chosen, "parameterNotFoundAction": "Allow"}
    await binding(caller, "p", paramRef=by_labels)
    await caller.create(deployment(caller, "more", 9))
    for name, most in (("one", "5"), ("two", "4")):
        limit = config_map(caller, name, most=most)
        limit.metadata.labels["limit"] = "yes"
        await caller.create(limit)
    await caller.create(deployment(caller, "four", 4))
    await refused(caller.create(deployment(caller, "five", 5)))


async def test_a_policy_for_scales_sees_the_scale(caller: Caller) -> None:
    """By whatever method it is written, and not when the object itself is."""
    match = rules("apps/v1/deployments/scale")
    await policy(caller, "p", "object.spec.replicas <= 5", matchConstraints=match)
    await binding(caller, "p")
    await caller.create(deployment(caller, "web", 6))
    request: Any = caller.resource("deploy").request_class("UpdateScale")()
    wanted = scale_pb2.Scale(api_version="autoscaling/v1", kind="Scale")
    wanted.metadata.name, wanted.metadata.namespace = "web", "default"
    wanted.spec.replicas = 7
    request.object.MergeFromString(wanted.SerializeToString())
    said = "failed expression: object.spec.replicas <= 5"
    error = await refused(caller.scale("UpdateScale", "deploy", request))
    assert error.message == denied("p", 'deployments.apps "web"', said)
    request.object.spec.replicas = 4
    assert (await caller.scale("UpdateScale", "deploy", request)).spec.replicas == 4


async def test_a_policy_for_one_version_sees_writes_in_all(caller: Caller) -> None:
    """As an object of its version, unless its rules are to be taken by their letter."""
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    match = rules("autoscaling/v2/horizontalpodautoscalers")
    spec = {"scaleTargetRef": target, "maxReplicas": 9, "targetCPUUtilizationPercentage": 50}
    await policy(caller, "p", "object.spec.metrics.size() == 0", matchConstraints=match)
    await binding(caller, "p")
    old = caller.make("horizontalpodautoscalers.v1.autoscaling", "web", spec=spec)
    said = "failed expression: object.spec.metrics.size() == 0"
    text = denied("p", 'horizontalpodautoscalers.autoscaling "web"', said)
    assert (await refused(caller.create(old))).message == text
    exact = await stated(caller, "p")
    exact.spec.match_constraints.match_policy = "Exact"
    await caller.update(exact)
    # That of the binding is as before; a write must fit both.
    await caller.create(old)


async def test_a_dry_run_meets_policies_too(caller: Caller) -> None:
    """They are told that it is one."""
    await policy(caller, "p", "request.dryRun")
    await binding(caller, "p")
    await caller.create(config_map(caller, "a"), dry_run=True)
    await refused(caller.create(config_map(caller, "a")))
    await refused(caller.apply(config_map(caller, "a")))
    assert (await caller.list("cm", namespace="default")).items == []
    assert requests_pb2.DeleteRequest.DESCRIPTOR.fields_by_name["dry_run"]


async def test_too_much_of_a_policy_is_refused(caller: Caller) -> None:
    """Expressions are bounded in length, in depth and in number."""
    error = await refused(policy(caller, "p", f"'{'x' * 10_000}' == ''"))
    assert "more than 10000 characters" in error.message
    error = await refused(policy(caller, "p", f"size({'[' * 60}{']' * 60}) == 0"))
    assert "recursion" in error.message
    error = await refused(policy(caller, "p", *["true"] * 257))
    assert error.violations[0].message == "Too many: 257: must have at most 256 items"


async def test_parameters_must_be_readable_by_who_writes_a_policy(tmp_path: Path) -> None:
    """A policy could tell else what its writer may not see."""
    kind = {"apiVersion": "v1", "kind": "Secret"}
    async with ruled(tmp_path) as server:
        admin, alice = await server.caller("admin"), await server.caller("alice")
        plurals = "validatingadmissionpolicies,validatingadmissionpolicybindings"
        group = "admissionregistration.k8s.io"
        await role(admin, "policies", rule("*", plurals, group=group))
        await bind(admin, "alice", "ClusterRole", "policies")
        text = 'must have "get" permission on all objects of the referenced paramKind'
        error = await refused(policy(alice, "p", "true", paramKind=kind))
        assert text in error.violations[0].message
        await policy(admin, "p", "true", paramKind=kind)
        ref = {"name": "s", "namespace": "default", "parameterNotFoundAction": "Allow"}
        error = await refused(binding(alice, "p", paramRef=ref))
        assert error.violations[0].field == "spec.paramRef"
        await role(admin, "secret", rule("get", "secrets", "s"), namespace="default")
        await bind(admin, "alice", "Role", "secret", namespace="default")
        await binding(alice, "p", paramRef=ref)
