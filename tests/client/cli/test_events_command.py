"""``cubectl events``: which events, in which order, and as what."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from protocube.core.v1.event_pb2 import Event
from protocube_client.cli import event_rows
from tests.client.cli.test_process import environ

if TYPE_CHECKING:
    from tests.client.command_line import CommandLine

NOW = 1_800_000_000.0
EVENT = """
apiVersion: v1
kind: Event
metadata: {{name: {name}}}
involvedObject: {{kind: Pod, apiVersion: v1, namespace: {namespace}, name: {about}}}
reason: Tested
message: {name} happened
type: {type}
lastTimestamp: "{time}"
---
"""


def event(
    namespace: str, name: str, *, about: str = "web", grave: str = "Normal", minute: int = 0
) -> str:
    """Return the manifest of an event that happened at a minute of a day in 2026."""
    time = f"2026-01-01T00:{minute:02}:00Z"
    return EVENT.format(namespace=namespace, name=name, about=about, type=grave, time=time)


@pytest.fixture
def at(cubectl: CommandLine, namespace: str) -> tuple[str, ...]:
    """Provide ``-n`` with a namespace where the events c, a and b happened, in this order."""
    text = (
        event(namespace, "a", minute=2)
        + event(namespace, "b", about="api", grave="Warning", minute=3)
        + event(namespace, "c", minute=1)
    )
    done = cubectl("-n", namespace, "create", "-f", "-", stdin=text.encode())
    assert done.code == 0, done.err
    return ("-n", namespace)


def names(text: str) -> list[str]:
    """Return the names of the events in a table, which are the first words of the messages."""
    return re.findall(r"(\S+) happened", text)


def test_events_are_a_table_the_latest_last(cubectl: CommandLine, at: tuple[str, ...]) -> None:
    """When, how grave, why, about what, and what happened."""
    done = cubectl(*at, "events")
    assert done.out == (
        "LAST SEEN   TYPE      REASON   OBJECT    MESSAGE\n"
        "<unknown>   Normal    Tested   Pod/web   c happened\n"
        "<unknown>   Normal    Tested   Pod/web   a happened\n"
        "<unknown>   Warning   Tested   Pod/api   b happened\n"
    )


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (("--types=Warning",), ["b"]),
        (("--types=normal,warning",), ["c", "a", "b"]),
        (("--for=pod/web",), ["c", "a"]),
        (("--for=po/api", "--types=Normal"), []),
        (("--chunk-size=1",), ["c", "a", "b"]),
    ],
)
def test_events_can_be_chosen(
    cubectl: CommandLine, at: tuple[str, ...], flags: tuple[str, ...], expected: list[str]
) -> None:
    """By type, and by the object that they are about."""
    done = cubectl(*at, "events", "--no-headers", *flags)
    assert names(done.out) == expected
    assert done.err == ("" if expected else f"No events found in {at[1]} namespace.\n")


def test_all_namespaces_are_a_column(cubectl: CommandLine, at: tuple[str, ...]) -> None:
    """It comes first."""
    out = cubectl("events", "-A").out
    assert out.startswith("NAMESPACE ")
    assert re.search(
        rf"^{at[1]} +<unknown> +Normal +Tested +Pod/web +a happened$", out, re.MULTILINE
    )


def test_events_are_one_list(cubectl: CommandLine, at: tuple[str, ...]) -> None:
    """Of a kind of its own, as kubectl prints it; names stand alone."""
    text = cubectl(*at, "events", "-o", "yaml").out
    assert text.startswith("apiVersion: v1\nitems:\n- apiVersion: v1\n")
    assert text.endswith("kind: EventList\nmetadata: {}\n")
    shown = cubectl(*at, "events", "-o", "json").out
    assert shown.startswith('{\n    "kind": "EventList",\n    "apiVersion": "v1",\n')
    found = cubectl(*at, "events", "-o", "jsonpath={.items[*].metadata.name}").out
    assert found == "c a b"
    assert cubectl(*at, "events", "-o", "name").out == "event/c\nevent/a\nevent/b\n"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("--for=pod", "error: --for must be in resource/name form"),
        ("--for=a/b/c", "error: arguments in resource/name form may not have more than one slash"),
        ("--for=widget/x", 'the server doesn\'t have a resource type "widget"'),
        ("--for=widget.a.b/x", 'the server doesn\'t have a resource type "widget" in group "a.b"'),
        ("--types=Grave", "error: valid --types are Normal or Warning"),
        ("pod/web", "error: unexpected arguments: [pod/web]"),
    ],
)
def test_what_cannot_be_meant_is_told(cubectl: CommandLine, arguments: str, told: str) -> None:
    """In kubectl's words, but for arguments, which kubectl passes over."""
    done = cubectl("events", *arguments.split())
    assert (done.code, done.err.splitlines()[0]) == (1, told)


