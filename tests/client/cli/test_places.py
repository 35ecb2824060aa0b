"""What a terminal shows below an error: file, line, mark and what was meant."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from protocube_client.cli import main
from protocube_client.cli.streams import Streams
from tests.client.command_line import Terminal

if TYPE_CHECKING:
    from pathlib import Path

    from tests.client.command_line import CommandLine


@dataclass(frozen=True, slots=True, kw_only=True)
class AtTerminal:
    """Runs commands whose standard error is a terminal."""

    environ: dict[str, str]

    def __call__(self, *args: str, stdin: str = "") -> str:
        """Return what ``cubectl ARGS`` writes to standard error."""
        err = Terminal()
        stdin_bytes = io.BytesIO(stdin.encode())
        streams = Streams(stdin=stdin_bytes, out=io.StringIO(), err=err)
        assert main.run(args, streams, self.environ) == 1
        return err.getvalue()


@pytest.fixture
def at_terminal(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AtTerminal:
    """Provide a command line at a terminal, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    return AtTerminal(environ={"HOME": str(tmp_path), "PROTOCUBE_SERVER": server})


def below(err: str) -> str:
    """Return what stands below kubectl's text."""
    lines = err.splitlines(keepends=True)
    first = next(number for number, line in enumerate(lines) if line.lstrip().startswith("-->"))
    return "".join(lines[first:])


def test_unknown_fields_are_marked_and_corrected(at_terminal: AtTerminal, tmp_path: Path) -> None:
    """Each in its line, in the document that it is in."""
    (tmp_path / "pod.yaml").write_text(
        "# a comment\n---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n  lables: {a: b}\n"
        "spec:\n  containers:\n  - name: web\n    imgae: nginx\n  zzzzzzzz: 1\n"
    )
    assert below(at_terminal("create", "-f", "pod.yaml")) == (
        "  --> pod.yaml:7:3\n"
        "7 |   lables: {a: b}\n"
        '  |   ^^^^^^ did you mean "labels"?\n'
        "   --> pod.yaml:11:5\n"
        "11 |     imgae: nginx\n"
        '   |     ^^^^^ did you mean "image"?\n'
        "   --> pod.yaml:12:3\n"
        "12 |   zzzzzzzz: 1\n"
        "   |   ^^^^^^^^\n"
    )


def test_what_a_patch_gets_wrong_is_marked_too(
    at_terminal: AtTerminal, cubectl: CommandLine, namespace: str
) -> None:
    """The server has only seen the patch of an apply; what does not fit was found before."""
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n"
    apply = ("-n", namespace, "apply", "-f", "-")
    assert cubectl(*apply, stdin=text.encode()).code == 0
    assert below(at_terminal(*apply, stdin=text + "dada: {a: b}\n")) == (
        '  --> STDIN:4:1\n4 | dada: {a: b}\n  | ^^^^ did you mean "data"?\n'
    )
    assert below(at_terminal(*apply, stdin=text + "data: {a: 1}\n")) == (
        "  --> STDIN:4:8\n4 | data: {a: 1}\n  |        ^\n"
    )


def test_violations_are_marked(at_terminal: AtTerminal) -> None:
    """Where the field is, or the nearest that is there; in a List, in the right item."""
    text = (
        "apiVersion: v1\nkind: List\nitems:\n"
        "- {apiVersion: v1, kind: ConfigMap, metadata: {name: web}, data: {'a b': x}}\n"
        "- apiVersion: v1\n  kind: Pod\n  metadata: {name: Web_1}\n  spec: {containers: []}\n"
    )
    assert below(at_terminal("create", "-f", "-", stdin=text)) == (
        "  --> STDIN:4:67\n"
        "4 | - {apiVersion: v1, kind: ConfigMap, metadata: {name: web}, data: {'a b': x}}\n"
        "  |                                                                   ^^^^^\n"
        "  --> STDIN:7:14\n"
        "7 |   metadata: {name: Web_1}\n"
        "  |              ^^^^\n"
        "  --> STDIN:8:10\n"
        "8 |   spec: {containers: []}\n"
        "  |          ^^^^^^^^^^\n"
    )


def test_a_value_of_the_wrong_type_is_marked(at_terminal: AtTerminal, tmp_path: Path) -> None:
    """JSON is read like YAML; a tab takes one column."""
    (tmp_path / "a.json").write_text(
        '{\n\t"apiVersion": "v1",\n\t"kind": "ConfigMap",\n\t"metadata": {"name": "a"},\n'
        '\t"immutable": "perhaps"\n}\n'
    )
    assert below(at_terminal("create", "-f", "a.json")) == (
        '  --> a.json:5:2\n5 |  "immutable": "perhaps"\n  |  ^^^^^^^^^^^\n'
    )


