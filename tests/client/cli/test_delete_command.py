"""``cubectl delete`` beyond the transcripts."""

from __future__ import annotations

import os
import signal
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.client.cli.test_process import CUBECTL, environ

if TYPE_CHECKING:
    from pathlib import Path

    from tests.client.command_line import CommandLine

OBJECT = """\
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: {name}, namespace: {namespace}, labels: {{app: {name}}}}}
"""


NAMESPACE = """\
---
apiVersion: v1
kind: Namespace
metadata: {{name: {name}}}
"""


@pytest.fixture
def filled(cubectl: CommandLine, namespace: str) -> str:
    """Provide a namespace with ConfigMaps a, b and c."""
    text = "".join(OBJECT.format(name=name, namespace=namespace) for name in "abc")
    done = cubectl("create", "-f", "-", stdin=text.encode())
    assert done.code == 0, done.err
    return namespace


def names(cubectl: CommandLine, namespace: str) -> str:
    """Return the names of the ConfigMaps that are there."""
    out = cubectl("get", "cm", "-o", "name", "-n", namespace).out
    return "".join(line.removeprefix("configmap/") for line in out.splitlines())


def test_objects_are_deleted_by_kind_and_name(cubectl: CommandLine, filled: str) -> None:
    """``KIND NAME...`` and ``KIND/NAME`` mean the same."""
    assert cubectl("delete", "cm", "a", "-n", filled).out == 'configmap "a" deleted\n'
    assert cubectl("delete", "cm/b", "-o", "name", "-n", filled).out == "configmap/b\n"
    assert names(cubectl, filled) == "c"


def test_objects_are_deleted_by_label(cubectl: CommandLine, filled: str) -> None:
    """Each object that matches is deleted and named."""
    done = cubectl("delete", "cm", "-l", "app!=b", "-n", filled)
    assert done.out == 'configmap "a" deleted\nconfigmap "c" deleted\n'
    assert names(cubectl, filled) == "b"
    done = cubectl("delete", "cm", "-l", "app=x", "-n", filled)
    assert (done.code, done.out) == (0, "No resources found\n")


def test_all_objects_of_a_namespace_are_deleted(cubectl: CommandLine, filled: str) -> None:
    """``--all`` means the objects of the namespace."""
    done = cubectl("delete", "cm", "--all", "-n", filled)
    assert done.out.count("deleted") == 3
    assert names(cubectl, filled) == ""


@pytest.mark.parametrize(
    ("mode", "suffix"), [("client", " (dry run)"), ("server", " (server dry run)")]
)
def test_a_dry_run_deletes_nothing(
    cubectl: CommandLine, filled: str, mode: str, suffix: str
) -> None:
    """What would be deleted is named, and stays."""
    done = cubectl("delete", "cm", "a", f"--dry-run={mode}", "-n", filled)
    assert done.out == f'configmap "a" deleted{suffix}\n'
    assert names(cubectl, filled) == "abc"


def test_what_is_missing_can_be_ignored(cubectl: CommandLine, filled: str) -> None:
    """A missing object fails the command after the others were deleted, or is ignored."""
    done = cubectl("delete", "cm", "x", "a", "-n", filled)
    assert (done.code, done.out) == (1, 'configmap "a" deleted\n')
    assert done.err == 'Error from server (NotFound): configmaps "x" not found\n'
    done = cubectl("delete", "cm", "x", "--ignore-not-found", "-n", filled)
    assert (done.code, done.out, done.err) == (0, "", "")


def test_what_finalizers_keep_is_waited_for(cubectl: CommandLine, namespace: str) -> None:
    """An object with finalizers stays; the command waits for it, or for its timeout."""
    text = OBJECT.format(name="kept", namespace=namespace).replace(
        "name: kept,", "name: kept, finalizers: [example.com/keep],", 1
    )
    assert cubectl("create", "-f", "-", stdin=text.encode()).code == 0
    done = cubectl("delete", "cm", "kept", "--timeout=100ms", "-n", namespace)
    assert (done.code, done.out) == (1, 'configmap "kept" deleted\n')
    assert done.err == "error: timed out waiting for the condition on configmaps/kept\n"
    assert cubectl("delete", "cm", "kept", "--wait=false", "-n", namespace).code == 0


