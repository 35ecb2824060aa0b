"""``cubectl edit``: with editors that are scripts, and with one at a terminal."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
import termios
from typing import TYPE_CHECKING

import pytest

from tests.client.command_line import CommandLine

if TYPE_CHECKING:
    from tests.client.cli.editing import Editing


# A program at a terminal of its own, so that Ctrl-C is a signal to it.
AT_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.executable, [sys.executable, "-m", "protocube_client", *sys.argv[1:]])
"""
# It turns the echo off and leaves it so, as an editor that crashes would.
TERMINAL_EDITOR = """
import pathlib, signal, subprocess, sys
signal.signal(signal.SIGINT, lambda *_: None)
# A handler of Python would not run while input() waits, if the signal came just before that.
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
subprocess.run(["stty", "-echo"])
print("opened", flush=True)
signal.sigwait([signal.SIGINT])
print("interrupted", flush=True)
path = pathlib.Path(sys.argv[1])
path.write_text(path.read_text().replace("old", input()))
"""


def test_what_is_saved_is_sent(editing: Editing) -> None:
    """The change alone: what another program sets meanwhile stays."""
    meanwhile = editing.cubectl
    label = (
        f"""'{sys.executable}' -m protocube_client -n {editing.namespace} label cm conf by=other"""
    )
    done = editing.edit(f"sed -i s/old/new/ $1; {label} >/dev/null", "cm/conf", "--output-patch")
    assert (done.code, done.err) == (0, "")
    assert done.out == 'Patch: {"data":{"a":"new"}}\nconfigmap/conf edited\n'
    assert editing.data() == {"a": "new"}
    labels = meanwhile("-n", editing.namespace, "get", "cm", "conf", "-o=jsonpath={..by}")
    assert labels.out == "other"
    assert editing.left == []


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("true", "no changes made"),
        ("echo '# no more than a comment' >>$1", "no changes made"),
        ("sed -i 's/^data:/data:   # some/' $1", "no changes made"),
        (": >$1", "saved file was empty"),
    ],
)
def test_nothing_is_sent_without_a_change(editing: Editing, script: str, told: str) -> None:
    """Comments and spaces are none; an empty file is no wish either."""
    done = editing.edit(script, "cm/conf", "--validate=ignore")
    assert (done.code, done.out, done.err) == (0, "", f"Edit cancelled, {told}.\n")
    assert editing.left == []


def test_what_is_wrong_stands_on_top(editing: Editing) -> None:
    """The text is opened again with the faults, as often as it takes."""
    script = """
    cp $1 seen-$(ls | grep -c seen-)
    if grep -q 'was not valid' $1; then sed -i 's/bad key/good/' $1; else
      sed -i 's/^data:/data:\\n  "bad key": "1"\\n  text: |\\n    # no comment/' $1; fi
    """
    done = editing.edit(f"cd {editing.folder}; {script}", "cm/conf")
    assert (done.code, done.out) == (0, "configmap/conf edited\n")
    assert done.err == 'error: configmaps "conf" is invalid\n'
    seen = (editing.folder / "seen-1").read_text()
    assert '# configmaps "conf" was not valid:\n# * data[bad key]: Invalid value: ' in seen
    assert editing.data() == {"a": "old", "good": "1", "text": "# no comment\n"}
    assert editing.left == []


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("s/^data:/data: [/", "yaml: line 3: did not find expected ',' or ']'"),
        ("s/^kind:.*//", "kind not set"),
        ("s/^data:/odd: 1\\ndata:/", 'strict decoding error: unknown field "odd"'),
        ("s/^.*:.*//", "invalid object to validate"),
    ],
)
def test_what_cannot_be_read_is_opened_again(editing: Editing, script: str, told: str) -> None:
    """Until it is left as it is: then the file is named, and holds what was saved."""
    keep = f"cp $1 {editing.folder}/last"
    done = editing.edit(f"grep -q 'not valid' $1 || sed -i '{script}' $1; {keep}", "cm/conf")
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        'error: configmaps "conf" is invalid\n'
        f'A copy of your changes has been stored to "{editing.left[0]}"\n'
        "error: Edit cancelled, no valid changes were saved.\n"
    )
    assert told in (editing.folder / "last").read_text()
    assert editing.data() == {"a": "old"}