def test_an_unknown_kind_is_marked_and_corrected(at_terminal: AtTerminal, tmp_path: Path) -> None:
    """A kind that is spelled wrongly, or in the wrong version."""
    for name, version, kind in (("a", "v1", "Confgmap"), ("b", "v1", "Deployment")):
        (tmp_path / f"{name}.yaml").write_text(
            f"kind: {kind}\napiVersion: {version}\nmetadata: {{name: x}}\n"
        )
    assert below(at_terminal("create", "-f", "a.yaml")) == (
        '  --> a.yaml:1:7\n1 | kind: Confgmap\n  |       ^^^^^^^^ did you mean "ConfigMap"?\n'
    )
    assert 'did you mean "apiVersion: apps/v1"?' in at_terminal("create", "-f", "b.yaml")


def test_a_kind_of_a_foreign_group_is_not_one_of_ours(at_terminal: AtTerminal) -> None:
    """That it is called like one is no reason to name ours, in kubectl's text or below it."""
    text = "apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: x}\n"
    shown = at_terminal("create", "-f", "-", stdin=text)
    assert 'no matches for kind "Service" in version "serving.knative.dev/v1"' in shown
    assert "served as" not in shown
    assert "did you mean" not in shown


def test_a_syntax_error_is_marked(at_terminal: AtTerminal, tmp_path: Path) -> None:
    """Where libyaml found it, counted from the beginning of the file."""
    (tmp_path / "a.yaml").write_text(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n---\nfoo: : bar\n"
    )
    assert below(at_terminal("create", "-f", "a.yaml", "--dry-run=client")) == (
        "  --> a.yaml:5:6\n5 | foo: : bar\n  |      ^\n"
    )


def test_a_missing_namespace_is_marked(at_terminal: AtTerminal) -> None:
    """An object that cannot be where it says it is."""
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: nowhere}\n"
    assert below(at_terminal("create", "-f", "-", stdin=text)) == (
        "  --> STDIN:3:21\n3 | metadata: {name: a, namespace: nowhere}\n"
        "  |                     ^^^^^^^^^\n"
    )


@pytest.mark.parametrize(
    ("kind", "namespace"),
    [("ConfigMap", "default"), ("ConfigMap", "nowhere"), ("Namespace", "")],
)
def test_an_absent_object_of_a_replace_is_marked(
    at_terminal: AtTerminal, kind: str, namespace: str
) -> None:
    """Its name, because that is what the server did not find; of a namespace, too."""
    place = f"  namespace: {namespace}\n" if namespace else ""
    text = f"apiVersion: v1\nkind: {kind}\nmetadata:\n{place}  name: absent\n"
    line = 5 if namespace else 4
    assert below(at_terminal("replace", "-f", "-", stdin=text)) == (
        f"  --> STDIN:{line}:3\n{line} |   name: absent\n  |   ^^^^\n"
    )


def test_a_long_line_is_cut_around_the_mark(
    at_terminal: AtTerminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forty columns are enough."""
    monkeypatch.setenv("COLUMNS", "40")
    text = (
        "apiVersion: v1\nkind: ConfigMap\n"
        "metadata: {name: a, annotations: {a: aaaaaaaaaaaaaaaa}, lables: {a: bbbbbbbbbbbbbbbbb}}\n"
    )
    shown = below(at_terminal("create", "-f", "-", stdin=text)).splitlines()
    assert shown == [
        "  --> STDIN:3:57",
        "3 | aaaaa}, lables: {a: bbbbbbbbbbbbbbbb",
        '  |         ^^^^^^ did you mean "labels"?',
    ]


def test_a_mistyped_kind_on_the_command_line_is_corrected(at_terminal: AtTerminal) -> None:
    """Below kubectl's text."""
    assert at_terminal("get", "podz") == (
        'error: the server doesn\'t have a resource type "podz"\n  did you mean "pods"?\n'
    )
    assert at_terminal("get", "qqqqqqqq") == (
        'error: the server doesn\'t have a resource type "qqqqqqqq"\n'
    )


def test_only_a_terminal_shows_places(cubectl: CommandLine, tmp_path: Path) -> None:
    """Scripts get kubectl's bytes and nothing else."""
    (tmp_path / "a.yaml").write_text(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndta: {}\n"
    )
    path = f"{tmp_path}/a.yaml"
    assert cubectl("create", "-f", path).err == (
        f'Error from server (BadRequest): error when creating "{path}": ConfigMap in version '
        '"v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "dta"\n'
    )
    assert len(cubectl("get", "podz").err.splitlines()) == 1
