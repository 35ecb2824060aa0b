"""Which files ``-f``, ``-R`` and ``-k`` read, in which order, and what is said of the others."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from protocube.catalog import Catalog
from protocube.manifests.manifest_error import ManifestError
from protocube_client.resource.builder import Builder, FilenameOptions
from protocube_client.resource.go import glob as go_glob
from tests.client.resource.walking import config_map, create

pytestmark = pytest.mark.usefixtures("here")


def _write(*names: str) -> None:
    for name in names:
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(config_map(path.stem.strip(".").lower() or "dot"))


def _directory(name: str) -> None:
    Path(name).mkdir()


def _link(name: str, target: str) -> None:
    Path(name).parent.mkdir(exist_ok=True)
    Path(name).symlink_to(target)


async def _sources(*paths: str, recursive: bool = False) -> list[str]:
    walk = await create(*paths, recursive=recursive)
    assert walk.err == []
    return [info.source for info in walk.infos]


async def test_a_directory_is_read_in_lexical_order() -> None:
    """By bytes, only the known extensions, and no directories below it."""
    _write("d/b.yaml", "d/a.yml", "d/C.json", "d/skip.txt", "d/noext", "d/sub/e.yaml", "d/.h.yaml")
    assert await _sources("d") == ["d/.h.yaml", "d/C.json", "d/a.yml", "d/b.yaml"]
    assert await _sources("./d/") == ["d/.h.yaml", "d/C.json", "d/a.yml", "d/b.yaml"]


async def test_recursion_reads_directories_where_they_stand_in_the_order() -> None:
    """``-R`` descends in the middle of the list, not at its end."""
    _write("d/a.yaml", "d/b/z.yaml", "d/b/c/y.yaml", "d/c.yaml")
    assert await _sources("d", recursive=True) == [
        "d/a.yaml",
        "d/b/c/y.yaml",
        "d/b/z.yaml",
        "d/c.yaml",
    ]


async def test_a_file_that_is_named_is_read_whatever_it_is_called() -> None:
    """Extensions choose only within directories."""
    _write("skip.txt")
    assert await _sources("skip.txt") == ["skip.txt"]


async def test_a_pattern_names_what_it_matches() -> None:
    """A path that exists is no pattern; directories that match are read."""
    _write("p/a.yaml", "p/b.yaml", "p/[x].yaml", "p/c.txt", "q/d/e.yaml")
    assert await _sources("p/?.*") == ["p/a.yaml", "p/b.yaml", "p/c.txt"]
    assert await _sources("p/[x].yaml") == ["p/[x].yaml"]
    assert await _sources("q/*") == ["q/d/e.yaml"]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("*", [".hidden", "a", "ab", "b-c", "dir"]),
        ("a*", ["a", "ab"]),
        ("?", ["a"]),
        ("[a-b]*", ["a", "ab", "b-c"]),
        ("[^a]*", [".hidden", "b-c", "dir"]),
        ("b\\-c", ["b-c"]),
        ("*/x*", ["dir/x1", "dir/x2"]),
        ("./a?", ["./ab"]),
        ("nothing*", []),
    ],
)
def test_a_pattern_matches_as_gos_do(here: Path, pattern: str, found: list[str]) -> None:
    """A star matches dot files, a caret negates, a backslash escapes."""
    for name in (".hidden", "a", "ab", "b-c", "dir/x1", "dir/x2"):
        path = here / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    assert go_glob.expand(pattern) == found


@pytest.mark.parametrize("pattern", ["[", "[]", "[a", "[a-]", "a\\", "x/[-]"])
def test_a_malformed_pattern_is_refused(pattern: str) -> None:
    """As Go's ``ErrBadPattern``, whether anything could match or not."""
    with pytest.raises(go_glob.BadPatternError, match=r"^syntax error in pattern$"):
        go_glob.expand(pattern)


# kubectl 1.32.4
BUILDER_ERRORS = [
    (("nosuch.yaml",), ['error: the path "nosuch.yaml" does not exist']),
    (("no*such",), ['error: the path "no*such" does not exist']),
    (("[",), ['error: pattern "[" is not valid: syntax error in pattern']),
    (("e",), ["error: error reading [e]: recognized file extensions are [.json .yaml .yml]"]),
    (
        ("a.yaml/x",),
        ['error: the path "a.yaml/x" cannot be accessed: stat a.yaml/x: not a directory'],
    ),
    (
        ("nosuch", "a.yaml", "either"),
        ['the path "nosuch" does not exist', 'the path "either" does not exist'],
    ),
    (("-", "-"), ["error: standard input cannot be used for multiple arguments"]),
]


