"""Aliases and defaults of flags in a kuberc beside the config file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.client.command_line import CommandLine

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "apiVersion: kubectl.config.k8s.io/v1alpha1\nkind: Preference\n"
PREFERENCES = f"""{HEAD}
aliases:
- name: mk
  command: create configmap
  prependArgs: [web]
  appendArgs: ["--from-literal=c=3"]
  flags: [{{name: dry-run, default: client}}, {{name: output, default: "jsonpath={{.data}}"}}]
- name: get
  command: delete
overrides:
- command: create configmap
  flags: [{{name: from-literal, default: a=1}}]
"""


@pytest.fixture
def kuberc(tmp_path: Path) -> Path:
    """Provide the file in the usual place."""
    file = tmp_path / ".config" / "protocube" / "kuberc"
    file.parent.mkdir(parents=True)
    file.write_text(PREFERENCES)
    return file


@pytest.fixture
def cubectl(tmp_path: Path) -> CommandLine:
    """Provide the command line of a user with such a file."""
    return CommandLine(environ={"HOME": str(tmp_path)})


def test_an_alias_is_a_command(cubectl: CommandLine, kuberc: Path) -> None:
    """With arguments around what is given, and defaults of flags that are not."""
    assert kuberc.exists()
    assert cubectl("mk").out == '{"c":"3"}'
    assert cubectl("mk", "--from-literal=b=2").out == '{"b":"2","c":"3"}'
    done = cubectl("mk", "-o", "name")
    assert (done.code, done.out, done.err) == (0, "configmap/web\n", "")


def test_a_default_holds_unless_the_flag_is_given(cubectl: CommandLine, kuberc: Path) -> None:
    """By either of its names."""
    assert kuberc.exists()
    words = ("create", "configmap", "x", "--dry-run=client", "-o=jsonpath={.data}")
    assert cubectl(*words).out == '{"a":"1"}'
    assert cubectl(*words, "--from-literal=b=2").out == '{"b":"2"}'


def test_a_command_is_no_alias(cubectl: CommandLine, kuberc: Path) -> None:
    """So that nothing that was learnt means something else."""
    assert kuberc.exists()
    assert cubectl("get").err.startswith("You must specify the type of resource to get.")


def test_an_alias_is_completed(cubectl: CommandLine, kuberc: Path) -> None:
    """Its name, and what its command takes."""
    assert kuberc.exists()
    assert cubectl("__complete", "m").out == "mk\tAlias of create configmap\n"
    assert "--from-literal=\t" in cubectl("__complete", "mk", "--from-l").out


def test_the_file_can_be_another_one_or_none(tmp_path: Path, kuberc: Path) -> None:
    """The environment says so."""
    other = tmp_path / "other"
    kuberc.rename(other)
    named = {"HOME": str(tmp_path), "PROTOCUBE_KUBERC": str(other)}
    assert CommandLine(environ=named)("mk").out == '{"c":"3"}'
    other.rename(kuberc)
    off = CommandLine(environ={"HOME": str(tmp_path), "PROTOCUBE_KUBERC": "off"})
    assert off("mk").err.startswith('error: unknown command "mk"')
    missing = CommandLine(environ=named)("version", "--client")
    told = f'error: error loading preferences "{other}": it does not exist\n'
    assert (missing.code, missing.err) == (1, told)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[", "did not find expected"),
        ("kind: Config", "it must be a Preference"),
        ("kind: Preference", "apiVersion must be one of"),
        (HEAD + "aliases: 5", "aliases must be a list"),
        (HEAD + "aliases: [5]", "aliases[0] must be an object"),
        (HEAD + "aliases: [{command: get}]", "aliases[0].name must be a string"),
        (
            HEAD + "aliases: [{name: x, command: get, prependArgs: [1]}]",
            "must be a list of strings",
        ),
        (
            HEAD + "overrides: [{command: version, flags: [{name: nothing, default: x}]}]",
            '"version" has no flag "nothing"',
        ),
        (
            HEAD + "overrides: [{command: version, flags: [{name: client}]}]",
            "overrides[0].flags[0].default must be a string",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_place(
    cubectl: CommandLine, kuberc: Path, text: str, fault: str
) -> None:
    """Before anything is done."""
    kuberc.write_text(text)
    done = cubectl("version", "--client")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(f'error: error loading preferences "{kuberc}": ')
    assert fault in done.err
