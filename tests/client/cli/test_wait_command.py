"""``cubectl wait``: what it waits for, how long, and what it says."""

from __future__ import annotations

import asyncio
import os
import pty
import sys
from typing import TYPE_CHECKING, Any

import pytest

from protocube.tables.jsonpath.parser import TemplateError
from protocube_client.cli.commands.wait import conditions
from protocube_client.cli.commands.wait.conditions import PathCondition, StatusCondition
from protocube_client.cli.failures import CommandError
from tests.client.command_line import CommandLine
from tests.relay import Relay

if TYPE_CHECKING:
    from pathlib import Path

PATIENCE = 20
"""Seconds after which a test that waits has failed."""
READY = '{"status": {"conditions": [{"type": "Ready", "status": "True"}]}}'
NOW = "--timeout=0"
SOON = "--timeout=50ms"

# A program at a terminal of its own, so that Ctrl-C is a signal to it.
AT_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.executable, [sys.executable, "-m", "protocube_client", *sys.argv[1:]])
"""


@pytest.fixture
def at(cubectl: CommandLine, namespace: str) -> tuple[str, ...]:
    """Provide ``-n`` with a namespace that has the pod and the ConfigMap ``web``."""
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: web, labels: {app: web}}\n"
    spec = "spec: {containers: [{name: c, image: web:1}]}\n"
    flags = ("-n", namespace)
    assert cubectl(*flags, "create", "-f", "-", stdin=(pod + spec).encode()).code == 0
    assert cubectl(*flags, "create", "configmap", "web").code == 0
    return flags


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", 'unrecognized condition: ""'),
        ("sometime", 'unrecognized condition: "sometime"'),
        ("create=x", 'unrecognized condition: "create=x"'),
        ("jsonpath=", "jsonpath expression cannot be empty"),
        ("jsonpath={.a}=", "jsonpath wait has to have a value after equal sign, "),
        ("jsonpath={.a}=b=c", "jsonpath wait format must be --for=jsonpath="),
        ("jsonpath={.a", "unexpected path string, expected a 'name1.name2' "),
    ],
)
def test_what_cannot_be_meant_is_told(text: str, told: str) -> None:
    """In kubectl's words."""
    with pytest.raises((CommandError, TemplateError)) as raised:
        conditions.parse(text)
    assert str(raised.value).startswith(told)


def condition(**more: Any) -> dict[str, Any]:
    """Return an object of generation 2 that is ready, with more in that condition."""
    ready = {"type": "Ready", "status": "True", **more}
    other = {"type": "Other", "status": "False"}
    return {"metadata": {"generation": 2}, "status": {"conditions": [other, ready]}}


@pytest.mark.parametrize(
    ("wanted", "data", "holds"),
    [
        ("condition=Ready", condition(), True),
        ("condition=ready=TRUE", condition(), True),
        ("condition=Ready=false", condition(), False),
        ("condition=Ready", {"metadata": {}}, False),
        ("condition=Ready", condition(observedGeneration=1), False),
        ("condition=Ready", condition(observedGeneration=2), True),
        ("jsonpath={.metadata.generation}=2", condition(), True),
        ("jsonpath=metadata.generation='2'", condition(), True),
        ("jsonpath={.metadata.generation}=3", condition(), False),
        ("jsonpath={.status.conditions}", condition(), True),
        ("jsonpath={.status.none}", condition(), False),
        ('jsonpath={.status.conditions[?(@.type=="Ready")].status}=True', condition(), True),
    ],
)
def test_an_object_is_as_it_should_be_or_not(
    wanted: str, data: dict[str, Any], *, holds: bool
) -> None:
    """A condition that is of an older generation counts for nothing."""
    parsed = conditions.parse(wanted)
    assert isinstance(parsed, StatusCondition | PathCondition)
    assert parsed.holds(data) is holds


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("{.status.conditions}=x", "jsonpath leads to a nested object or list"),
        ("{.status.conditions[*].type}=x", "given jsonpath expression matches more than one value"),
        ("{.status}{.metadata}", None),
    ],
)
def test_a_path_leads_to_one_value(path: str, told: str | None) -> None:
    """What leads to several, or to none that can be compared, is an error."""
    if told is None:
        with pytest.raises(TemplateError):
            conditions.parse(f"jsonpath={path}")
        return
    parsed = conditions.parse(f"jsonpath={path}")
    assert isinstance(parsed, PathCondition)
    with pytest.raises(CommandError, match=told):
        parsed.holds(condition())


@pytest.mark.parametrize(
    ("wanted", "kind", "done"),
    [
        ("condition=Ready", "pod", ("patch", "pod", "web", "--subresource=status", "-p", READY)),
        ("jsonpath={.data.k}=v", "configmap", ("patch", "cm", "web", "-p", '{"data":{"k":"v"}}')),
        ("delete", "configmap", ("delete", "cm", "web")),
    ],
)
async def test_a_wait_ends_with_what_it_waits_for(
    cubectl: CommandLine, server: str, at: tuple[str, ...], wanted: str, kind: str, done: Any
) -> None:
    """By a watch, which goes on where it was after a lost connection."""
    async with Relay(server) as relay, asyncio.timeout(PATIENCE):
        relay.hold_answers_after(b"metadata.name=web")
        other = CommandLine(environ={**cubectl.environ, "PROTOCUBE_SERVER": relay.address})
        waiting = asyncio.create_task(
            asyncio.to_thread(other, *at, "wait", f"{kind}/web", f"--for={wanted}")
        )
        await relay.asked.wait()
        assert (await asyncio.to_thread(cubectl, *at, *done)).code == 0
        assert not waiting.done()
        relay.give_answers()
        relay.cut()
        ended = await waiting
    assert (ended.out, ended.err) == (f"{kind}/web condition met\n", "")


