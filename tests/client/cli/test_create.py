"""``cubectl create`` beyond the transcripts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.client.command_line import CommandLine

if TYPE_CHECKING:
    from pathlib import Path

MANIFEST = b"""\
apiVersion: v1
kind: ConfigMap
metadata:
  name: web
  resourceVersion: "7"
data:
  k: v
"""
UNKNOWN = MANIFEST + b"colour: red\n"


def test_objects_come_from_standard_input_and_from_files_at_once(
    cubectl: CommandLine, namespace: str, tmp_path: Path
) -> None:
    """``-f`` may be given often and hold commas; the order is that of the command line."""
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_bytes(MANIFEST.replace(b"web", name.encode()))
    files = f"{tmp_path}/a.yaml,-,{tmp_path}/b.yaml"
    done = cubectl("create", "-f", files, "-n", namespace, stdin=MANIFEST)
    assert done.out == "configmap/a created\nconfigmap/web created\nconfigmap/b created\n"
    assert (done.code, done.err) == (0, "")


@pytest.mark.parametrize("last", ["---", "--- # the end"])
@pytest.mark.parametrize("verb", ["create", "delete"])
def test_a_separator_at_the_end_of_a_file_loses_no_document(
    cubectl: CommandLine, namespace: str, tmp_path: Path, verb: str, last: str
) -> None:
    """The last line may be a separator without a line break, however long the file is."""
    path = tmp_path / "all.yaml"
    long = MANIFEST.replace(b"k: v", b"k: " + b"v" * 5000)
    path.write_bytes(MANIFEST + b"---\n" + long.replace(b"web", b"api") + last.encode())
    done = cubectl("create", "-f", str(path), "-n", namespace)
    assert done.out == "configmap/web created\nconfigmap/api created\n"
    if verb == "delete":
        done = cubectl("delete", "-f", str(path), "-n", namespace)
        assert done.out.count(" deleted") == 2
    assert (done.code, done.err) == (0, "")


def test_what_was_created_can_be_shown(cubectl: CommandLine, namespace: str) -> None:
    """With ``-o json`` the object is shown as the server keeps it."""
    done = cubectl("create", "-f=-", "-ojson", "-n", namespace, stdin=MANIFEST)
    shown = json.loads(done.out)
    assert shown["metadata"]["namespace"] == namespace
    assert shown["metadata"]["uid"]
    assert shown["metadata"]["resourceVersion"] != "7"


def test_several_objects_are_yaml_documents(cubectl: CommandLine, namespace: str) -> None:
    """Documents are separated as in a manifest, so the output is one again."""
    two = MANIFEST + b"---\n" + MANIFEST.replace(b"web", b"api")
    flags = ("-o", "yaml", "--dry-run=client", "-n", namespace)
    done = cubectl("create", "-f", "-", *flags, stdin=two)
    assert done.out.count("\n---\n") == 1
    again = cubectl("create", "-f", "-", "-n", namespace, stdin=done.out.encode())
    assert again.out == "configmap/web created\nconfigmap/api created\n"


def test_a_client_dry_run_needs_no_server(tmp_path: Path) -> None:
    """Nothing is sent; the bare flag means the same."""
    cubectl = CommandLine(environ={"HOME": str(tmp_path), "PROTOCUBE_SERVER": "127.0.0.1:1"})
    for flag in ("--dry-run=client", "--dry-run"):
        done = cubectl("create", flag, "-f", "-", stdin=MANIFEST)
        assert (done.code, done.out) == (0, "configmap/web created (dry run)\n")


def test_an_unreachable_server_is_one_line(tmp_path: Path) -> None:
    """However many objects there are, the refusal is told once, in kubectl's words."""
    cubectl = CommandLine(environ={"HOME": str(tmp_path)})
    two = MANIFEST + b"---\n" + MANIFEST.replace(b"web", b"api")
    done = cubectl("create", "-f", "-", "--server", "127.0.0.1:1", stdin=two)
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        "The connection to the server 127.0.0.1:1 was refused"
        " - did you specify the right host or port?\n"
    )