@pytest.mark.parametrize(
    ("args", "err"),
    [
        (["pods"], "resource(s) were provided, but no name was specified"),
        (["pods", "x", "-l", "a"], "name cannot be provided when a selector is specified"),
        (["pods", "x", "--all"], "name cannot be provided when a selector is specified"),
        (["pods/x", "--all"],
         "selectors and the all flag cannot be used when passing resource/name arguments"),
        (["--all"], "at least one resource must be specified to use a selector"),
        (["pods", "x", "-A"], "a resource cannot be retrieved by name across all namespaces"),
        (["pods", "-f", "-"],
         ("when paths, URLs, or stdin is provided as input, "
         "you may not specify resource arguments as well")),
        (["pods/x", "-f", "-"],
         "resource/name arguments cannot be provided when a path is specified"),
        (["pod", "x", "--now", "--force"],
         "--force and --grace-period greater than 0 cannot be specified together"),
        (["pods", "--all", "-l", "a"], "setting 'all' parameter but found a non empty selector. "),
        (["pod", "x", "--now", "--grace-period=5"],
         "--now and --grace-period cannot be specified together"),
        (["pod", "x", "--cascade=x"],
         'invalid cascade value (x). Must be "background", "foreground", or "orphan"'),
        (["pod", "x", "--dry-run=x"],
         'Invalid dry-run value (x). Must be "none", "server", or "client".'),
        (["pod", "x", "-o", "yaml"], "unexpected -o output mode: yaml. We only support '-o name'"),
    ],
)  # fmt: skip
def test_a_wrong_request_is_refused_as_kubectl_does(
    cubectl: CommandLine, args: list[str], err: str
) -> None:
    """Nothing is deleted on a misunderstanding."""
    done = cubectl("delete", *args)
    assert (done.code, done.out, done.err) == (1, "", f"error: {err}\n")


def test_delete_without_anything_shows_how_it_is_called(cubectl: CommandLine) -> None:
    """The error holds examples."""
    done = cubectl("delete")
    assert done.err == (
        "error: You must provide one or more resources by argument or filename.\n"
        "Example resource specifications include:\n"
        "   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   '<resource> <name>'\n   '<resource>'\n"
    )


def test_flags_say_how_much_time_is_given(cubectl: CommandLine, filled: str) -> None:
    """Only ``--force`` deletes at once, and warns; a boolean ``--cascade`` is an old form."""
    flags = ("delete", "cm", "a", "--dry-run=client", "-n", filled)
    done = cubectl(*flags, "--force")
    assert done.out == 'configmap "a" force deleted (dry run)\n'
    assert done.err.startswith("Warning: Immediate deletion does not wait for confirmation that")
    for quiet in ("--now", "--grace-period=0", "--grace-period=5", "--cascade", "--cascade=orphan"):
        done = cubectl(*flags, quiet)
        assert (done.out, done.err) == ('configmap "a" deleted (dry run)\n', "")
    for given, meant in (("true", "background"), ("F", "orphan")):
        assert cubectl(*flags, f"--cascade={given}").err == (
            f"warning: --cascade={given} is deprecated (boolean value) "
            f"and can be replaced with --cascade={meant}.\n"
        )


def test_a_namespace_given_for_what_lives_in_none_is_warned_of(
    cubectl: CommandLine, namespace: str
) -> None:
    """Once, however many objects there are."""
    flags = ("delete", "ns", namespace, "other", "--dry-run=client")
    assert cubectl(*flags).err == ""
    assert cubectl(*flags, "-n", "x").err == (
        "Warning: deleting cluster-scoped resources, not scoped to the provided namespace\n"
    )


def test_several_kinds_are_deleted_by_one_name(cubectl: CommandLine, filled: str) -> None:
    """``a,b c`` means ``a/c b/c``; each error is told, the rest is done."""
    done = cubectl("delete", "cm,secret", "a", "-n", filled)
    assert (done.code, done.out) == (1, 'configmap "a" deleted\n')
    assert done.err == 'Error from server (NotFound): secrets "a" not found\n'


def test_what_a_selector_found_may_be_gone(cubectl: CommandLine, filled: str) -> None:
    """Nobody asked for it by name, so that is no error; nothing found is none either."""
    done = cubectl("delete", "cm,secret", "-l", "app=none", "-n", filled)
    assert (done.code, done.out, done.err) == (0, "No resources found\n", "")


def test_a_dry_run_does_not_wait(cubectl: CommandLine, namespace: str) -> None:
    """What finalizers keep goes on being there, whoever asks."""
    text = OBJECT.format(name="kept", namespace=namespace)
    kept = text.replace("name: kept,", "name: kept, finalizers: [example.com/keep],", 1)
    assert cubectl("create", "-f", "-", stdin=kept.encode()).code == 0
    assert cubectl("delete", "cm", "kept", "--wait=false", "-n", namespace).code == 0
    done = cubectl("delete", "cm", "kept", "--dry-run=server", "-n", namespace)
    assert (done.code, done.err) == (0, "")