@pytest.mark.parametrize(("paths", "err"), BUILDER_ERRORS)
async def test_what_is_wrong_with_the_arguments_ends_the_command(
    paths: tuple[str, ...], err: list[str]
) -> None:
    """All of it is said, and nothing is visited."""
    _write("a.yaml")
    _directory("e")
    walk = await create(*paths)
    assert (walk.out, walk.err) == ([], err)


async def test_a_link_to_a_directory_is_taken_for_a_file() -> None:
    """At the top it fails, within a directory it is not followed; links to files are read."""
    _write("real/a.yaml")
    _link("link", "real")
    _link("d/l.yaml", "../real/a.yaml")
    _link("d/sub", "../real")
    walk = await create("link")
    assert walk.err == ["error: error parsing link: read link: is a directory"]
    assert await _sources("d", recursive=True) == ["d/l.yaml"]


async def test_a_file_that_cannot_be_opened_leaves_the_others_alone() -> None:
    """The error is Go's."""
    _write("d/a.yaml")
    _link("d/b.yaml", "nowhere")
    walk = await create("d")
    assert walk.out == ["configmap/a created"]
    assert walk.err == ["error: open d/b.yaml: no such file or directory"]


async def test_standard_input_is_a_source_named_stdin() -> None:
    """In its place among the others, and in its own errors."""
    _write("a.yaml")
    stdin = f"{config_map('s')}---\na: [\n".encode()
    walk = await create("a.yaml", "-", stdin=stdin)
    assert walk.out == ["configmap/a created", "configmap/s created"]
    assert [info.source for info in walk.infos] == ["a.yaml", "STDIN"]
    assert walk.err[0].startswith("error: error parsing STDIN: ")


def test_standard_input_must_be_there() -> None:
    """A builder that was given none says so instead of waiting for one."""
    builder = Builder(Catalog.shipped())
    options = FilenameOptions(filenames=("-",))
    result = builder.filename_param(options, enforce_namespace=False).do()
    assert str(result.error) == "there is no standard input to read"


def test_something_must_be_given() -> None:
    """Neither ``-f`` nor ``-k`` is an error, both at once as well."""
    with pytest.raises(ManifestError, match=r"^must specify one of -f and -k$"):
        FilenameOptions().require()
    FilenameOptions(filenames=("a",)).require()
    assert str(Builder(Catalog.shipped()).do().error).startswith("You must provide one or more")


@pytest.mark.parametrize(
    ("filenames", "recursive", "text"),
    [
        (("a",), False, "only one of -f or -k can be specified"),
        ((), True, "the -k flag can't be used with -f or -R"),
    ],
)
def test_a_kustomization_stands_alone(
    filenames: tuple[str, ...],
    recursive: bool,  # noqa: FBT001  # pytest passes it by name
    text: str,
) -> None:
    """The two ways to say where objects come from exclude each other."""
    options = FilenameOptions(filenames=filenames, recursive=recursive, kustomize="k")
    result = Builder(Catalog.shipped()).filename_param(options, enforce_namespace=False).do()
    assert str(result.error) == text


def _tool(directory: Path, name: str, script: str) -> None:
    path = directory / name
    path.write_text(f"#!{sys.executable}\nimport sys\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


@pytest.mark.parametrize(("name", "command"), [("kustomize", "build"), ("kubectl", "kustomize")])
async def test_a_kustomization_is_built_by_an_installed_tool(
    here: Path, monkeypatch: pytest.MonkeyPatch, name: str, command: str
) -> None:
    """Objects of the result are named by the directory."""
    monkeypatch.setenv("PATH", str(here))
    text = config_map("k")
    _tool(here, name, f"assert sys.argv[1:] == [{command!r}, 'dir']\nprint({text!r})")
    walk = await create(kustomize="dir")
    assert walk.err == []
    assert [(info.name, info.source) for info in walk.infos] == [("k", "dir")]


async def test_a_failed_build_says_what_the_tool_says(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its words are the error."""
    monkeypatch.setenv("PATH", str(here))
    _tool(here, "kustomize", "print('Error: no kustomization', file=sys.stderr)\nsys.exit(1)")
    assert (await create(kustomize="dir")).err == ["error: no kustomization"]


async def test_without_a_tool_the_error_says_what_to_do(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It names what to install and the way around."""
    monkeypatch.setenv("PATH", os.fspath(here))
    (line,) = (await create(kustomize="dir")).err
    assert line.startswith("error: a kustomization is built by an installed kustomize or kubectl")
