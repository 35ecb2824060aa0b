"""What every command takes of kubectl's flags, and what it refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.client.command_line import CommandLine


@pytest.mark.parametrize(
    "words", [("--kubeconfig=x", "get", "pods"), ("get", "pods", "--password=x")]
)
def test_what_cannot_mean_anything_is_refused_by_name(
    cubectl: CommandLine, words: tuple[str, ...]
) -> None:
    """Before and behind the command, with the reason."""
    done = cubectl(*words)
    flag = next(word for word in words if word.startswith("--")).partition("=")[0]
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(f"error: {flag} is not supported: ")


def test_a_commands_own_flag_is_not_the_one_of_every_command(cubectl: CommandLine) -> None:
    """``--user`` of a binding names who gets the role."""
    binding = ("create", "rolebinding", "b", "--role=r", "--user=ada", "--dry-run=client")
    done = cubectl(*binding, "-o", "jsonpath={.subjects[0].name}")
    assert (done.code, done.out, done.err) == (0, "ada", "")


def test_warnings_can_be_errors(cubectl: CommandLine, namespace: str) -> None:
    """What was asked for is done all the same, as with kubectl."""
    manifest = b"{apiVersion: v1, kind: Endpoints, metadata: {name: a}}"
    create = ("-n", namespace, "create", "-f", "-")
    done = cubectl(*create, "--warnings-as-errors", stdin=manifest)
    assert (done.code, done.out) == (1, "endpoints/a created\n")
    assert done.err.endswith("error: 1 warning received\n")
    get = ("-n", namespace, "get", "endpoints", "a", "-o", "name")
    assert cubectl(*get, "--warnings-as-errors=false").code == 0


def test_words_of_the_command_itself_are_no_warnings_of_the_server(cubectl: CommandLine) -> None:
    """They are printed alike, and do not make a command fail."""
    words = ("create", "role", "r", "--verb=fly", "--resource=pods", "--dry-run=client")
    done = cubectl(*words, "--warnings-as-errors")
    assert done.err == "Warning: 'fly' is not a standard resource verb\n"
    assert done.code == 0


def test_a_group_is_one_group_however_it_is_written(cubectl: CommandLine) -> None:
    """A line break in it does not make two of it."""
    done = cubectl("--as-group=a", "get", "pods", "--as=ada", "--as-group=dev\nsystem:masters")
    assert (done.code, done.out) == (1, "")
    told = "impersonate-group: metadata cannot carry 'dev\\nsystem:masters'"
    assert done.err == f"error: {told}\n"
