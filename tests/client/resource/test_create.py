"""``create -f`` through the whole chain: what is created, in which order, and what is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from protocube import errors
from protocube_client.connection.unreachable import ConnectionRefused
from protocube_client.resource.validation import Validation
from tests.client.resource.recording import RecordingCaller
from tests.client.resource.walking import BAD_REQUEST, config_map, create, item, listed, write

pytestmark = pytest.mark.usefixtures("here")


REPOSITORY = Path(__file__).parents[3]


WIDGET = "apiVersion: example.com/v1\nkind: Widget\nmetadata:\n  name: w\n"
NOT_FOUND = (
    'resource mapping not found for name: "w" namespace: "" from "mix.yaml": '
    'no matches for kind "Widget" in version "example.com/v1"'
)
ADVICE = "; if you choose to ignore these errors, turn validation off with --validate=false"


async def test_documents_are_created_in_order() -> None:
    """Each is sent to the typed method of its kind, in the default namespace."""
    caller = RecordingCaller()
    secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: m2}\nstringData: {a: b}\n"
    walk = await create(write("multi.yaml", config_map("m1"), secret), caller=caller)
    assert walk.out == ["configmap/m1 created", "secret/m2 created"]
    assert walk.err == []
    assert caller.methods == [
        "/protocube.core.v1.ConfigMaps/Create",
        "/protocube.core.v1.Secrets/Create",
    ]
    assert caller.requests[0].object.metadata.namespace == "default"
    assert walk.infos[0].resource_version == "1"
    answered: Any = walk.infos[1].object
    assert answered.metadata.resource_version == "2"


async def test_the_seed_manifest_arrives_whole() -> None:
    """Its affinity is in the request as it is in the file."""
    caller = RecordingCaller()
    await create(REPOSITORY / "examples" / "pod-with-node-affinity.yaml", caller=caller)
    (request,) = caller.requests
    affinity = request.object.spec.affinity.node_affinity
    preferred = affinity.preferred_during_scheduling_ignored_during_execution
    assert [term.weight for term in preferred] == [1]
    required = affinity.required_during_scheduling_ignored_during_execution
    (expression,) = required.node_selector_terms[0].match_expressions
    assert list(expression.values) == ["e2e-az1", "e2e-az2"]


async def test_an_old_version_is_told_what_replaced_it() -> None:
    """A kind that lives on under another version has a line of its own; no CRD would help."""
    write("old.yaml", "apiVersion: extensions/v1beta1\nkind: Deployment\nmetadata: {name: w}\n")
    walk = await create("old.yaml")
    assert walk.err[0].endswith('no matches for kind "Deployment" in version "extensions/v1beta1"')
    assert walk.err[1:] == ["Deployment is served as apps/v1"]


async def test_a_kind_that_was_never_in_a_group_did_not_move() -> None:
    """Another group's kind of the same name, and a group the kind was never in.

    Only where a definition could make the kind is one advised: it cannot in groups without a dot.
    """
    advice = ["ensure CRDs are installed first"]
    for version, kind, told in (
        ("serving.knative.dev/v1", "Service", advice),
        ("extensions/v1beta1", "ConfigMap", []),
        ("apps/v1", "ConfigMap", []),
        ("v1", "Widget", []),
    ):
        write("x.yaml", f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: w}}\n")
        walk = await create("x.yaml")
        assert walk.err[1:] == told, f"{kind} of {version}"


async def test_a_version_that_is_gone_is_told_which_one_is_served() -> None:
    """The group is the kind's own."""
    write("x.yaml", "apiVersion: apps/v1beta2\nkind: Deployment\nmetadata: {name: w}\n")
    walk = await create("x.yaml")
    assert walk.err[1:] == ["Deployment is served as apps/v1"]


