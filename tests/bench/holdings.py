"""What a server needs to start and to hold objects, and how it lists them all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.bench import calls, rows
from tests.bench.figures import ECHO, ETCD, SERVED, SQLITE
from tests.bench.objects import CONFIG_MAP
from tests.bench.step import Setting, Step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bench.subjects import Subject


def steps() -> Iterator[Step]:
    """Yield the steps; they follow each other on a store that holds nothing before."""
    yield Step(row=rows.PROCESS, subjects=(ETCD, SQLITE, ECHO), measure=_started, loads=False)
    yield Step(row=rows.LIST, subjects=SERVED, measure=_list)
    yield Step(row=rows.MOST, subjects=(ETCD, SQLITE), measure=_most, once=True)


def _started(setting: Setting, subject: Subject) -> None:
    values = {"ready": subject.ready, "idle": subject.resident()}
    setting.results.add(rows.PROCESS, subject.name, values)


def _list(setting: Setting, subject: Subject) -> None:
    if subject.name != ECHO:
        calls.fill(setting, subject, "held", setting.objects)
    found = setting.load.run("list", subject, CONFIG_MAP, objects=setting.objects)
    calls.require_success(found)
    listed = found["listed"]
    values = {
        "p50": found["milliseconds"]["p50"],
        "pages": listed["pages"],
        "megabytes": listed["bytes"] / 1e6,
        # Of a whole list.
        **{name: spent / 1000 for name, spent in found["cpu_us_per_call"].items()},
    }
    if subject.name != ECHO:
        values["objects"] = listed["objects"]
    setting.results.add(rows.LIST, subject.name, values)
    if subject.name in {ETCD, SQLITE}:
        setting.results.add(rows.PROCESS, subject.name, {"objects": subject.resident()})


def _most(setting: Setting, subject: Subject) -> None:
    if setting.most <= setting.objects:
        return
    calls.fill(setting, subject, "most", setting.most - setting.objects)
    found = setting.load.run("list", subject, CONFIG_MAP)
    calls.require_success(found)
    setting.results.add(rows.MOST, subject.name, {"memory": subject.resident()})
