"""Messages as expressions know them."""

from __future__ import annotations

import pytest

from protocube.apps.v1.deployment_pb2 import Deployment
from protocube.catalog import Catalog
from protocube_server.cel import escaping
from protocube_server.cel.engine import Environment
from protocube_server.cel.faults import CompileError
from protocube_server.cel.shadows import Shadows

_DEPLOYMENT = "protocube.apps.v1.Deployment"


@pytest.fixture(scope="module")
def shadows() -> Shadows:
    """Return those of all shipped kinds."""
    return Shadows(Catalog.shipped(comments=False).files)


def test_has_the_names_of_manifests(shadows: Shadows) -> None:
    """Fields have their JSON names, their presence and their types."""
    environment = Environment(shadows.pool, {"object": _DEPLOYMENT})
    message = Deployment()
    message.metadata.namespace = "dev"
    message.metadata.labels["a"] = "b"
    message.spec.replicas = 6
    message.spec.template.spec.containers.add(name="c", image="nginx").ports.add(container_port=80)
    bound = environment.bind({"object": shadows.of(message)})
    for expression in (
        "object.metadata.namespace == 'dev'",
        "object.spec.replicas == 6 && !has(object.spec.minReadySeconds)",
        "object.spec.template.spec.containers.all(c, c.ports[0].containerPort == 80)",
        "object.metadata.labels['a'] == 'b' && !('c' in object.metadata.labels)",
        "object.spec.?paused.orValue(false) == false",
        "!has(object.status.conditions)",
    ):
        assert environment.compile(expression)(bound) is True, expression


def test_refuses_a_field_that_there_is_not(shadows: Shadows) -> None:
    """A misspelt field is found when the expression is compiled, with its place."""
    environment = Environment(shadows.pool, {"object": _DEPLOYMENT})
    with pytest.raises(CompileError) as caught:
        environment.compile("object.spec.replica <= 5")
    assert str(caught.value).splitlines() == [
        f"ERROR: <input>:1:12: undefined field 'replica' not found in struct '{_DEPLOYMENT}Spec'",
        " | object.spec.replica <= 5",
        " | ...........^",
    ]


def test_has_every_message_of_the_shipped_kinds(shadows: Shadows) -> None:
    """No field has a name that cannot stand in a descriptor, and none has another's."""
    for resource in Catalog.shipped(comments=False).resources:
        shadow = shadows.message_class(resource.message).DESCRIPTOR
        assert len(shadow.fields) == len(resource.descriptor.fields), resource.message


@pytest.mark.parametrize(
    ("name", "escaped"),
    {
        "foo": "foo",
        "foo-bar": "foo__dash__bar",
        "a.b/c": "a__dot__b__slash__c",
        "a__b": "a__underscores__b",
        "namespace": "__namespace__",
        "in": "__in__",
        "$ref": None,
        "1a": None,
        "": None,
    }.items(),
)
def test_escapes_names_as_kubernetes_does(name: str, escaped: str | None) -> None:
    """What CEL cannot name, or keeps for itself, is escaped."""
    assert escaping.escaped(name) == escaped
