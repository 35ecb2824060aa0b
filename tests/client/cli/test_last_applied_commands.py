"""The commands below ``cubectl apply``, beside what the recorded scenarios show."""

from __future__ import annotations

import json

import pytest

from protocube_client.cli import last_applied
from tests.client.command_line import CommandLine

MANIFEST = b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {x: a<b}\n"


@pytest.fixture
def applied(cubectl: CommandLine, namespace: str) -> tuple[str, ...]:
    """Provide the first words of a command line, with the ConfigMap web applied."""
    words = ("-n", namespace, "apply")
    assert cubectl(*words, "-f", "-", stdin=MANIFEST).code == 0
    return words


def test_the_text_of_the_annotation_is_shown(
    cubectl: CommandLine, applied: tuple[str, ...]
) -> None:
    """JSON escapes what Go escapes; YAML does not."""
    done = cubectl(*applied, "view-last-applied", "cm/web", "-o", "json")
    assert '\n  "data": {\n    "x": "a\\u003cb"\n  },\n' in done.out
    assert "x: a<b\n" in cubectl(*applied, "view-last-applied", "cm", "--all").out


def test_a_file_must_name_objects_that_have_it(
    cubectl: CommandLine, applied: tuple[str, ...], namespace: str
) -> None:
    """Where names were given, objects without it are left out."""
    other = MANIFEST.replace(b"web", b"other")
    assert cubectl("-n", namespace, "create", "-f", "-", stdin=other).code == 0
    done = cubectl(*applied, "view-last-applied", "-f", "-", stdin=other)
    assert done.err == (
        "error: no last-applied-configuration annotation found on resource: other\n"
    )
    assert done.code == 1
    assert cubectl(*applied, "view-last-applied", "cm/other").out == ""


def test_setting_it_changes_nothing_else(cubectl: CommandLine, applied: tuple[str, ...]) -> None:
    """Of several objects none is changed when one cannot be."""
    changed = MANIFEST.replace(b"a<b", b"z")
    missing = changed + b"---\n" + MANIFEST.replace(b"web", b"missing")
    words = (*applied, "set-last-applied", "-f", "-")
    done = cubectl(*words, stdin=missing)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith('Error from server (NotFound): configmaps "missing" not found')
    dry = cubectl(*words, "--dry-run=server", stdin=changed)
    assert dry.out == "configmap/web configured (server dry run)\n"
    assert "x: a<b" in cubectl(*applied, "view-last-applied", "cm/web").out
    assert cubectl(*words, "-o=jsonpath={.data.x}", stdin=changed).out == "a<b"
    assert "x: z" in cubectl(*applied, "view-last-applied", "cm/web").out


def test_something_must_be_named(cubectl: CommandLine) -> None:
    """As everywhere."""
    done = cubectl("apply", "set-last-applied")
    assert done.code == 1
    assert done.err.startswith("error: You must provide one or more resources")


@pytest.mark.parametrize(
    ("editor", "out", "err"),
    [
        (
            "sed -i s/a<b/new/",
            "configmap/other skipped\nconfigmap/web edited\n",
            "",
        ),
        ("true", "", "Edit cancelled, no changes made.\n"),
        ("sed -i s/web/none/", "", 'error: no original object found for ConfigMap "none"\n'),
    ],
)
def test_configurations_of_several_objects_are_edited_at_once(
    cubectl: CommandLine, applied: tuple[str, ...], editor: str, out: str, err: str
) -> None:
    """As one List; the objects stay as they are."""
    other = MANIFEST.replace(b"web", b"other").replace(b"a<b", b"z")
    assert cubectl(*applied, "-f", "-", stdin=other).code == 0
    editing = CommandLine(environ={**cubectl.environ, "KUBE_EDITOR": editor})
    done = editing(*applied, "edit-last-applied", "cm/other", "cm/web")
    assert done.out == out
    assert err in done.err
    shown = cubectl(*applied, "view-last-applied", "cm/web").out
    assert ("x: new\n" in shown) == bool(out)
    assert cubectl(*applied[:2], "get", "cm", "web", "-o=jsonpath={.data.x}").out == "a<b"


def annotated(name: str, configuration: str) -> bytes:
    """Return a ConfigMap whose annotation says something."""
    metadata = {"name": name, "annotations": {last_applied.ANNOTATION: configuration}}
    return json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}).encode()


@pytest.mark.parametrize(
    ("configuration", "fault"),
    [
        ("[" * 20_000, "exceeded max depth"),
        ("not json", "invalid character 'n' looking for beginning of value"),
    ],
)
@pytest.mark.parametrize("form", ["json", "yaml"])
def test_a_text_that_is_no_json_is_not_printed(
    cubectl: CommandLine, namespace: str, form: str, configuration: str, fault: str
) -> None:
    """In neither form, and however long it would become with an indent."""
    words = ("-n", namespace)
    created = cubectl(*words, "create", "-f", "-", stdin=annotated("odd", configuration))
    assert created.code == 0, created.err
    done = cubectl(*words, "apply", "view-last-applied", "cm/odd", "-o", form)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("error: ")
    assert fault in done.err


@pytest.mark.parametrize("configuration", ["[]", "5", "not json"])
def test_an_annotation_that_says_no_object_can_be_repaired(
    cubectl: CommandLine, namespace: str, configuration: str
) -> None:
    """An apply and an editor are refused, as by kubectl, until it is set anew."""
    words = ("-n", namespace)
    stdin = annotated("web", configuration)
    assert cubectl(*words, "create", "-f", "-", stdin=stdin).code == 0
    done = cubectl(*words, "apply", "-f", "-", stdin=MANIFEST)
    assert done.code == 1
    assert "for:: invalid JSON document" in done.err
    editing = CommandLine(environ={**cubectl.environ, "KUBE_EDITOR": "true"})
    done = editing(*words, "apply", "edit-last-applied", "cm/web")
    told = 'last-applied-configuration annotation of configmaps "web": invalid JSON document'
    assert done.err == f"error: {told}\n"
    done = cubectl(*words, "apply", "set-last-applied", "-f", "-", stdin=MANIFEST)
    assert done.out == "configmap/web configured\n"
    assert cubectl(*words, "apply", "-f", "-", stdin=MANIFEST).code == 0


def test_an_annotation_that_says_null_says_nothing(cubectl: CommandLine, namespace: str) -> None:
    """So does Go read it: what is there stays."""
    words = ("-n", namespace)
    assert cubectl(*words, "create", "-f", "-", stdin=annotated("web", "null")).code == 0
    done = cubectl(*words, "apply", "-f", "-", stdin=MANIFEST)
    assert (done.code, done.out) == (0, "configmap/web configured\n")