def test_several_objects_are_one_text(editing: Editing) -> None:
    """Those that were not changed are skipped."""
    done = editing.edit("sed -i '0,/old/s//new/' $1", "cm", "conf", "more")
    assert (done.code, done.err) == (0, "")
    assert done.out == "configmap/conf edited\nconfigmap/more skipped\n"
    assert (editing.data(), editing.data("more")) == ({"a": "new"}, {"a": "old"})


def test_json_has_no_comments(editing: Editing) -> None:
    """What is wrong is told on standard error."""
    script = """case $(grep -c 'bad key' $1) in 0) sed -i 's/"a"/"bad key"/' $1;;
    *) sed -i 's/bad key/b/' $1;; esac"""
    done = editing.edit(script, "cm/conf", "-o=json")
    assert json.loads(done.out)["data"] == {"b": "old"}
    assert done.err.startswith('error: configmaps "conf" is invalid\n# configmaps "conf" was not')


def test_lines_of_windows(editing: Editing) -> None:
    """They are written so where it is asked for, and read."""
    crlf = "$(printf '\\r')"
    script = f'grep -q "data:{crlf}" $1 && sed -i s/old/new/ $1'
    done = editing.edit(script, "cm/conf", "--windows-line-endings")
    assert (done.code, done.out) == (0, "configmap/conf edited\n"), done.err
    assert editing.data() == {"a": "new"}


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("s/  name: conf/  name: other/", "At least one of apiVersion, kind and name was changed"),
        ("s/^kind: .*/kind: Secret/", "At least one of apiVersion, kind and name was changed"),
        ("s/  namespace: .*/  namespace: x/", "the namespace from the provided object"),
        ("s/  uid: .*//;s/  name: conf/  name: other/", "no original object found for ConfigMap"),
    ],
)
def test_an_object_stays_the_one_it_is(editing: Editing, script: str, told: str) -> None:
    """Otherwise nothing is sent, and the file is kept."""
    done = editing.edit(f"sed -i '{script}' $1", "cm/conf")
    assert done.code == 1
    kept, refused = done.err.splitlines()
    assert kept == f'A copy of your changes has been stored to "{editing.left[0]}"'
    assert refused.startswith(f"error: {told}")


@pytest.mark.parametrize(
    ("script", "told", "advice"),
    [
        (
            's/resourceVersion: .*/resourceVersion: "1"/',
            'configmaps "conf" could not be patched: Operation cannot be fulfilled on configmaps',
            "You can run `cubectl replace -f {file}` to try this update again.",
        ),
        (
            "s/old/new/",
            'configmaps "conf" could not be found on the server',
            'The edits you made on deleted resources have been saved to "{file}"',
        ),
    ],
)
def test_what_is_refused_is_kept(editing: Editing, script: str, told: str, advice: str) -> None:
    """With what can be done with the file."""
    command = f"'{sys.executable}' -m protocube_client -n {editing.namespace} delete cm conf"
    delete = f"{command} >/dev/null" if "found" in told else "true"
    done = editing.edit(f"sed -i '{script}' $1; {delete}", "cm/conf")
    assert (done.code, done.out) == (1, "")
    first, last = done.err.splitlines()
    assert first.startswith(f"error: {told}")
    assert last == advice.format(file=editing.left[0])


def test_the_configuration_can_be_kept(editing: Editing) -> None:
    """In the annotation that apply reads."""
    done = editing.edit("sed -i s/old/new/ $1", "cm/conf", "--save-config")
    assert done.out == "configmap/conf edited\n", done.err
    path = r"-o=jsonpath={.metadata.annotations.kubectl\.kubernetes\.io/last-applied-configuration}"
    kept = json.loads(editing.cubectl("-n", editing.namespace, "get", "cm", "conf", path).out)
    assert kept["data"] == {"a": "new"}


