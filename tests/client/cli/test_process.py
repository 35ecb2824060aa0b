"""``cubectl`` as a process: how it starts, and how it ends when it is not left to finish."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.client.command_line import CommandLine

CUBECTL = [sys.executable, "-m", "protocube_client"]
HEAVY = ("asyncio", "google.protobuf", "grpc", "yaml")


def environ(server: str) -> dict[str, str]:
    """Return the environment of a user of ``server``."""
    return {**os.environ, "PROTOCUBE_SERVER": server}


def imported(*args: str) -> set[str]:
    """Return the modules that a command imports."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "protocube_client", *args],
        capture_output=True,
        text=True,
        check=True,
    )
    return {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}


def test_the_version_needs_nothing_heavy() -> None:
    """Neither gRPC nor protobuf, YAML or asyncio is imported to print the client's version."""
    modules = imported("version", "--client")
    assert not [name for name in HEAVY if name in modules]


def test_help_needs_nothing_heavy() -> None:
    """Help comes at once, for every command."""
    for command in ("create", "get", "delete", "describe", "wait", "api-resources", "version"):
        modules = imported(command, "--help")
        assert not [name for name in HEAVY if name in modules]


def test_a_closed_pipe_is_quiet(server: str, cubectl: CommandLine, namespace: str) -> None:
    """When the reader goes away the command ends without a word."""
    manifest = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a, namespace: {namespace}}}\n"
    assert cubectl("create", "-f", "-", stdin=manifest.encode()).code == 0
    reader, writer = os.pipe()
    os.close(reader)
    process = subprocess.Popen(
        [*CUBECTL, "get", "cm", "-n", namespace],
        stdout=writer,
        stderr=subprocess.PIPE,
        env=environ(server),
        text=True,
    )
    os.close(writer)
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (141, "")


def test_an_interrupted_watch_ends_quietly(
    server: str, cubectl: CommandLine, namespace: str
) -> None:
    """Ctrl-C ends a watch with exit code 130; what was printed until then is complete."""
    process = subprocess.Popen(
        [*CUBECTL, "get", "cm", "-n", namespace, "--watch", "--output-watch-events"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environ(server),
        text=True,
    )
    assert process.stdout is not None
    manifest = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a, namespace: {namespace}}}\n"
    assert cubectl("create", "-f", "-", stdin=manifest.encode()).code == 0
    assert process.stdout.readline().split() == ["EVENT", "NAME", "DATA", "AGE"]
    assert process.stdout.readline().split()[:2] == ["ADDED", "a"]
    assert cubectl("delete", "cm", "a", "-n", namespace).code == 0
    assert process.stdout.readline().split()[:2] == ["DELETED", "a"]
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, "", "")


def test_a_watch_stays_readable_on_a_terminal(
    server: str, cubectl: CommandLine, namespace: str
) -> None:
    """No line is longer than the terminal is wide, and wider columns have their headings."""
    near, far = pty.openpty()
    process = subprocess.Popen(
        [*CUBECTL, "get", "cm", "-n", namespace, "--watch", "--show-labels"],
        stdout=far,
        stderr=subprocess.PIPE,
        env={**environ(server), "COLUMNS": "30"},
    )
    os.close(far)
    with os.fdopen(near) as screen:
        assert cubectl("create", "cm", "a", "-n", namespace).code == 0
        assert screen.readline().split() == ["NAME", "DATA", "AGE", "LABELS"]
        assert screen.readline().split()[0] == "a"
        assert cubectl("create", "cm", "a-longer-name", "-n", namespace).code == 0
        assert screen.readline() == "NAME            DATA   AGE   …\n"
        assert screen.readline().startswith("a-longer-name   0      ")
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (130, b"")


@pytest.mark.parametrize("locale", ["C", "POSIX", "en_US.ISO-8859-1"])
def test_output_is_utf8_whatever_the_locale_says(locale: str) -> None:
    """Names and data come out as they went in."""
    done = subprocess.run(
        [*CUBECTL, "create", "-f", "-", "--dry-run=client", "-o", "yaml"],
        input="apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {o: é 日本}\n".encode(),
        capture_output=True,
        check=True,
        env={**os.environ, "LC_ALL": locale},
    )
    assert "  o: é 日本\n" in done.stdout.decode()


def test_events_can_be_documents(server: str, cubectl: CommandLine, namespace: str) -> None:
    """JSON is a line an event, its type first; one watched object comes first as it is."""
    manifest = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a, namespace: {namespace}}}\n"
    assert cubectl("create", "-f", "-", stdin=manifest.encode()).code == 0
    process = subprocess.Popen(
        [*CUBECTL, "get", "cm", "a", "-n", namespace, "-w", "--output-watch-events", "-o", "json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environ(server),
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith(
        '{"type":"ADDED","object":{"apiVersion":"v1","kind":"ConfigMap",'
    )
    assert cubectl("delete", "cm", "a", "-n", namespace).code == 0
    assert process.stdout.readline().startswith('{"type":"DELETED","object":')
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 130