def test_a_watch_goes_on(server: str, cubectl: CommandLine, at: tuple[str, ...]) -> None:
    """First what there is, in its order, then what happens; an interrupt ends it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "protocube_client", *at, "events", "-w", "--types=Normal"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environ(server),
        text=True,
    )
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(3)]
    assert names("".join(lines)) == ["c", "a"]
    more = event(at[1], "d", grave="Warning") + event(at[1], "e")
    assert cubectl(*at, "create", "-f", "-", stdin=more.encode()).code == 0
    assert names(process.stdout.readline()) == ["e"]
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (130, "")


def test_a_watch_ends_with_its_time(cubectl: CommandLine, at: tuple[str, ...]) -> None:
    """As kubectl's, which is one request; that is no failure."""
    done = cubectl(*at, "events", "--watch", "--request-timeout=1s", "--no-headers")
    assert (done.code, done.err) == (0, "")
    assert names(done.out) == ["c", "a", "b"]


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({}, "<unknown>"),
        ({"first_timestamp": 10}, "10s"),
        ({"event_time": 20, "first_timestamp": 10}, "20s"),
        ({"first_timestamp": 90, "last_timestamp": 5, "count": 1}, "90s"),
        ({"first_timestamp": 90, "last_timestamp": 5, "count": 3}, "5s (x3 over 90s)"),
    ],
)
def test_an_interval_tells_of_repetitions(fields: dict[str, int], shown: str) -> None:
    """How long ago the last was, how many there were, and since when."""
    found = Event(count=fields.pop("count", 0))
    for name, ago in fields.items():
        getattr(found, name).seconds = int(NOW) - ago
    assert event_rows.interval(found, NOW) == shown


def test_a_series_counts_instead() -> None:
    """It has a count and a last time of its own, by which it is sorted, too."""
    series, single = Event(), Event()
    series.event_time.seconds = int(NOW) - 100
    series.series.count = 7
    series.series.last_observed_time.seconds = int(NOW) - 2
    single.event_time.seconds = int(NOW) - 50
    assert event_rows.interval(series, NOW) == "2s (x7 over 100s)"
    assert event_rows.in_order([series, single]) == [single, series]


def test_documents_of_a_watch_are_told_apart(
    server: str, cubectl: CommandLine, at: tuple[str, ...]
) -> None:
    """What happens later is another document."""
    process = subprocess.Popen(
        [sys.executable, "-m", "protocube_client", *at, "events", "-w", "-o", "yaml"],
        stdout=subprocess.PIPE,
        env=environ(server),
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "apiVersion: v1\n"
    assert cubectl(*at, "create", "-f", "-", stdin=event(at[1], "d").encode()).code == 0
    names: list[str] = []
    marks = 0
    while names[-1:] != ["d"]:
        line = process.stdout.readline().strip()
        marks += line == "---"
        names += [line.removeprefix("name: ")] if line in (f"name: {n}" for n in "abcd") else []
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert marks == len(names) - 1
