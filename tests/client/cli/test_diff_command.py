"""``cubectl diff``: what the recorded scenario does not show."""

from __future__ import annotations

import io
import re
import tempfile
from typing import TYPE_CHECKING

import pytest

from protocube_client.cli.commands.diff import program
from protocube_client.cli.commands.diff.versions import Versions
from protocube_client.cli.streams import Streams
from tests.client.command_line import CommandLine, Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECRET = """\
apiVersion: v1
kind: Secret
metadata: {{name: word}}
data: {{old: {old}, same: c2FtZQ==}}
"""


def config_map(name: str, *metadata: str, value: str = "1") -> bytes:
    """Return a ConfigMap as a document, with more ``metadata`` than its name."""
    fields = ", ".join((f"name: {name}", *metadata))
    head = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{{fields}}}\n"
    return f'{head}data: {{x: "{value}"}}\n'.encode()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Provide the folder for temporary files. What is left there in the end is a fault."""
    path = tmp_path / "temporary"
    path.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(path))
    yield path
    assert list(path.iterdir()) == []


@pytest.fixture
def diff(cubectl: CommandLine, namespace: str, folder: Path) -> tuple[str, ...]:
    """Provide the arguments of a comparison, in a namespace with the ConfigMap web."""
    assert folder.is_dir()
    stdin = config_map("web")
    assert cubectl("-n", namespace, "apply", "-f", "-", stdin=stdin).code == 0
    return ("-n", namespace, "diff", "-f", "-")


def with_variables(cubectl: CommandLine, **variables: str) -> CommandLine:
    """Return the command line of a user with more variables."""
    return CommandLine(environ={**cubectl.environ, **variables})


def without_names(text: str) -> str:
    """Return a difference without names of folders, times and uids."""
    return re.sub(r"(?<=LIVE-|RGED-)\d+|\t.*|(?<=uid: ).*|(?<=Timestamp: ).*", "", text)


def test_python_compares_where_there_is_no_program(
    cubectl: CommandLine, diff: tuple[str, ...]
) -> None:
    """It writes what ``diff`` writes, and finds nothing where there is nothing."""
    changed = config_map("web", value="2") + b"---\n" + config_map("new")
    own = with_variables(cubectl, PATH="/nowhere")(*diff, stdin=changed)
    program = cubectl(*diff, stdin=changed)
    assert without_names(own.out) == without_names(program.out)
    assert (own.code, own.err) == (program.code, program.err) == (1, "")
    same = with_variables(cubectl, PATH="/nowhere")(*diff, stdin=config_map("web"))
    assert (same.code, same.out) == (0, "")


def test_a_program_of_ones_own_compares(
    cubectl: CommandLine, diff: tuple[str, ...], tmp_path: Path
) -> None:
    """It gets the two folders behind its flags; what could be more than a flag is left out."""
    program = tmp_path / "compare"
    program.write_text('#!/bin/sh\necho "$#" "$1" "$2"\nls "$3" "$4"\nexit 1\n')
    program.chmod(0o700)
    own = with_variables(cubectl, KUBECTL_EXTERNAL_DIFF=f"{program} -a /etc/passwd --b=c")
    done = own(*diff, stdin=config_map("new"))
    assert done.out.startswith("4 -a --b=c\n")
    assert done.out.count(f"v1.ConfigMap.{diff[1]}.new") == 2
    assert (done.code, done.err) == (1, "")


@pytest.mark.parametrize(
    ("program", "flags", "told"),
    [
        ("no-such-program", " -u", 'exec: "no-such-program": executable file not found in $PATH'),
        ("/", "", "fork/exec /: permission denied"),
        ("sh", " -c", "exit status "),
    ],
)
def test_a_program_that_fails_is_an_error(
    cubectl: CommandLine, diff: tuple[str, ...], program: str, flags: str, told: str
) -> None:
    """Not a difference: the exit code is another one."""
    own = with_variables(cubectl, KUBECTL_EXTERNAL_DIFF=program + flags)
    done = own(*diff, stdin=config_map("web"))
    assert done.code == 2
    assert f'error: failed to run "{program}": {told}' in done.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--nope"], "unknown flag: --nope\nSee 'cubectl diff -h' for help and examples\n"),
        (["-f", "-", "more"], "error: Unexpected args: [more]\nSee 'cubectl diff -h' for help"),
        (["-f", "-", "--force-conflicts"], "error: --force-conflicts only works with --server-si"),
        (["-f", "-", "-k", "x"], "error: only one of -f or -k can be specified"),
        (["-f", "-", "--prune", "--prune-allowlist=x"], "error: invalid GroupVersionKind format"),
    ],
)
def test_every_failure_has_another_code_than_a_difference(
    cubectl: CommandLine, arguments: list[str], told: str
) -> None:
    """Faults of the command line, too."""
    done = cubectl("diff", *arguments)
    assert done.code == 2
    assert told in done.err


@pytest.mark.parametrize("path", ["/usr/bin:/bin", "/nowhere"])
def test_a_terminal_shows_colours(cubectl: CommandLine, diff: tuple[str, ...], path: str) -> None:
    """Unless the user wants none; whoever compares."""

    def shown(**variables: str) -> str:
        words = with_variables(cubectl, PATH=path, **variables)
        done = words(*diff, stdin=config_map("web", value="2"), to_terminal=True)
        assert done.code == 1
        return done.out

    coloured = shown()
    assert '\x1b[31m-  x: "1"\x1b[0m\n\x1b[32m+  x: "2"\x1b[0m\n' in coloured
    assert "\x1b" not in shown(NO_COLOR="1")


def test_secrets_are_masked(cubectl: CommandLine, diff: tuple[str, ...]) -> None:
    """Also those in the configuration that was applied last, and of an object that is new."""
    apply = (*diff[:2], "apply", "-f", "-")
    assert cubectl(*apply, stdin=SECRET.format(old="YmVmb3Jl").encode()).code == 0
    for flags in ((), ("--server-side", "--force-conflicts")):
        done = cubectl(*diff, *flags, stdin=SECRET.format(old="YWZ0ZXI=").encode())
        assert "-  old: '*** (before)'\n+  old: '*** (after)'\n   same: '***'\n" in done.out
        assert not re.search("YmVmb3Jl|YWZ0ZXI|c2FtZQ", done.out), done.out
    new = SECRET.format(old="bmV3").replace("word", "new").encode()
    assert "+  old: '***'\n" in cubectl(*diff, stdin=new).out


def test_what_would_be_pruned_is_shown(cubectl: CommandLine, diff: tuple[str, ...]) -> None:
    """As a file that is gone; what was not applied stays."""
    made = cubectl(*diff[:2], "create", "-f", "-", stdin=config_map("made"))
    assert made.code == 0
    done = cubectl(*diff, "--prune", "--concurrency=4", stdin=config_map("new"))
    assert f"/v1.ConfigMap.{diff[1]}.web\t" in done.out
    assert '-  x: "1"\n' in done.out
    assert ".made" not in done.out


def test_a_conflict_is_an_error(cubectl: CommandLine, diff: tuple[str, ...]) -> None:
    """Fields of others are only compared when they would be taken."""
    other = ("--server-side", "--field-manager=other")
    done = cubectl(*diff, *other, stdin=config_map("web", value="2"))
    assert done.code == 2
    assert 'conflict with "kubectl-client-side-apply"' in done.err
    taken = cubectl(*diff, *other, "--force-conflicts", stdin=config_map("web", value="2"))
    assert '+  x: "2"\n' in taken.out
    owners = cubectl(
        *diff, *other, "--force-conflicts", "--show-managed-fields", stdin=config_map("web")
    )
    assert "+    manager: other\n" in owners.out


def test_unknown_fields_are_warned_of(cubectl: CommandLine, diff: tuple[str, ...]) -> None:
    """The server drops them, so they are no difference."""
    stdin = config_map("web") + b"colour: red\n"
    done = cubectl(*diff, stdin=stdin)
    assert (done.code, done.out) == (0, "")
    assert done.err == 'Warning: unknown field "colour"\n'


def test_an_object_on_its_way_out_is_warned_of(cubectl: CommandLine, diff: tuple[str, ...]) -> None:
    """An apply would change nothing that lasts."""
    held = config_map("held", "finalizers: [a.b/c]")
    words = diff[:2]
    assert cubectl(*words, "apply", "-f", "-", stdin=held).code == 0
    assert cubectl(*words, "delete", "cm", "held", "--wait=false").code == 0
    done = cubectl(*diff, stdin=held)
    assert done.err == (
        "Warning: Detected changes to resource held which is currently being deleted.\n"
    )
    free = ("--type=merge", "-p", '{"metadata":{"finalizers":null}}')
    assert cubectl(*words, "patch", "cm", "held", *free).code == 0


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("out", [io.StringIO(), Terminal()], ids=["file", "terminal"])
async def test_lines_are_whole_without_a_program_too(out: io.StringIO) -> None:
    """White space at their end counts, and what Python alone takes for the end of a line."""
    streams = Streams(stdin=io.BytesIO(), out=out, err=io.StringIO())
    with Versions() as versions:
        (versions.live / "object").write_text("x: a\n")
        (versions.merged / "object").write_text("x: a \t\ny: b\u2028c\n")
        assert await program.show(versions, {"PATH": ""}, streams)
    shown = re.sub(r"\x1b\[\d*m", "", out.getvalue())
    assert shown.endswith("@@ -1 +1,2 @@\n-x: a\n+x: a \t\n+y: b\u2028c\n")