async def test_errors_do_not_end_the_walk_and_are_printed_in_kubectls_order() -> None:
    """What the server refused comes first, in order; unknown kinds come last."""
    good, bad = config_map("good"), config_map("Bad_Name")
    write("mix.yaml", good, WIDGET, config_map("good2"), bad, good)
    caller = RecordingCaller()
    violation = errors.Violation(field="metadata.name", reason="X", message="Invalid value")
    caller.failures["Bad_Name"] = errors.invalid("ConfigMap", "Bad_Name", [violation])
    walk = await create("mix.yaml", caller=caller)
    assert walk.out == ["configmap/good created", "configmap/good2 created"]
    assert walk.err == [
        (
            'Error from server (Invalid): error when creating "mix.yaml": '
            'ConfigMap "Bad_Name" is invalid: metadata.name: Invalid value'
        ),
        (
            'Error from server (AlreadyExists): error when creating "mix.yaml": '
            'configmaps "good" already exists'
        ),
        NOT_FOUND,
        "ensure CRDs are installed first",
    ]


async def test_errors_of_sources_print_as_one_nestedlisted() -> None:
    """Two of them stand in brackets behind the errors of objects, repetitions left out."""
    write("mix.yaml", config_map("a"), WIDGET, WIDGET, config_map("a"))
    write("broken.yaml", "a: [\n")
    walk = await create("mix.yaml", "broken.yaml")
    assert walk.out == ["configmap/a created"]
    assert walk.err == [
        (
            'Error from server (AlreadyExists): error when creating "mix.yaml": '
            'configmaps "a" already exists'
        ),
        f"[{NOT_FOUND}",
        (
            "ensure CRDs are installed first, error parsing broken.yaml: error converting YAML to "
            "JSON: yaml: line 1: did not find expected node content]"
        ),
    ]


async def test_a_document_that_does_not_parse_abandons_the_rest_of_its_file() -> None:
    """What stands before it is created, and the next file is read."""
    write("a.yaml", config_map("a1"), "foo: : bar\n", config_map("a2"))
    walk = await create("a.yaml", write("b.yaml", config_map("b1")))
    assert walk.out == ["configmap/a1 created", "configmap/b1 created"]
    assert walk.err == [
        (
            "error: error parsing a.yaml: error converting YAML to JSON: "
            "yaml: mapping values are not allowed in this context"
        )
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("metadata: {name: x}\nkind: ConfigMap\n", "apiVersion not set"),
        ("apiVersion: v1\nmetadata: {name: x}\n", "kind not set"),
        ("a: b\n", "[apiVersion not set, kind not set]"),
        ("apiVersion: 1\nkind: ConfigMap\n", "apiVersion isn't string type"),
        ("apiVersion: v1\nkind: 5\n", "kind isn't string type"),
        ("apiVersion: a/b/c\nkind: ConfigMap\n", "unexpected GroupVersion string: a/b/c"),
        ("- a\n", "invalid object to validate"),
        ("apiVersion: v1\nkind: List\n", "invalid object to validate"),
        (
            "apiVersion: v1\nkind: List\nitems: [{kind: x}, 5]\n",
            "[apiVersion not set, invalid object to validate]",
        ),
    ],
)
async def test_a_document_must_say_what_it_is(text: str, fault: str) -> None:
    """The check of ``--validate=strict``; the rest of the file is abandoned."""
    walk = await create(write("x.yaml", text, config_map("other")))
    assert walk.out == []
    assert walk.err == [f'error: error validating "x.yaml": error validating data: {fault}{ADVICE}']