def test_the_configuration_can_be_kept_in_an_annotation(
    cubectl: CommandLine, namespace: str
) -> None:
    """``--save-config`` keeps the object as it was given, in the annotation kubectl reads."""
    done = cubectl(
        "create", "-f", "-", "--save-config", "-o", "json", "-n", namespace, stdin=MANIFEST
    )
    annotations = json.loads(done.out)["metadata"]["annotations"]
    kept = annotations["kubectl.kubernetes.io/last-applied-configuration"]
    assert kept == (
        '{"apiVersion":"v1","data":{"k":"v"},"kind":"ConfigMap","metadata":{"annotations":{},'
        f'"name":"web","namespace":"{namespace}","resourceVersion":"7"}}}}\n'
    )


@pytest.mark.parametrize(
    ("mode", "code", "err"),
    [
        ("strict", 1, "unknown field"),
        ("true", 1, "unknown field"),
        ("warn", 0, 'Warning: unknown field "colour"\n'),
        ("ignore", 0, ""),
        ("false", 0, ""),
    ],
)
def test_unknown_fields_are_refused_warned_of_or_dropped(
    cubectl: CommandLine, namespace: str, mode: str, code: int, err: str
) -> None:
    """``--validate`` says what happens to a field that the kind does not have."""
    done = cubectl("create", "-f", "-", f"--validate={mode}", "-n", namespace, stdin=UNKNOWN)
    assert done.code == code
    assert err in done.err
    assert bool(done.err) == bool(err)


def test_the_trace_shows_the_way_of_the_seed(cubectl: CommandLine, namespace: str) -> None:
    """Every station is named in the order it is entered, on standard error only."""
    done = cubectl("create", "-f", "-", "--trace", "-n", namespace, stdin=MANIFEST)
    assert done.out == "configmap/web created\n"
    positions = [
        done.err.index(station)
        for station in (
            "Builder", "Result.visit", "ContinueOnErrorVisitor", "DecoratedVisitor",
            "FlattenListVisitor", "EagerVisitorList", "FileVisitor", "StreamVisitor",
            "info_for_data", "fn(info)", "Helper.create", "Request",
            "/protocube.core.v1.ConfigMaps/Create", "revision",
        )
    ]  # fmt: skip
    assert positions == sorted(positions)


def test_the_trace_of_a_dry_run_tells_no_revision(cubectl: CommandLine, namespace: str) -> None:
    """What was not stored has none, and the line does not end in the middle."""
    flags = ("--trace", "--dry-run=server", "-n", namespace)
    done = cubectl("create", "-f", "-", *flags, stdin=MANIFEST)
    assert done.out == "configmap/web created (server dry run)\n"
    assert "<- Helper.create nothing stored: a dry run\n" in done.err


@pytest.mark.parametrize(
    ("args", "err"),
    [
        (["create"], "error: must specify one of -f and -k\n"),
        (["create", "-f", "x", "-k", "d"], "error: only one of -f or -k can be specified\n"),
        (
            ["create", "foo", "-f", "x"],
            "error: Unexpected args: [foo]\nSee 'cubectl create -h' for help and examples\n",
        ),
        (
            ["create", "-f", "-", "-o", "go-template={{.kind}}"],
            (
                'error: the output format "go-template" is not supported; '
                "use jsonpath, json, name or yaml\n"
            ),
        ),
        (["create", "-f", "x", "-s", "here"], 'error: the server "here" is not HOST:PORT\n'),
    ],
)
def test_what_cannot_be_done_is_one_clear_error(
    cubectl: CommandLine, args: list[str], err: str
) -> None:
    """The exit code is 1 and standard error holds the sentence, without a traceback."""
    done = cubectl(*args)
    assert (done.code, done.out, done.err) == (1, "", err)
