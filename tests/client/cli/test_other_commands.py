"""``version``, ``api-resources`` and what stands above the commands."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

import protocube
from protocube.catalog import Catalog
from tests.client.command_line import CommandLine

if TYPE_CHECKING:
    from pathlib import Path

NOWHERE = "127.0.0.1:1"


def test_the_versions_of_both_sides_are_shown(cubectl: CommandLine) -> None:
    """One line for the client, one for the server."""
    version = protocube.__version__
    assert cubectl("version").out == f"Client Version: v{version}\nServer Version: v{version}\n"
    assert cubectl("version", "--client").out == f"Client Version: v{version}\n"
    shown = json.loads(cubectl("version", "-o", "json").out)
    assert shown["clientVersion"]["version"] == f"v{version}"
    assert shown["serverVersion"]["store"] == "sqlite"
    assert "serverVersion:\n" in cubectl("version", "-o", "yaml").out


def test_an_unreachable_server_does_not_hide_the_clients_version(tmp_path: Path) -> None:
    """What is known is printed, then the failure."""
    cubectl = CommandLine(environ={"HOME": str(tmp_path)})
    done = cubectl("version", "-s", NOWHERE)
    assert done.code == 1
    assert done.out == f"Client Version: v{protocube.__version__}\n"
    assert done.err.startswith(f"The connection to the server {NOWHERE} was refused")


def test_every_kind_of_the_catalog_is_a_row(cubectl: CommandLine) -> None:
    """``api-resources`` shows name, short names, version, scope and kind."""
    lines = cubectl("api-resources").out.splitlines()
    assert lines[0].split() == ["NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND"]
    assert len(lines) == 1 + len(Catalog.shipped().preferred)
    autoscalers = [line for line in lines if line.startswith("horizontalpodautoscalers")]
    assert [line.split()[2] for line in autoscalers] == ["autoscaling/v2"]
    assert ["namespaces", "ns", "v1", "false", "Namespace"] in [line.split() for line in lines]


def test_kinds_can_be_chosen(cubectl: CommandLine) -> None:
    """By group, by scope, by what can be done with them."""
    cluster = cubectl("api-resources", "--namespaced=false", "-o", "name").out.splitlines()
    assert "namespaces" in cluster
    assert "pods" not in cluster
    out = cubectl("api-resources", "--api-group=apps", "-o", "wide", "--no-headers").out
    assert [
        "deployments", "deploy", "apps/v1", "true", "Deployment",
        "create,delete,deletecollection,get,list,patch,update,watch", "all",
    ] in [line.split() for line in out.splitlines()]  # fmt: skip
    assert cubectl("api-resources", "--verbs=fly", "--no-headers").out == ""


@pytest.mark.parametrize(
    ("args", "err"),
    [
        (["version", "x"], "error: extra arguments: [x]\n"),
        (["version", "-o", "x"], "error: --output must be 'yaml' or 'json'\n"),
        (
            ["api-resources", "x"],
            (
                "error: unexpected arguments: [x]\n"
                "See 'cubectl api-resources -h' for help and examples\n"
            ),
        ),
        (["api-resources", "-o", "x"], "error: --output x is not available\n"),
        (["xyzzyx"], 'error: unknown command "xyzzyx" for "cubectl"\n'),
        (
            ["gett"],
            'error: unknown command "gett" for "cubectl"\n\nDid you mean this?\n\tset\n\tget\n',
        ),
        (["--foo", "get"], "error: unknown flag: --foo\nSee 'cubectl --help' for usage.\n"),
        (["get", "--foo"], "error: unknown flag: --foo\nSee 'cubectl get --help' for usage.\n"),
    ],
)
def test_a_wrong_command_line_is_refused_as_kubectl_does(
    cubectl: CommandLine, args: list[str], err: str
) -> None:
    """The exit code is 1 and the words are kubectl's."""
    done = cubectl(*args)
    assert (done.code, done.out, done.err) == (1, "", err)


def test_without_a_command_help_is_shown(cubectl: CommandLine) -> None:
    """Every command and every global flag is in it."""
    for args in ([], ["--help"], ["-h"]):
        done = cubectl(*args)
        assert done.code == 0
        for word in ("create", "get", "delete", "api-resources", "--server", "--context"):
            assert word in done.out


def test_global_flags_stand_anywhere(cubectl: CommandLine, namespace: str) -> None:
    """Before the command or behind it."""
    expected = f"No resources found in {namespace} namespace.\n"
    assert cubectl("-n", namespace, "get", "pods").err == expected
    assert cubectl("get", "-n", namespace, "pods").err == expected
    assert cubectl("get", "pods", f"--namespace={namespace}").err == expected