@pytest.mark.parametrize(
    ("answer", "gone"),
    [("y\n", True), ("\nY", True), ("n\n", False), ("yes\n", False), ("", False)],
)
def test_who_is_asked_sees_what_is_meant(
    cubectl: CommandLine,
    filled: str,
    answer: str,
    gone: bool,  # noqa: FBT001  # a table of cases
) -> None:
    """``--interactive`` deletes after a plain yes only; nothing else counts as one."""
    done = cubectl("delete", "cm", "a", "b", "-i", "-n", filled, stdin=answer.encode())
    assert (done.code, done.err) == (0, "")
    assert done.out == (
        "You are about to delete the following 2 resource(s):\nconfigmap/a\nconfigmap/b\n"
        "Do you want to continue? (y/n): "
        + ('configmap "a" deleted\nconfigmap "b" deleted\n' if gone else "deletion is cancelled\n")
    )
    assert names(cubectl, filled) == ("c" if gone else "abc")


def test_who_is_asked_about_a_file_sees_its_objects(
    cubectl: CommandLine, filled: str, tmp_path: Path
) -> None:
    """It is read once; a file that cannot be read to its end is not asked about."""
    file = tmp_path / "x.yaml"
    file.write_text(OBJECT.format(name="a", namespace=filled))
    done = cubectl("delete", "-f", str(file), "-i", stdin=b"y")
    assert done.out.endswith('configmap/a\nDo you want to continue? (y/n): configmap "a" deleted\n')
    file.write_text(OBJECT.format(name="b", namespace=filled) + "---\nkind: Nope\n")
    done = cubectl("delete", "-f", str(file), "-i", stdin=b"y")
    assert (done.code, done.out) == (1, "")
    assert names(cubectl, filled) == "bc"


def test_a_question_can_be_interrupted(server: str, filled: str) -> None:
    """Ctrl-C does not wait for an answer, and nothing is deleted."""
    process = subprocess.Popen(
        [*CUBECTL, "delete", "cm", "--all", "-i", "-n", filled],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environ(server),
    )
    assert process.stdout is not None
    said = b""
    while not said.endswith(b"(y/n): "):
        said += os.read(process.stdout.fileno(), 1000)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=30) == 130
    out, err = process.communicate()
    assert (out, err) == (b"", b"")


@pytest.mark.parametrize("parallel", ["1", "32"])
def test_a_namespace_takes_what_follows_it_along(
    cubectl: CommandLine, filled: str, parallel: str
) -> None:
    """What was in a namespace of the same manifest is deleted, whichever of the two was quicker."""
    many = "".join(OBJECT.format(name=f"cm-{number}", namespace=filled) for number in range(200))
    assert cubectl("create", "-f", "-", stdin=many.encode()).code == 0
    text = NAMESPACE.format(name=filled) + many
    done = cubectl("delete", "-f", "-", "--parallel", parallel, stdin=text.encode())
    assert (done.code, done.err) == (0, "")
    said = [f'namespace "{filled}" deleted']
    said += [f'configmap "cm-{number}" deleted' for number in range(200)]
    assert done.out.splitlines() == said
    done = cubectl("get", "ns", filled)
    assert done.err == f'Error from server (NotFound): namespaces "{filled}" not found\n'
    done = cubectl("delete", "-f", "-", stdin=OBJECT.format(name="a", namespace=filled).encode())
    assert (done.code, 'configmaps "a" not found' in done.err) == (1, True)


def test_a_namespace_is_waited_for_until_it_is_gone(cubectl: CommandLine, filled: str) -> None:
    """Its deletion goes on after the answer; what holds it is named in its status."""
    kept = OBJECT.format(name="kept", namespace=filled).replace(
        "labels", "finalizers: [example.com/hold], labels"
    )
    assert cubectl("create", "-f", "-", stdin=kept.encode()).code == 0
    done = cubectl("delete", "ns", filled, "--timeout=2s")
    assert done.code == 1
    assert done.err == f"error: timed out waiting for the condition on namespaces/{filled}\n"
    status = cubectl("get", "ns", filled, "-o", "jsonpath={.status.conditions[*].message}").out
    assert "Some resources are remaining: configmaps. has 1 resource instances" in status
    assert "finalizers remaining: example.com/hold in 1 resource instances" in status
    assert names(cubectl, filled) == "kept"
