"""Completion: what ``cubectl __complete`` answers, and what shells make of it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from protocube_client.cli.commands.completion import scripts
from tests.client.command_line import CommandLine

if TYPE_CHECKING:
    from collections.abc import Mapping


@pytest.fixture
def filled(cubectl: CommandLine, namespace: str) -> str:
    """Provide a namespace with the ConfigMaps web, api and web-2."""
    for name in ("web", "api", "web-2"):
        assert cubectl("create", "cm", name, "-n", namespace).code == 0
    return namespace


def words(cubectl: CommandLine, *args: str) -> list[str]:
    """Return what the last of ``args`` can become, without what it means."""
    done = cubectl("__complete", *args)
    assert (done.code, done.err) == (0, "")
    return [line.partition("\t")[0] for line in done.out.splitlines()]


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (["cr"], ["create"]),
        (["con"], ["config"]),
        (["__"], []),
        (["-n", "x", "ver"], ["version"]),
        (["create", "s"], ["secret", "service", "serviceaccount"]),
        (["create", "secret", "t"], ["tls"]),
        (["create", "ns", "--dry"], ["--dry-run"]),
        (["create", "-f", ""], [":files"]),
        (["create", "--filename=x"], [":files"]),
        (["--config", ""], [":files"]),
        (["create", "-f", "x", "--val"], ["--validate"]),
        (["get", "--outp"], ["--output=", "--output-watch-events"]),
        (["get", "pods", "-o", "y"], ["yaml"]),
        (["get", "--output=js"], ["--output=json", "--output=jsonpath",
                                  "--output=jsonpath-as-json", "--output=jsonpath-file"]),
        (["get", "--output", "=", "ya"], ["yaml"]),
        (["get", "--output", "="], ["custom-columns"]),
        (["delete", "--cascade=o"], ["--cascade=orphan"]),
        (["get", "deploy"], ["deployments"]),
        (["get", "pods,deploy"], ["pods,deployments"]),
        (["help", "create", "secret", ""], ["docker-registry", "generic", "tls"]),
        (["completion", ""], ["bash", "zsh", "fish"]),
        (["nope", "x"], []),
    ],
)  # fmt: skip
def test_what_the_command_line_knows_is_completed(
    tmp_path: Path, args: list[str], expected: list[str]
) -> None:
    """Commands, flags and their values, and kinds, without a server."""
    cubectl = CommandLine(environ={"HOME": str(tmp_path), "PROTOCUBE_SERVER": "127.0.0.1:1"})
    assert words(cubectl, *args)[: len(expected) or None] == expected


def test_names_come_from_the_server(cubectl: CommandLine, filled: str) -> None:
    """Of the kind that is named, in the namespace that is given, each once."""
    assert words(cubectl, "-n", filled, "get", "cm", "w") == ["web", "web-2"]
    assert words(cubectl, "get", f"--namespace={filled}", "cm", "web", "") == ["api", "web-2"]
    assert words(cubectl, "-n", filled, "delete", "cm/a") == ["cm/api"]
    assert filled in words(cubectl, "get", "cm", "-n", "")


def test_contexts_and_users_come_from_the_config_file(tmp_path: Path) -> None:
    """For ``--context`` and ``--user``, and for the commands that take one."""
    cubectl = CommandLine(environ={"HOME": str(tmp_path)})
    for name in ("dev", "prod"):
        assert cubectl("config", "set-context", name, "--server=a:1").code == 0
    assert words(cubectl, "config", "use-context", "") == ["dev", "prod"]
    assert words(cubectl, "--context", "p") == ["prod"]
    assert cubectl("config", "set-credentials", "ada", "--token=t").code == 0
    assert words(cubectl, "get", "pods", "--user", "") == ["ada"]


def test_an_unreachable_server_completes_nothing(tmp_path: Path) -> None:
    """And says nothing: the shell's line is no place for errors."""
    cubectl = CommandLine(environ={"HOME": str(tmp_path), "PROTOCUBE_SERVER": "127.0.0.1:1"})
    assert words(cubectl, "get", "pods", "") == []


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ([], "Shell not specified."),
        (["bash", "zsh"], "Too many arguments. Expected only the shell type."),
        (["tcsh"], 'Unsupported shell type "tcsh".'),
    ],
)
def test_a_shell_must_be_known(tmp_path: Path, args: list[str], message: str) -> None:
    """Three are."""
    done = CommandLine(environ={"HOME": str(tmp_path)})("completion", *args)
    assert (done.code, done.out) == (1, "")
    assert done.err == (f"error: {message}\nSee 'cubectl completion -h' for help and examples\n")