@pytest.mark.parametrize("part", ["status", "scale"])
def test_a_part_of_an_object(editing: Editing, part: str) -> None:
    """Its status, or its scale as a text of its own."""
    at = ("-n", editing.namespace)
    assert editing.cubectl(*at, "create", "deploy", "web", "--image=web:1").code == 0
    done = editing.edit(
        "sed -i 's/replicas: 1/replicas: 3/' $1", "deploy/web", f"--subresource={part}"
    )
    spec = editing.cubectl(*at, "get", "deploy", "web", "-o=jsonpath={.spec.replicas}").out
    if part == "scale":
        assert (done.code, spec) == (0, "3"), done.err
    else:
        # Of the specification nothing is written.
        assert (done.code, spec) == (0, "1"), done.err


@pytest.mark.parametrize(
    ("editor", "told"),
    [
        ("/nowhere/editor", 'unable to launch the editor "/nowhere/editor"'),
        ("false", 'there was a problem with the editor "false"'),
        ("false --wait", 'there was a problem with the editor "false --wait"'),
    ],
)
def test_an_editor_that_fails(editing: Editing, editor: str, told: str) -> None:
    """Nothing is sent, and no file is left that says nothing new."""
    run = CommandLine(environ={**editing.environ, "EDITOR": editor})
    done = run("-n", editing.namespace, "edit", "cm/conf")
    assert (done.code, done.err) == (1, f"error: {told}\n")
    assert editing.left == []
    done = editing.edit("sed -i s/old/new/ $1; exit 3", "cm/conf")
    assert f'stored to "{editing.left[0]}"' in done.err
    assert "a: new" in editing.left[0].read_text()


def test_an_editor_with_quotes_is_read_by_a_shell(editing: Editing) -> None:
    """As git and kubectl do."""
    path = editing.script('sed -i "s/old/$1/" $2')
    run = CommandLine(environ={**editing.environ, "EDITOR": f"{path} 'two words'"})
    assert run("-n", editing.namespace, "edit", "cm/conf").out == "configmap/conf edited\n"
    assert editing.data() == {"a": "two words"}


@pytest.mark.parametrize(
    ("args", "told"),
    [
        ((), "error: You must provide one or more resources by argument or filename."),
        (("cm/missing",), 'Error from server (NotFound): configmaps "missing" not found'),
        (("secrets",), "error: edit cancelled, no objects found"),
        (
            ("cm/conf", "-o=name"),
            'error: unable to match a printer suitable for the output format "name"',
        ),
    ],
)
def test_what_cannot_be_edited(editing: Editing, args: tuple[str, ...], told: str) -> None:
    """No editor is opened."""
    done = editing.edit("touch $HOME/opened", *args)
    assert done.code == 1
    assert done.err.startswith(told), done.err
    assert not (editing.folder / "opened").exists()


def test_the_terminal_is_the_editors(editing: Editing) -> None:
    """Ctrl-C is for the editor, and the terminal is left as it was whatever the editor did."""
    script = editing.folder / "editor.py"
    script.write_text(TERMINAL_EDITOR)
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", AT_TERMINAL, "-n", editing.namespace, "edit", "cm/conf"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**editing.environ, "KUBE_EDITOR": f"{sys.executable} {script}"},
        start_new_session=True,
    )
    try:
        heard = _heard(ours, b"opened")
        os.write(ours, b"\x03")
        heard += _heard(ours, b"interrupted")
        os.write(ours, b"new\n")
        heard += _heard(ours, b"edited")
        assert process.wait(timeout=30) == 0, heard
        assert termios.tcgetattr(theirs)[3] & termios.ECHO
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            process.wait()
        os.close(ours)
        os.close(theirs)
    assert editing.data() == {"a": "new"}


def _heard(terminal: int, wanted: bytes) -> bytes:
    heard = b""
    while wanted not in heard:
        readable, _, _ = select.select([terminal], [], [], 60)
        assert readable, f"{wanted!r} was not heard, but {heard!r}"
        heard += os.read(terminal, 4096)
    return heard
