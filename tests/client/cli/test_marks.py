"""``cubectl label`` and ``cubectl annotate``: what the recorded scenarios do not show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from protocube_client.cli.failures import CommandError
from protocube_client.cli.marking import changes

if TYPE_CHECKING:
    from tests.client.command_line import CommandLine


def test_arguments_are_objects_and_changes() -> None:
    """Changes are those with a value, and those that end in a dash."""
    assert changes.split(("pods", "a", "x=y", "z-"), "label") == (("pods", "a"), ("x=y", "z-"))
    assert changes.split(("pods", "=x", "-"), "label") == (("pods", "=x", "-"), ())
    with pytest.raises(CommandError, match=r"^all resources must be specified before label chang"):
        changes.split(("x=y", "pods"), "label")


def test_a_label_has_one_value() -> None:
    """An annotation's value may hold any character."""
    with pytest.raises(CommandError, match=r"^invalid label spec: a=b=c$"):
        changes.of_labels(("a=b=c",))
    assert changes.of_annotations(("a=b=c",)).values == {"a": "b=c"}


@pytest.mark.parametrize("command", ["label", "annotate"])
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--local", "pod", "a"), "can only use local files by -f "),
        (("--local",), "one or more files must be specified as -f "),
        (("--local", "--dry-run=server"), "cannot specify --local and --dry-run=server - did"),
        (("pod", "a", "--list", "-o", "name"), "--list and --output may not be specified toget"),
        (("pods", "--all", "--field-selector=a=b"), "cannot set --all and --field-selector at"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    cubectl: CommandLine, command: str, arguments: tuple[str, ...], told: str
) -> None:
    """In kubectl's words, before any call."""
    done = cubectl(command, *arguments, "x=y")
    assert done.code == 1
    assert done.err.startswith(f"error: {told}"), done.err


@pytest.mark.parametrize("command", ["label", "annotate"])
def test_only_what_is_named_is_changed(cubectl: CommandLine, namespace: str, command: str) -> None:
    """What others have added since the object was read stays, because a patch is sent."""
    assert cubectl("-n", namespace, "create", "configmap", "a").code == 0
    for change in ("a=1", "b=2"):
        assert cubectl("-n", namespace, command, "cm", "a", change).code == 0
    done = cubectl("-n", namespace, command, "cm", "a", "a-", "c=3")
    assert (done.code, done.err) == (0, "")
    shown = cubectl("-n", namespace, command, "cm", "a", "--list")
    assert shown.out == "b=2\nc=3\n"


def test_every_fault_of_an_object_is_told(cubectl: CommandLine, namespace: str) -> None:
    """Several labels that have other values are an error each."""
    assert cubectl("-n", namespace, "create", "configmap", "a").code == 0
    assert cubectl("-n", namespace, "label", "cm", "a", "x=1", "y=1").code == 0
    done = cubectl("-n", namespace, "label", "cm", "a", "x=2", "y=2")
    assert done.code == 1
    assert done.err.count("already has a value (1), and --overwrite is false") == 2
