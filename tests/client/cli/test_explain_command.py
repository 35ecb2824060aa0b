"""``cubectl explain``: kubectl's form and errors, with the texts of the server's schema."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from protocube_client.cli import targets

if TYPE_CHECKING:
    from tests.client.command_line import CommandLine

PORT = """\
KIND:       Pod
VERSION:    v1

FIELD: imagePullPolicy <string>
ENUM:
    Always
    IfNotPresent
    Never

DESCRIPTION:
"""
NARROW = """\
KIND:     ConfigMap
VERSION:  v1

FIELD:    data <map[string]string>

DESCRIPTION:
     Text"""


def fields(text: str) -> list[str]:
    """Return the lines that name fields."""
    return [line for line in text.splitlines() if "\t<" in line]


def test_a_kind_is_explained_with_its_fields(cubectl: CommandLine) -> None:
    """Group, kind and version, what it is for, and each field with its type and comment."""
    done = cubectl("explain", "deployments")
    assert (done.code, done.err) == (0, "")
    head, _, rest = done.out.partition("\nFIELDS:\n")
    assert re.fullmatch(
        r"GROUP:      apps\nKIND:       Deployment\nVERSION:    v1\n\n"
        r"DESCRIPTION:\n(    \S.*\n)+    ",
        head,
    )
    assert fields(rest) == [
        "  apiVersion\t<string>",
        "  kind\t<string>",
        "  metadata\t<ObjectMeta>",
        "  spec\t<DeploymentSpec> -required-",
        "  status\t<DeploymentStatus>",
    ]
    assert re.search(r"  status\t<DeploymentStatus>\n    \S.*\n\n\n\Z", rest)


def test_a_field_is_found_below_lists_and_maps(cubectl: CommandLine) -> None:
    """It is shown with the values that it may have."""
    done = cubectl("explain", "po.spec.containers.imagePullPolicy")
    assert done.out.startswith(PORT)
    assert "FIELDS:" not in done.out


def test_long_lists_of_values_are_cut_among_fields(cubectl: CommandLine) -> None:
    """Four are shown, and that there are more."""
    done = cubectl("explain", "hpa.spec.metrics")
    values = "  enum: ContainerResource, External, Object, Pods, ....\n"
    assert f"  type\t<string> -required-\n{values}    " in done.out


def test_all_fields_below_are_shown(cubectl: CommandLine) -> None:
    """Each with its type, two columns deeper than what it is in, and without texts."""
    done = cubectl("explain", "pdb.spec", "--recursive")
    assert done.out.partition("FIELDS:\n")[2] == (
        "  maxUnavailable\t<IntOrString>\n"
        "  minAvailable\t<IntOrString>\n"
        "  selector\t<LabelSelector>\n"
        "    matchExpressions\t<[]LabelSelectorRequirement>\n"
        "      key\t<string> -required-\n"
        "      operator\t<string> -required-\n"
        "      values\t<[]string>\n"
        "    matchLabels\t<map[string]string>\n"
        "  unhealthyPodEvictionPolicy\t<string>\n"
        "  enum: AlwaysAllow, IfHealthyBudget\n"
        "\n"
    )


def test_a_version_can_be_chosen(cubectl: CommandLine) -> None:
    """Its fields are that version's."""
    one = cubectl("explain", "hpa.spec", "--api-version=autoscaling/v1")
    two = cubectl("explain", "hpa.spec")
    assert "  targetCPUUtilizationPercentage\t<integer>\n" in one.out
    assert "  metrics\t<[]MetricSpec>\n" in two.out


def test_a_group_may_stand_behind_the_kind(cubectl: CommandLine) -> None:
    """What follows it is a field."""
    named = cubectl("explain", "deployments.apps.spec.replicas")
    assert named.out == cubectl("explain", "deploy.spec.replicas").out
    assert "FIELD: replicas <integer>" in named.out


def test_the_older_form_names_no_types(cubectl: CommandLine) -> None:
    """Messages are objects in it."""
    form = "-o=plaintext-openapiv2"
    assert cubectl("explain", "cm.data", form).out.startswith(NARROW)
    kind = cubectl("explain", "cm", form).out
    assert "\nFIELDS:\n   apiVersion\t<string>\n     `v1`.\n\n" in kind
    assert kind.endswith("\n\n")
    assert "   metadata\t<Object>\n" in kind
    below = cubectl("explain", "pdb.spec", form, "--recursive").out
    assert "RESOURCE: spec <Object>\n\n" in below
    assert "   selector\t<Object>\n      matchExpressions\t<[]Object>\n         key\t" in below


@pytest.mark.parametrize(
    ("arguments", "out", "err"),
    [
        ("widget", "", 'the server doesn\'t have a resource type "widget"'),
        ("pod.no.thing", "KIND:       Pod\n", 'error: field "thing" does not exist'),
        ("pod.spec.containers.name.more", "KIND:", 'error: field "more" does not exist'),
        ("cm.no -o plaintext-openapiv2", "", 'error: field "no" does not exist'),
        ("pod service", "", "error: We accept only this format: explain RESOURCE"),
        ("pod --api-version=v2", "", 'error: couldn\'t find resource for "/v2, Resource=pods"'),
        ("pod --api-version=a/b/c", "", "error: unexpected GroupVersion string: a/b/c"),
        ("pod -o other", "", "error: unrecognized format: other"),
        ("pod}{.spec", "", "error: invalid jsonpath syntax, first node must be field node"),
        ("pod.spec[0]", "", "error: invalid jsonpath syntax, first node must be field node"),
        (
            "pod.spec[0] --api-version=v1",
            "",
            "error: invalid jsonpath syntax, all nodes must be field nodes",
        ),
        (
            "",
            "",
            f"error: You must specify the type of resource to explain. {targets.KINDS_ADVICE}",
        ),
    ],
)
def test_what_is_not_there_is_told(
    cubectl: CommandLine, arguments: str, out: str, err: str
) -> None:
    """In kubectl's words."""
    done = cubectl("explain", *arguments.split())
    assert (done.code, done.err) == (1, f"{err}\n")
    assert done.out.startswith(out)
    assert bool(out) == bool(done.out)


def test_a_server_that_is_not_there_explains_nothing(cubectl: CommandLine) -> None:
    """The texts are the server's."""
    done = cubectl("--server=127.0.0.1:1", "explain", "pods")
    assert done.code == 1
    assert done.err.startswith("The connection to the server 127.0.0.1:1 was refused")