# kubectl 1.32.4, with --validate=false.
UNDECODABLE = [
    ("- a\n", "json: cannot unmarshal array into Go value of type unstructured.detector"),
    ("foo\n", "json: cannot unmarshal string into Go value of type unstructured.detector"),
    (
        "metadata: {name: x}\ndata: {a: '<&>'}\n",
        (
            "Object 'Kind' is missing in "
            r"""'{"data":{"a":"\u003c\u0026\u003e"},"metadata":{"name":"x"}}'"""
        ),
    ),
    (
        "apiVersion: a/b/c\nkind: x\n",
        """Object 'Kind' is missing in '{"apiVersion":"a/b/c","kind":"x"}'""",
    ),
    (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: foo\n",
        (
            "json: cannot unmarshal string into Go struct field "
            "metadataOnlyObject.metadata of type v1.ObjectMeta"
        ),
    ),
    (
        "apiVersion: v1\nkind: Widget\nmetadata: {labels: {on: true}}\n",
        (
            "json: cannot unmarshal bool into Go struct field "
            "ObjectMeta.metadata.labels of type string"
        ),
    ),
    (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {creationTimestamp: x}\n",
        'parsing time "x" as "2006-01-02T15:04:05Z07:00": cannot parse "x" as "2006"',
    ),
    (
        "apiVersion: v1\nkind: List\nitems: foo\n",
        (
            "json: cannot unmarshal string into Go struct field "
            "decodeList.items of type []json.RawMessage"
        ),
    ),
    (
        "apiVersion: v1\nkind: List\nitems: [[a]]\n",
        "json: cannot unmarshal array into Go value of type map[string]interface {}",
    ),
]


@pytest.mark.parametrize(("text", "fault"), UNDECODABLE)
async def test_an_object_that_cannot_be_decoded_is_passed_over(text: str, fault: str) -> None:
    """Its error comes from the mapper, so the rest of the file is read."""
    write("x.yaml", text, config_map("other"))
    walk = await create("x.yaml", validation=Validation.IGNORE)
    assert walk.out == ["configmap/other created"]
    assert walk.err == [f'error: unable to decode "x.yaml": {fault}']


async def test_without_validation_a_kind_may_be_written_loosely() -> None:
    """Kubectl's mapper takes a lower-case kind, and the core group for no version."""
    write(
        "x.yaml",
        "kind: ConfigMap\nmetadata: {name: a}\n",
        "apiVersion: v1\nkind: configmap\nmetadata: {name: b}\n",
        "kind: Deployment\nmetadata: {name: c}\n",
    )
    caller = RecordingCaller()
    walk = await create("x.yaml", validation=Validation.IGNORE, caller=caller)
    assert walk.out == ["configmap/a created", "configmap/b created"]
    assert walk.err[0].endswith('no matches for kind "Deployment" in version ""')
    assert caller.requests[0].object.api_version == "v1"


async def test_unknown_fields_are_refused_warned_of_or_ignored() -> None:
    """The three modes of ``--validate``; nothing is sent that the user did not agree to."""
    write("x.yaml", config_map("x", "  colour: red", "colour: blue"))
    caller = RecordingCaller()
    strict = await create("x.yaml", caller=caller)
    assert strict.err == [
        (
            f'{BAD_REQUEST}strict decoding error: unknown field "colour", '
            'unknown field "metadata.colour"'
        )
    ]
    assert caller.requests == []
    warned = await create("x.yaml", validation=Validation.WARN)
    assert warned.out == ["configmap/x created"]
    assert warned.err == [
        'Warning: unknown field "colour"',
        'Warning: unknown field "metadata.colour"',
    ]
    ignored = await create("x.yaml", validation=Validation.IGNORE)
    assert (ignored.out, ignored.err) == (["configmap/x created"], [])


@pytest.mark.parametrize("validation", list(Validation))
async def test_a_value_of_the_wrong_type_is_refused_in_every_mode(validation: Validation) -> None:
    """The typed request cannot carry it, so the client says what the server would say."""
    write("x.yaml", config_map("x", "immutable: perhaps", "colour: blue"))
    walk = await create("x.yaml", validation=validation)
    assert walk.out == []
    assert walk.err == [
        (
            f"{BAD_REQUEST}json: cannot unmarshal string into Go struct field "
            "ConfigMap.immutable of type bool"
        )
    ]


async def test_two_members_of_a_oneof_make_the_object_invalid() -> None:
    """As Kubernetes' validation says it, without the source."""
    volume = "{name: v, emptyDir: {}, hostPath: {path: /}}"
    pod = f"apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec: {{volumes: [{volume}]}}\n"
    walk = await create(write("x.yaml", pod))
    assert walk.err == [
        (
            'The Pod "p" is invalid: spec.volumes[0].hostPath: '
            "Forbidden: may not specify more than 1 volume type"
        )
    ]