def test_the_scripts_are_printed(tmp_path: Path) -> None:
    """Each begins with what it is."""
    cubectl = CommandLine(environ={"HOME": str(tmp_path)})
    for shell in ("bash", "zsh", "fish"):
        assert f"# {shell} completion for cubectl\n" in cubectl("completion", shell).out


def bash(line: str, environ: Mapping[str, str]) -> list[str]:
    """Return what bash's completion makes of ``line``."""
    program = f"""
{scripts.BASH}
compopt() {{ :; }}
COMP_LINE={line!r}
COMP_WORDS=({line})
[[ $COMP_LINE == *" " ]] && COMP_WORDS+=("")
COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
__cubectl_complete
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    done = subprocess.run(
        ["bash", "--norc", "-c", program], capture_output=True, text=True, check=True, env=environ
    )
    assert done.stderr == ""
    return done.stdout.split("\n")[:-1]


@pytest.mark.skipif(not shutil.which("bash"), reason="there is no bash")
def test_bash_completes(server: str, filled: str, tmp_path: Path) -> None:
    """The script hands over the words and takes the candidates without their meaning."""
    environ = shell_environ(server, tmp_path)
    assert bash("cubectl conf", environ) == ["config"]
    assert bash(f"cubectl get -n {filled} cm w", environ) == ["web", "web-2"]
    assert bash(f"cubectl get -n {filled} cm web ", environ) == ["api", "web-2"]


@pytest.mark.skipif(not shutil.which("zsh"), reason="there is no zsh")
def test_zsh_completes(server: str, filled: str, tmp_path: Path) -> None:
    """A word that is whole ends with a space; one that goes on does not; else files are meant."""
    environ = shell_environ(server, tmp_path)
    assert zsh("cubectl conf", environ) == ["config"]
    assert zsh(f"cubectl get -n {filled} cm w", environ) == ["web", "web-2"]
    assert zsh("cubectl get --namesp", environ) == ["--namespace=..."]
    assert zsh("cubectl create -f ", environ) == ["files"]
    assert zsh("cubectl --context ", environ) == []


@pytest.mark.skipif(not shutil.which("fish"), reason="there is no fish")
def test_fish_completes(server: str, filled: str, tmp_path: Path) -> None:
    """Words come with their meaning; where there are none, files do."""
    environ = shell_environ(server, tmp_path)
    assert fish("cubectl conf", environ) == ["config\tShow and change the config file"]
    assert fish(f"cubectl get -n {filled} cm w", environ) == ["web", "web-2"]
    (tmp_path / "pod.yaml").touch()
    assert fish("cubectl create -f po", environ) == ["pod.yaml"]
    assert fish("cubectl --context ", environ) == []


def zsh(line: str, environ: Mapping[str, str]) -> list[str]:
    """Return what zsh's completion makes of ``line``: words to add, those with more to follow."""
    program = f"""
compdef() {{ :; }}
compadd() {{
    local after=
    [[ $* == *"-S  -- "* ]] && after=...
    while [[ $1 != -- ]]; do shift; done
    shift
    for word in "$@"; do print -r -- "$word$after"; done
}}
compset() {{ :; }}
_files() {{ print files; }}
{scripts.OF["zsh"]}
words=({line})
[[ {line!r} == *" " ]] && words+=("")
CURRENT=${{#words}}
_cubectl
"""
    done = subprocess.run(
        ["zsh", "-f", "-c", program], capture_output=True, text=True, check=True, env=environ
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


def fish(line: str, environ: Mapping[str, str]) -> list[str]:
    """Return what fish offers for ``line``."""
    program = f"{scripts.OF['fish']}\ncomplete -C {line!r}"
    done = subprocess.run(
        ["fish", "--no-config", "-c", program],
        capture_output=True, text=True, check=True, env=environ, cwd=environ["HOME"],
    )  # fmt: skip
    return done.stdout.splitlines()


def shell_environ(server: str, home: Path) -> dict[str, str]:
    """Return the environment of a shell that finds ``cubectl``, and the server."""
    folder = Path(sys.executable).parent
    return {"HOME": str(home), "PROTOCUBE_SERVER": server, "PATH": f"{folder}:/usr/bin:/bin"}


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_can_read_their_script(shell: str) -> None:
    """The syntax is right."""
    found = shutil.which(shell)
    if not found:
        pytest.skip(f"there is no {shell}")
    done = subprocess.run([found, "-n"], input=scripts.OF[shell], text=True, check=False)
    assert done.returncode == 0
