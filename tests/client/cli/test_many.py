"""Thousands of objects in one command: order, dependencies, interruption, memory."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.client.cli.test_process import CUBECTL, environ

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tests.client.command_line import CommandLine, Done


def manifest(name: str, namespace: str, *, kind: str = "ConfigMap", more: str = "") -> str:
    """Return a document."""
    where = f", namespace: {namespace}" if namespace else ""
    return f"apiVersion: v1\nkind: {kind}\nmetadata: {{name: {name}{where}}}\n{more}---\n"


def create(cubectl: CommandLine, documents: Iterable[str], *flags: str) -> Done:
    """Create what standard input holds."""
    return cubectl("create", "-f", "-", *flags, stdin="".join(documents).encode())


def mixed(namespace: str) -> list[str]:
    """Return documents of which some fail, each in a way of its own."""
    documents = []
    for number in range(120):
        name = f"n{number}"
        match number % 12:
            case 3:
                documents.append(manifest("n0", namespace))
            case 5:
                documents.append(manifest(name, namespace, more="colour: red\n"))
            case 7:
                documents.append(manifest(name, "nowhere"))
            case 9:
                documents.append(manifest(name, namespace, kind="Widget"))
            case 11:
                documents.append(manifest("Bad_Name", namespace))
            case _:
                documents.append(manifest(name, namespace))
    return documents


@pytest.mark.parametrize("flags", [(), ("-o", "yaml"), ("--dry-run=server",)])
def test_the_result_is_that_of_one_by_one(
    cubectl: CommandLine, namespace: str, flags: tuple[str, ...]
) -> None:
    """The same objects, the same lines in the same order on both streams, the same code."""
    other = f"{namespace}-b"
    assert create(cubectl, [manifest(other, "", kind="Namespace")]).code == 0
    one = create(cubectl, mixed(namespace), "--parallel=1", *flags)
    many = create(cubectl, mixed(other), *flags)

    def alike(text: str) -> list[str]:
        varying = ("uid:", "resourceVersion:", "creationTimestamp:")
        lines = text.replace(other, namespace).splitlines()
        return [line for line in lines if not line.strip().startswith(varying)]

    assert many.code == one.code == 1
    assert alike(many.out) == alike(one.out)
    assert alike(many.err) == alike(one.err)
    assert len(one.err.splitlines()) >= 30


def test_what_depends_on_something_comes_after_it(cubectl: CommandLine, namespace: str) -> None:
    """A namespace and what lives in it, and an object that did not have its namespace yet."""
    new = f"{namespace}-new"
    before = [manifest(f"early{number}", new) for number in range(20)]
    after = [manifest(f"late{number}", new) for number in range(20)]
    done = create(cubectl, [*before, manifest(new, "", kind="Namespace"), *after])
    lines = done.out.splitlines()
    assert lines[0] == f"namespace/{new} created"
    assert lines[1:] == [f"configmap/late{number} created" for number in range(20)]
    assert done.err.count(f'namespaces "{new}" not found') == 20


def test_deleting_many_is_that_of_one_by_one(cubectl: CommandLine, namespace: str) -> None:
    """Lines in the input's order, by file and by name, each missing object with its error."""
    documents = [manifest(f"n{number}", namespace) for number in range(60)]
    assert create(cubectl, documents[::2]).code == 0
    text = "".join(documents[:40]).encode()
    done = cubectl("delete", "-f", "-", stdin=text)
    assert done.out.splitlines() == [f'configmap "n{n}" deleted' for n in range(0, 40, 2)]
    assert [line.split('"')[-2] for line in done.err.splitlines()] == [
        f"n{number}" for number in range(1, 40, 2)
    ]
    names = [f"n{number}" for number in range(40, 60)]
    done = cubectl("delete", "cm", *names, "-n", namespace)
    assert done.out.splitlines() == [f'configmap "n{n}" deleted' for n in range(40, 60, 2)]
    assert done.err.count("not found") == 10


@pytest.mark.parametrize("number", ["0", "-1"])
def test_no_object_at_a_time_is_refused(cubectl: CommandLine, number: str) -> None:
    """There must be at least one."""
    done = create(cubectl, [manifest("x", "")], f"--parallel={number}")
    assert (done.code, done.out) == (1, "")
    assert done.err == f"error: --parallel must be at least 1, not {number}\n"