async def test_a_resource_version_is_not_sent_on_create() -> None:
    """Helper.create clears it, as kubectl does."""
    caller = RecordingCaller()
    walk = await create(write("x.yaml", config_map("x", '  resourceVersion: "77"')), caller=caller)
    assert walk.out == ["configmap/x created"]
    assert caller.requests[0].object.metadata.resource_version == ""


async def test_objects_go_to_the_namespace_they_name() -> None:
    """Others to the default; cluster-scoped ones to none, whatever they say."""
    write(
        "x.yaml",
        config_map("a", "  namespace: team"),
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: b, namespace: team}\n",
        "apiVersion: v1\nkind: ConfigMap\n",
    )
    caller = RecordingCaller()
    walk = await create("x.yaml", caller=caller)
    assert walk.err == []
    namespaces = [request.object.metadata.namespace for request in caller.requests]
    assert namespaces == ["team", "", "default"]


async def test_the_manifest_stays_in_step_with_the_object() -> None:
    """What is printed of it shows the namespace that the object got."""
    aliased = "a: &m {name: x}\n"
    write("x.yaml", f"apiVersion: v1\nkind: ConfigMap\nmetadata: &m {{name: x}}\n{aliased}")
    walk = await create("x.yaml", validation=Validation.IGNORE)
    assert walk.infos[0].manifest["metadata"] == {"name": "x", "namespace": "default"}
    assert walk.infos[0].manifest["a"] == {"name": "x"}
    walk.infos[0].set_annotation("k", "v")
    assert walk.infos[0].manifest["metadata"]["annotations"] == {"k": "v"}
    annotated: Any = walk.infos[0].object
    assert annotated.metadata.annotations["k"] == "v"


async def test_a_namespace_that_was_asked_for_must_be_the_objects() -> None:
    """The object is refused, in document order; its neighbours are created there."""
    write("x.yaml", config_map("a"), config_map("b", "  namespace: bar"), config_map("c"))
    caller = RecordingCaller()
    walk = await create("x.yaml", namespace="team", caller=caller)
    assert walk.out == ["configmap/a created", "configmap/c created"]
    assert walk.err == [
        (
            'error: the namespace from the provided object "bar" does not match the namespace '
            "\"team\". You must pass '--namespace=bar' to perform this operation."
        )
    ]
    assert [request.object.metadata.namespace for request in caller.requests] == ["team"] * 2


async def test_a_selector_chooses_objects_and_items_of_lists() -> None:
    """What does not match is skipped without a word; faults are still reported."""
    labelled = item("b", ", labels: {tier: front}")
    write(
        "x.yaml",
        config_map("a", "  labels: {tier: front}"),
        config_map("c", "  labels: {tier: back}"),
        listed(labelled, item("d")),
        WIDGET,
    )
    walk = await create("x.yaml", selector="tier in (front)")
    assert walk.out == ["configmap/a created", "configmap/b created"]
    assert walk.err[0].startswith('error: resource mapping not found for name: "w"')


async def test_a_selector_that_is_none_visits_nothing() -> None:
    """It is an error of the builder."""
    caller = RecordingCaller()
    walk = await create(write("x.yaml", config_map("a")), selector="a b", caller=caller)
    assert walk.err[0].startswith('error: the provided selector "a b" is not valid: ')
    assert caller.requests == []


async def test_an_unreachable_server_is_said_once_without_the_source() -> None:
    """A file has nothing to do with it."""
    caller = RecordingCaller()
    refused = ConnectionRefused("The connection to the server x was refused")
    caller.failures = {"a": refused, "b": refused}
    walk = await create(write("x.yaml", config_map("a"), config_map("b")), caller=caller)
    assert walk.err == ["The connection to the server x was refused"]


async def test_a_manifest_of_five_megabytes_is_sent_whole() -> None:
    """Size is the server's to judge."""
    caller = RecordingCaller()
    value = "x" * 5_000_000
    await create(write("x.yaml", config_map("a", f'data: {{k: "{value}"}}')), caller=caller)
    assert caller.requests[0].object.data["k"] == value
