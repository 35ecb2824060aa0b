"""The forms in which ``cubectl get`` shows objects."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.client.command_line import CommandLine

OBJECTS = """\
apiVersion: v1
kind: ConfigMap
metadata: {{name: a, namespace: {0}, labels: {{app: x, example.com/n: "10"}}}}
data: {{v: "10"}}
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: b, namespace: {0}, labels: {{app: z}}}}
data: {{v: "9"}}
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: c, namespace: {0}}}
---
apiVersion: v1
kind: Secret
metadata: {{name: a, namespace: {0}}}
"""


@pytest.fixture
def filled(cubectl: CommandLine, namespace: str) -> str:
    """Provide a namespace with three ConfigMaps and a Secret."""
    done = cubectl("create", "-f", "-", stdin=OBJECTS.format(namespace).encode())
    assert done.code == 0, done.err
    return namespace


def test_a_template_sees_the_object_or_the_list(cubectl: CommandLine, filled: str) -> None:
    """One name gives the object, everything else a List."""
    one = ("get", "cm", "a", "-n", filled)
    many = ("get", "cm", "-n", filled)
    assert cubectl(*one, "-o", "jsonpath={.data.v}").out == "10"
    assert cubectl(*many, "-o", "jsonpath={.items[*].metadata.name}").out == "a b c"
    assert cubectl(*many, "-o", "jsonpath-as-json={.items[*].data.v}").out == (
        '[\n    "10",\n    "9"\n]\n'
    )
    assert cubectl(*one, "-o", "jsonpath", "--template={.kind}").out == "ConfigMap"
    done = cubectl(*one, "-o", "jsonpath={.x}", "--allow-missing-template-keys=false")
    assert done.code == 1
    assert done.err.startswith('error: error executing jsonpath "{.x}": Error executing template: ')
    assert done.err.endswith("}\n\n\n")


def test_a_template_can_come_from_a_file(cubectl: CommandLine, filled: str, tmp_path: Path) -> None:
    """Its line breaks are printed, too."""
    (tmp_path / "t").write_text("{range .items[*]}{.metadata.name}\n{end}")
    done = cubectl("get", "cm", "-n", filled, "-o", f"jsonpath-file={tmp_path}/t")
    assert done.out == "a\nb\nc\n"


def test_columns_of_ones_own(cubectl: CommandLine, filled: str, tmp_path: Path) -> None:
    """From the command line or a file, sorted, with headings or without."""
    spec = "NAME:.metadata.name,V:.data.v"
    flags = ("get", "cm", "-n", filled, "--sort-by=.data.v")
    expected = "c      <none>\nb      9\na      10\n"
    assert cubectl(*flags, "-o", f"custom-columns={spec}").out == f"NAME   V\n{expected}"
    assert cubectl(*flags, "-o", f"custom-columns={spec}", "--no-headers").out == (
        "c     <none>\nb     9\na     10\n"
    )
    (tmp_path / "t").write_text("NAME V\nmetadata.name data.v\n")
    assert cubectl(*flags, "-o", f"custom-columns-file={tmp_path}/t").out == f"NAME   V\n{expected}"
    assert cubectl("get", "pods", "-n", filled, "-o", f"custom-columns={spec}").out == "NAME   V\n"


def test_tables_are_sorted(cubectl: CommandLine, filled: str) -> None:
    """Each table for itself; a path that leads nowhere is an error."""
    done = cubectl("get", "cm", "-n", filled, "--sort-by={.data.v}", "--no-headers")
    assert [line.split()[0] for line in done.out.splitlines()] == ["c", "b", "a"]
    done = cubectl("get", "cm,secret", "-n", filled, "--sort-by=.metadata.name", "--no-headers")
    assert [line.split()[0] for line in done.out.splitlines()] == [
        "configmap/a", "configmap/b", "configmap/c", "secret/a",
    ]  # fmt: skip
    done = cubectl("get", "cm", "-n", filled, "--sort-by=.nope")
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        'error: couldn\'t find any field with path "{.nope}" in the list of objects\n'
    )


def test_structured_output_is_sorted_too(cubectl: CommandLine, filled: str) -> None:
    """A List of all objects in the order of a field."""
    flags = ("get", "cm", "-n", filled, "--sort-by=.data.v")
    assert cubectl(*flags, "-o", "name").out == "configmap/c\nconfigmap/b\nconfigmap/a\n"
    shown = json.loads(cubectl(*flags, "-o", "json").out)
    assert [item["metadata"]["name"] for item in shown["items"]] == ["c", "b", "a"]


def test_labels_and_kinds_are_shown_on_demand(cubectl: CommandLine, filled: str) -> None:
    """``-L`` adds a column a label, ``--show-kind`` the kind before the name."""
    done = cubectl("get", "cm", "-n", filled, "-L", "app,example.com/n", "--show-kind")
    lines = [line.split() for line in done.out.splitlines()]
    assert lines[0] == ["NAME", "DATA", "AGE", "APP", "N"]
    assert [line[0] for line in lines[1:]] == ["configmap/a", "configmap/b", "configmap/c"]
    assert lines[1][3:] == ["x", "10"]


def test_runs_of_a_kind_are_tables(cubectl: CommandLine, filled: str) -> None:
    """Objects stay in the order they are named in."""
    done = cubectl("get", "cm/a", "secret/a", "cm/b", "-n", filled)
    tables = [part.splitlines()[1].split()[0] for part in done.out.split("\n\n")]
    assert tables == ["configmap/a", "secret/a", "configmap/b"]
    done = cubectl("get", "cm,secret", "a", "-o", "name", "-n", filled)
    assert done.out == "configmap/a\nsecret/a\n"


def test_a_list_of_what_is_missing_is_empty(cubectl: CommandLine, filled: str) -> None:
    """Several names make a List, whatever was found; one name makes none."""
    done = cubectl("get", "cm", "x", "y", "-o", "jsonpath={.items}", "-n", filled)
    assert (done.code, done.out) == (1, "[]")
    assert len(done.err.splitlines()) == 2
    assert cubectl("get", "cm", "x", "-o", "yaml", "-n", filled).out == ""


def test_pages_can_be_small(cubectl: CommandLine, filled: str) -> None:
    """``--chunk-size`` changes how much is asked for, not what is shown."""
    for size in ("1", "0", "-1"):
        done = cubectl("get", "cm", "-n", filled, f"--chunk-size={size}", "-o", "name")
        assert done.out == "configmap/a\nconfigmap/b\nconfigmap/c\n"


def test_managed_fields_are_left_out(cubectl: CommandLine) -> None:
    """Unless they are asked for."""
    text = (
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  managedFields:\n  - manager: me\n"
    )
    flags = ("create", "-f", "-", "--dry-run=client", "-o", "yaml")
    assert "managedFields" not in cubectl(*flags, stdin=text.encode()).out
    assert "managedFields" in cubectl(*flags, "--show-managed-fields", stdin=text.encode()).out


def test_the_server_tells_owners_when_asked(cubectl: CommandLine, filled: str) -> None:
    """Of one object, of a list and of what a watch begins with; otherwise it tells none."""
    owner = "  - apiVersion: v1\n    fieldsType: FieldsV1\n"
    watched = ("--watch", "--request-timeout=1s")
    for words in (("cm", "a"), ("cm",), ("cm", "a", *watched)):
        flags = ("get", *words, "-n", filled, "-o", "yaml")
        assert "managedFields" not in cubectl(*flags).out
        shown = cubectl(*flags, "--show-managed-fields").out
        assert owner.replace("  ", "") in shown.replace("  ", ""), words


def test_a_file_with_one_object_shows_it_alone(
    cubectl: CommandLine, filled: str, tmp_path: Path
) -> None:
    """Standard input and folders give a List, as in kubectl."""
    text = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a, namespace: {filled}}}\n"
    (tmp_path / "a.yaml").write_text(text)
    path = "jsonpath={.kind}"
    assert cubectl("get", "-f", f"{tmp_path}/a.yaml", "-o", path).out == "ConfigMap"
    assert cubectl("get", "-f", "-", "-o", path, stdin=text.encode()).out == "List"
    assert cubectl("get", "cm", "-f", f"{tmp_path}/a.yaml").err == (
        "error: when paths, URLs, or stdin is provided as input, "
        "you may not specify resource arguments as well\n"
    )


def test_watching_what_is_missing_is_an_error(cubectl: CommandLine, filled: str) -> None:
    """Sorting is for what is there when the watch begins; a warning says so."""
    done = cubectl("get", "cm", "x", "--watch", "--sort-by=.data.v", "-n", filled)
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        "warning: --watch requested, --sort-by will be ignored for watch events received\n"
        'Error from server (NotFound): configmaps "x" not found\n'
    )