@pytest.mark.parametrize("command", ["create", "apply"])
def test_an_interrupted_command_tells_what_was_done(
    server: str, cubectl: CommandLine, namespace: str, tmp_path: Path, command: str
) -> None:
    """Every object that exists has its line, no line lies, and there is no traceback."""
    file = tmp_path / "many.yaml"
    file.write_text("".join(manifest(f"n{number}", namespace) for number in range(20_000)))
    process = subprocess.Popen(
        [*CUBECTL, command, "-f", str(file)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environ(server),
        bufsize=0,
    )
    assert process.stdout is not None
    first = os.read(process.stdout.fileno(), 100)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (130, b"")
    told = {line.split()[0] for line in (first + out).decode().splitlines()}
    listed = cubectl("get", "cm", "-n", namespace, "-o", "name")
    assert told == set(listed.out.split())
    assert 0 < len(told) < 20_000


def test_an_interrupted_command_tells_what_went_wrong(
    server: str, cubectl: CommandLine, namespace: str, tmp_path: Path
) -> None:
    """The errors that were waiting for the end are not lost with it."""
    file = tmp_path / "many.yaml"
    again = manifest("n0", namespace)
    assert cubectl("create", "-f", "-", stdin=again.encode()).code == 0
    rest = "".join(manifest(f"n{number}", namespace) for number in range(1, 20_000))
    file.write_text(again + rest)
    process = subprocess.Popen(
        [*CUBECTL, "create", "-f", str(file)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environ(server),
        bufsize=0,
    )
    assert process.stdout is not None
    # What is printed tells of objects behind the one that failed.
    assert os.read(process.stdout.fileno(), 100)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert err.decode() == (
        f'Error from server (AlreadyExists): error when creating "{file}": '
        'configmaps "n0" already exists\n'
    )


def test_a_command_that_waits_for_its_input_can_be_interrupted(server: str) -> None:
    """At once, although nobody ever writes to the pipe."""
    reader, writer = os.pipe()
    process = subprocess.Popen(
        [*CUBECTL, "create", "-f", "-", "--trace"],
        stdin=reader,
        stderr=subprocess.PIPE,
        env=environ(server),
        bufsize=0,
    )
    assert process.stderr is not None
    seen = b""
    while b"StreamVisitor" not in seen:
        seen += os.read(process.stderr.fileno(), 4096)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    os.close(reader)
    os.close(writer)
    assert process.returncode == 130
    assert b"Traceback" not in err


def test_a_closed_pipe_ends_the_work(server: str, namespace: str, tmp_path: Path) -> None:
    """Nobody reads on, so nothing more is created, and nothing is said."""
    file = tmp_path / "many.yaml"
    file.write_text("".join(manifest(f"n{number}", namespace) for number in range(20_000)))
    process = subprocess.Popen(
        [*CUBECTL, "create", "-f", str(file)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environ(server),
        bufsize=0,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    os.read(process.stdout.fileno(), 100)
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(timeout=30) == 141


_MEASURED = """
import os, resource, sys
from protocube_client.cli import main
def leave(code):
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
    sys.exit(code)
os._exit = leave
main.main()
"""


def test_memory_does_not_grow_with_the_number_of_documents(tmp_path: Path) -> None:
    """Thousands of documents in one file take little more than one does."""
    peaks = []
    for count in (1, 4000):
        file = tmp_path / f"{count}.yaml"
        file.write_text("".join(manifest(f"n{number}", "") for number in range(count)))
        done = subprocess.run(
            [sys.executable, "-c", _MEASURED, "create", "--dry-run=client", "-f", str(file)],
            capture_output=True,
            text=True,
            check=True,
        )
        assert len(done.stdout.splitlines()) == count
        peaks.append(int(done.stderr))
    assert peaks[1] - peaks[0] < 10 * 1024


def test_a_quota_behind_an_object_does_not_bound_it(cubectl: CommandLine, namespace: str) -> None:
    """As if the documents had been sent one by one; the next object feels it."""
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: %s}\nspec: {containers: [%s]}\n"
    container = "{name: c, image: i}"
    quota = "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: q}\nspec: {hard: {cpu: 1}}\n"
    text = "---\n".join([pod % ("a", container), quota, pod % ("b", container)])
    done = cubectl("-n", namespace, "create", "-f", "-", stdin=text.encode())
    assert done.out == "pod/a created\nresourcequota/q created\n"
    assert 'pods "b" is forbidden' in done.err