async def test_a_wait_for_an_object_ends_with_its_creation(
    cubectl: CommandLine, at: tuple[str, ...]
) -> None:
    """Whether it is there already or not."""
    async with asyncio.timeout(PATIENCE):
        waiting = asyncio.create_task(
            asyncio.to_thread(cubectl, *at, "wait", "secret/web", "--for=create")
        )
        created = await asyncio.to_thread(cubectl, *at, "create", "secret", "generic", "web")
        assert created.code == 0
        assert (await waiting).out == "secret/web condition met\n"


@pytest.mark.parametrize(
    ("arguments", "out", "err"),
    [
        (f"pod/web --for=condition=Ready {NOW}", "", "condition not met for pods/web"),
        (f"pod/web --for=delete {NOW}", "", "condition not met for pods/web"),
        (
            f"pod/web --for=condition=Ready {SOON}",
            "",
            "timed out waiting for the condition on pods/web",
        ),
        (
            f"pod/web --for=jsonpath=.status.podIP {SOON}",
            "",
            "timed out waiting for the condition on pods/web",
        ),
        (f"pod/web --for=delete {SOON}", "", "timed out waiting for the condition on pods/web"),
        (f"secret/web --for=create {SOON}", "", "timed out waiting for the condition"),
        (f"secret/web --for=create {NOW}", "", "timed out waiting for the condition"),
        ("secret --all --for=create", "", "no matching resources found"),
        ("pod -l app=none --for=condition=Ready", "", "no matching resources found"),
        ("secret/web --for=delete", "", ""),
        ("pod -l app=none --for=delete", "", ""),
        (f"cm/web pod/web --for=create {NOW}", "configmap/web condition met\npod/web", ""),
        (f"pods -l app=web --for=jsonpath=.metadata.name=web {NOW}", "pod/web condition met", ""),
        ("pods --all --for=jsonpath=.metadata.name -o name", "pod/web\n", ""),
        ("widget/x --for=delete", "", 'the server doesn\'t have a resource type "widget"'),
        ("--for=delete", "", "You must provide one or more resources by argument or filename."),
        ("pods --for=delete", "", "resource(s) were provided, but no name was specified"),
        ("pod/web --for=delete --local", "", "--local is not supported: "),
    ],
)
def test_what_comes_of_it_is_told(
    cubectl: CommandLine, at: tuple[str, ...], arguments: str, out: str, err: str
) -> None:
    """In kubectl's words; only a failure has an error."""
    done = cubectl(*at, "wait", *arguments.split())
    assert done.out.startswith(out)
    assert bool(done.out) == bool(out)
    assert done.err.startswith(f"error: {err}" if err else "")
    assert done.code == (1 if err else 0)


def test_every_object_is_waited_for(cubectl: CommandLine, at: tuple[str, ...]) -> None:
    """One that is not there, or that is late, does not keep the others from being told."""
    wanted = "--for=jsonpath={.kind}=ConfigMap"
    done = cubectl(*at, "wait", "pod/web", "cm/none", "cm/web", wanted, SOON)
    assert (done.code, done.out) == (1, "configmap/web condition met\n")
    assert done.err == (
        "timed out waiting for the condition on pods/web\n"
        'Error from server (NotFound): configmaps "none" not found\n'
    )


@pytest.mark.parametrize("wanted", ["create", "jsonpath={.data.k}=here"])
def test_objects_of_files_are_looked_up(
    cubectl: CommandLine, at: tuple[str, ...], wanted: str, tmp_path: Path
) -> None:
    """What the file says of them does not count; standard input is read once."""
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {k: %s}\n"
    file = tmp_path / "web.yaml"
    file.write_text(text % "there")
    assert cubectl(*at, "replace", "-f", "-", stdin=(text % "here").encode()).code == 0
    for name in (str(file), "-"):
        done = cubectl(*at, "wait", "-f", name, f"--for={wanted}", NOW, stdin=file.read_bytes())
        assert (done.out, done.err) == ("configmap/web condition met\n", "")


async def test_an_interrupt_ends_a_wait(server: str, at: tuple[str, ...]) -> None:
    """Ctrl-C at a terminal: exit code 130, and not a word but what the terminal echoes."""
    near, far = pty.openpty()
    async with Relay(server) as relay, asyncio.timeout(PATIENCE):
        relay.hold_answers_after(b"metadata.name=web")
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", AT_TERMINAL, *at, "wait", "cm/web", "--for=delete"),
            stdin=far,
            stdout=far,
            stderr=far,
            env={**os.environ, "PROTOCUBE_SERVER": relay.address},
            start_new_session=True,
        )
        await relay.asked.wait()
        os.write(near, b"\x03")
        code = await process.wait()
    shown = os.read(near, 1000)
    os.close(near)
    os.close(far)
    assert (code, shown) == (130, b"^C")
